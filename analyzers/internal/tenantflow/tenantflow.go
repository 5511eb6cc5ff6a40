// Package tenantflow follows tenant ids through SSA values: which values carry a tenant, and which
// are computed from one.
package tenantflow

import (
	"reflect"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"

	"github.com/tenantvet/tenantvet/analyzers/internal/lazyssa"
	"github.com/tenantvet/tenantvet/analyzers/internal/tvconfig"
)

// Analyzer computes the *Flow of a package.
var Analyzer = &analysis.Analyzer{
	Name:       "tenantvet_tenantflow",
	Doc:        "follow tenant ids through values",
	Run:        run,
	Requires:   []*analysis.Analyzer{tvconfig.Analyzer, lazyssa.Analyzer},
	ResultType: reflect.TypeFor[*Flow](),
	FactTypes:  []analysis.Fact{(*Result)(nil)},
}

// Flow answers questions about the values of one package.
type Flow struct {
	pass   *analysis.Pass
	config *tvconfig.Config
}

// Result is the fact that a function's results carry a tenant.
type Result struct {
	// Tenant says that the results derive from a tenant whatever the arguments are: from the
	// context, or from a field of the receiver.
	Tenant bool
	// Params are the parameters (receiver included) that the results derive from.
	Params []int
}

// AFact marks a fact.
func (*Result) AFact() {}

// IsTenant reports whether a value is a tenant id or something that the model says carries one: by
// the name of the parameter, variable or field, by its type, or as the result of an accessor.
func (f *Flow) IsTenant(v ssa.Value) bool { return false }

// Derives reports whether a value is computed from a tenant: some value that flows into it is one.
func (f *Flow) Derives(v ssa.Value) bool { return false }

func run(pass *analysis.Pass) (any, error) {
	return &Flow{pass: pass, config: pass.ResultOf[tvconfig.Analyzer].(*tvconfig.Config)}, nil
}
