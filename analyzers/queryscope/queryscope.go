package queryscope

import (
	"go/types"
	"reflect"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"

	"github.com/tenantvet/tenantvet/analyzers/internal/lazyssa"
	"github.com/tenantvet/tenantvet/analyzers/internal/reporting"
	"github.com/tenantvet/tenantvet/analyzers/internal/sqlflow"
	"github.com/tenantvet/tenantvet/analyzers/internal/ssaflow"
	"github.com/tenantvet/tenantvet/analyzers/internal/tenantname"
	"github.com/tenantvet/tenantvet/analyzers/internal/tvconfig"
	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/project"
)

// Analyzer reports queries and functions that leave the tenant out.
var Analyzer = &analysis.Analyzer{
	Name:       "queryscope",
	Doc:        "report SQL that reaches a tenant table without the tenant",
	Run:        run,
	Requires:   []*analysis.Analyzer{tvconfig.Analyzer, lazyssa.Analyzer, sqlflow.Analyzer},
	ResultType: reflect.TypeFor[*finding.Result](),
	FactTypes:  []analysis.Fact{(*scopeFact)(nil), (*unscopedFact)(nil)},
}

// checker analyses one package.
type checker struct {
	pass     *analysis.Pass
	config   *tvconfig.Config
	names    *tenantname.Names
	reporter *reporting.Reporter
	flow     *sqlflow.Result
	program  *lazyssa.Program
	bases    *bases
	scopes   *scopes

	judged []*judgement
	// calls are the calls in each declared function, its literals included.
	calls map[*ssa.Function][]ssa.CallInstruction
	// callees are the functions of the package that it calls by name.
	callees map[*ssa.Function]bool
}

func run(pass *analysis.Pass) (any, error) {
	return reporting.Run(pass, "its queries", func(r *reporting.Reporter, config *tvconfig.Config, p *project.Project) {
		flow := pass.ResultOf[sqlflow.Analyzer].(*sqlflow.Result)
		c := &checker{
			pass: pass, config: config, names: config.Names(), reporter: r, flow: flow, bases: newBases(p),
		}
		for _, s := range flow.Skipped {
			r.Skipped(s)
		}
		if other := c.otherDatabase(); other != "" && len(flow.Calls) > 0 {
			r.Skipped(finding.Skipped{What: pass.Pkg.Path(), Reason: "its SQL goes to " + other + ", by the driver that it imports, and not to PostgreSQL"})
			return
		}
		if c.bases.tenants() && c.buildProgram() {
			r.IncludeGenerated()
			c.check()
		}
	})
}

// buildProgram sets the SSA form; it returns false when nothing in the package runs SQL, not even
// through a function of another package.
func (c *checker) buildProgram() bool {
	c.program = c.flow.Program
	if c.program == nil && c.callsSQL() {
		var skipped *finding.Skipped
		c.program, skipped = c.pass.ResultOf[lazyssa.Analyzer].(*lazyssa.Builder).Build()
		if skipped != nil {
			c.reporter.Skipped(*skipped)
		}
	}
	return c.program != nil
}

// callsSQL reports whether the package uses a function of another one that runs SQL.
func (c *checker) callsSQL() bool {
	for _, object := range c.pass.TypesInfo.Uses {
		fn, ok := object.(*types.Func)
		if !ok || fn.Pkg() == nil || fn.Pkg() == c.pass.Pkg {
			continue
		}
		if c.pass.ImportObjectFact(fn.Origin(), &unscopedFact{}) || c.pass.ImportObjectFact(fn.Origin(), &scopeFact{}) {
			return true
		}
	}
	return false
}

func (c *checker) check() {
	c.calls = ssaflow.Calls(c.program)
	c.callees = map[*ssa.Function]bool{}
	for _, calls := range c.calls {
		for _, instr := range calls {
			if callee := instr.Common().StaticCallee(); callee != nil {
				c.callees[ssaflow.Origin(callee)] = true
			}
		}
	}
	c.scopes = newScopes(c)
	for _, call := range c.flow.Calls {
		c.judged = append(c.judged, c.judge(call))
	}
	c.reportQueries()
	c.checkUnused()
}

// crossTenant reports whether the code of a function is declared as deliberately cross-tenant: by
// the model, by a directive on the function, on the package clause, or at the given call.
func (c *checker) crossTenant(fn *ssa.Function, instr ssa.CallInstruction) bool {
	owner := ssaflow.Declared(fn)
	if _, ok := c.config.CrossTenant(c.pass.Pkg, ssaflow.Object(owner)); ok {
		return true
	}
	if _, ok := c.reporter.CrossTenant(owner.Pos()); ok {
		return true
	}
	if instr != nil {
		if _, ok := c.reporter.CrossTenant(instr.Pos()); ok {
			return true
		}
	}
	for _, file := range c.pass.Files {
		if _, ok := c.reporter.CrossTenant(file.Name.Pos()); ok {
			return true
		}
	}
	return false
}
