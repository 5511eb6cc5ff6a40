// Package poolmode reports ways of executing queries that a connection pooler mixes up between clients.
package poolmode

import (
	"reflect"

	"golang.org/x/tools/go/analysis"

	"github.com/tenantvet/tenantvet/analyzers/internal/tvconfig"
	"github.com/tenantvet/tenantvet/finding"
)

const doc = `report query modes that are unsafe behind a connection pooler

In the mode describe_exec, pgx describes a statement in one round trip and executes it in the next. A
pooler in transaction mode may give the session to another client in between, and what is then
executed is the statement that this client described:

	config.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeDescribeExec

The mode exec needs one round trip:

	config.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeExec

It is an error where the package names a pooler, and a warning where it does not. The analyzer is
silent about queries in a transaction, for which a pooler keeps the session, and about code that
merely knows the name of the mode, such as a table of all modes.`

// Analyzer reports query modes that are unsafe behind a pooler.
var Analyzer = &analysis.Analyzer{
	Name:       "poolmode",
	Doc:        doc,
	URL:        "https://github.com/tenantvet/tenantvet/blob/main/docs/rules/pool-exec-mode-unsafe.md",
	Run:        run,
	Requires:   []*analysis.Analyzer{tvconfig.Analyzer},
	ResultType: reflect.TypeFor[*finding.Result](),
}
