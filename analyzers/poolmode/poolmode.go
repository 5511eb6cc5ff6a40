package poolmode

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/analysis"

	"github.com/tenantvet/tenantvet/analyzers/internal/models"
	"github.com/tenantvet/tenantvet/analyzers/internal/reporting"
	"github.com/tenantvet/tenantvet/analyzers/internal/tvconfig"
	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/project"
)

// checker analyses one package.
type checker struct {
	pass     *analysis.Pass
	reporter *reporting.Reporter
	// values are the places that give variables of the package the unsafe mode.
	values map[types.Object][]ast.Expr
	unsafe []*unsafeMode
	// pooler is where the package names a pooler, if it does.
	pooler *mention
}

// unsafeMode is a place that chooses the mode.
type unsafeMode struct {
	at token.Pos
	// subject says what is executed in the mode.
	subject string
	// fix is what to write in its place.
	fix string
	// pooled says that the connection string names a pooler itself.
	pooled bool
}

func run(pass *analysis.Pass) (any, error) {
	return reporting.Run(pass, "its query modes", func(r *reporting.Reporter, _ *tvconfig.Config, _ *project.Project) {
		c := &checker{pass: pass, reporter: r, values: map[types.Object][]ast.Expr{}}
		for _, file := range pass.Files {
			ast.Inspect(file, c.collect)
		}
		for _, file := range pass.Files {
			ast.Inspect(file, c.visit)
		}
		if len(c.unsafe) > 0 {
			c.findPooler()
			c.report()
		}
	})
}

// visit takes a node that chooses the mode; it returns whether to look further below.
func (c *checker) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.AssignStmt:
		for i, to := range n.Lhs {
			if field, ok := ast.Unparen(to).(*ast.SelectorExpr); ok && i < len(n.Rhs) && field.Sel.Name == defaultMode {
				c.chosen(n.Rhs[i], "every query of the connection")
			}
		}
	case *ast.KeyValueExpr:
		if field, ok := n.Key.(*ast.Ident); ok && field.Name == defaultMode {
			c.chosen(n.Value, "every query of the connection")
		}
	case *ast.CallExpr:
		c.call(n)
	case *ast.BasicLit:
		c.text(n)
	case *ast.BinaryExpr:
		return !c.text(n)
	}
	return true
}

// defaultMode is the field of pgx.ConnConfig.
const defaultMode = "DefaultQueryExecMode"

// call takes the mode as an argument of a query, and as a parameter put into a connection string.
func (c *checker) call(call *ast.CallExpr) {
	if len(call.Args) >= 2 {
		for i, arg := range call.Args[:len(call.Args)-1] {
			if c.stringOf(arg) == parameter && c.stringOf(call.Args[i+1]) == describeExec {
				c.unsafe = append(c.unsafe, &unsafeMode{at: call.Args[i+1].Pos(), subject: "every query of the connection", fix: `"exec"`})
			}
		}
	}
	fn, _ := c.callee(call).(*types.Func)
	sink, ok := models.SinkOf(fn)
	if !ok || sink.Args == models.None || c.inTransaction(call) {
		return
	}
	for i := sink.Args; i < len(call.Args); i++ {
		c.chosen(call.Args[i], "the query")
	}
}

func (c *checker) callee(call *ast.CallExpr) types.Object {
	switch fun := ast.Unparen(call.Fun).(type) {
	case *ast.SelectorExpr:
		return c.pass.TypesInfo.Uses[fun.Sel]
	case *ast.Ident:
		return c.pass.TypesInfo.Uses[fun]
	}
	return nil
}

// inTransaction reports whether a method is called on a transaction: a pooler keeps the session for all of it.
func (c *checker) inTransaction(call *ast.CallExpr) bool {
	method, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	return ok && models.KindOf(c.pass.TypesInfo.TypeOf(method.X)) == models.Tx
}

// chosen takes an expression that is the mode, or a variable that somewhere is given it.
func (c *checker) chosen(value ast.Expr, subject string) {
	at := value
	if name, ok := ast.Unparen(value).(*ast.Ident); ok {
		if i := slices.IndexFunc(c.values[c.pass.TypesInfo.Uses[name]], c.isUnsafe); i >= 0 {
			at = c.values[c.pass.TypesInfo.Uses[name]][i]
		}
	}
	known := func(u *unsafeMode) bool { return u.at == at.Pos() }
	if c.isUnsafe(at) && !slices.ContainsFunc(c.unsafe, known) {
		c.unsafe = append(c.unsafe, &unsafeMode{at: at.Pos(), subject: subject, fix: "pgx.QueryExecModeExec"})
	}
}

// collect notes which variables are given the mode.
func (c *checker) collect(n ast.Node) bool {
	give := func(to, value ast.Expr) {
		name, ok := to.(*ast.Ident)
		if !ok || !c.isUnsafe(value) {
			return
		}
		if v, ok := c.pass.TypesInfo.ObjectOf(name).(*types.Var); ok {
			c.values[v] = append(c.values[v], value)
		}
	}
	switch n := n.(type) {
	case *ast.AssignStmt:
		for i, value := range n.Rhs {
			if len(n.Lhs) == len(n.Rhs) {
				give(n.Lhs[i], value)
			}
		}
	case *ast.ValueSpec:
		for i, value := range n.Values {
			if len(n.Names) == len(n.Values) {
				give(n.Names[i], value)
			}
		}
	}
	return true
}

// isUnsafe reports whether an expression is the constant of the mode.
func (c *checker) isUnsafe(value ast.Expr) bool {
	known := c.pass.TypesInfo.Types[value]
	named, ok := types.Unalias(known.Type).(*types.Named)
	if !ok || known.Value == nil || named.Obj().Name() != "QueryExecMode" || named.Obj().Pkg() == nil {
		return false
	}
	mode, ok := named.Obj().Pkg().Scope().Lookup("QueryExecModeDescribeExec").(*types.Const)
	return ok && constant.Compare(mode.Val(), token.EQL, known.Value)
}

func (c *checker) report() {
	for _, u := range c.unsafe {
		f := finding.New("pool-exec-mode-unsafe", finding.Position{}, c.pass.Pkg.Name(),
			"%s is described in one round trip and executed in the next (describe_exec): a pooler in transaction mode runs another client's statement in its place and returns that client's rows", u.subject)
		switch {
		case c.pooler != nil:
			f.Related = append(f.Related, finding.Related{Position: c.reporter.Position(c.pooler.at), Message: "the pooler: " + c.pooler.text})
		case !u.pooled:
			f.Severity = finding.Warning // nothing here says that there is a pooler
		}
		f.Fix = &finding.Fix{Message: "take the mode exec, which needs one round trip", Code: u.fix}
		c.reporter.Report(u.at, f)
	}
}
