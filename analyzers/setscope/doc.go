// Package setscope reports statements that set the tenant of a database session in a way that does
// not hold, or holds for too long.
package setscope

import (
	"reflect"

	"golang.org/x/tools/go/analysis"

	"github.com/tenantvet/tenantvet/analyzers/internal/lazyssa"
	"github.com/tenantvet/tenantvet/analyzers/internal/sqlflow"
	"github.com/tenantvet/tenantvet/analyzers/internal/tvconfig"
	"github.com/tenantvet/tenantvet/finding"
)

const doc = `report SET statements that leave, lose or forge the tenant of a session

Row-level security reads the tenant from a setting of the session. It has to be set in the
transaction that runs the queries, for that transaction only, and from a bound value:

	tx, err := pool.Begin(ctx)
	_, err = tx.Exec(ctx, "SELECT set_config('app.tenant_id', $1, true)", tenantID)

The rules: set-not-local (SET on a pooled connection stays for the next user of the connection),
set-outside-transaction (SET LOCAL without a transaction has no effect), set-injection (the value is
pasted into the text), set-with-parameter (SET takes no bind parameters) and query-before-set (a
query on a protected table runs before the tenant is set).

The analyzer is silent about settings that carry no tenant, such as lock_timeout, about a session
SET in a pool's acquire hook whose release hook resets it, and about connections of one's own.`

// Analyzer reports how the tenant setting is set.
var Analyzer = &analysis.Analyzer{
	Name:       "setscope",
	Doc:        doc,
	URL:        "https://github.com/tenantvet/tenantvet/blob/main/docs/rules/set-not-local.md",
	Run:        run,
	Requires:   []*analysis.Analyzer{tvconfig.Analyzer, lazyssa.Analyzer, sqlflow.Analyzer},
	ResultType: reflect.TypeFor[*finding.Result](),
	FactTypes:  []analysis.Fact{(*effects)(nil)},
}
