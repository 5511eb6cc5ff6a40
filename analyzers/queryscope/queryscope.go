// Package queryscope reports SQL in Go code that reaches a tenant table without the tenant.
package queryscope

import (
	"reflect"

	"golang.org/x/tools/go/analysis"

	"github.com/tenantvet/tenantvet/analyzers/internal/reporting"
	"github.com/tenantvet/tenantvet/analyzers/internal/sqlflow"
	"github.com/tenantvet/tenantvet/analyzers/internal/tenantflow"
	"github.com/tenantvet/tenantvet/analyzers/internal/tvconfig"
	"github.com/tenantvet/tenantvet/finding"
)

// Analyzer reports queries and functions that leave the tenant out.
var Analyzer = &analysis.Analyzer{
	Name:       "queryscope",
	Doc:        "report SQL that reaches a tenant table without the tenant",
	Run:        run,
	Requires:   []*analysis.Analyzer{tvconfig.Analyzer, sqlflow.Analyzer, tenantflow.Analyzer},
	ResultType: reflect.TypeFor[*finding.Result](),
}

func run(pass *analysis.Pass) (any, error) {
	config := pass.ResultOf[tvconfig.Analyzer].(*tvconfig.Config)
	return reporting.New(pass, config).Finish(), nil
}
