package ssaflow_test

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/tools/go/ssa"
	"golang.org/x/tools/go/ssa/ssautil"

	"github.com/tenantvet/tenantvet/analyzers/internal/lazyssa"
	"github.com/tenantvet/tenantvet/analyzers/internal/ssaflow"
)

const source = `package p

type store struct{ next *store }

func (*store) method(int) {}

type doer interface{ do(int) }

func first()  {}
func second() {}
func third()  {}

func generic[T any](T) {}

func called(s *store, d doer, f func(int)) {
	s.method(1)
	d.do(2)
	generic(3)
	f(4)
}

func branches(yes bool) {
	if yes {
		first()
	} else {
		second()
	}
	third()
}

func loop(n int) {
	for range n {
		first()
		second()
	}
	third()
}

func captures() func() {
	once, twice := 1, 2
	twice = 3
	held := &store{next: &store{}}
	return func() { print(&once, &twice, &held) }
}
`

// build returns the SSA form of the source.
func build(t *testing.T) *ssa.Package {
	t.Helper()
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "p.go", source, 0)
	require.NoError(t, err)
	pkg, _, err := ssautil.BuildPackage(&types.Config{Importer: importer.Default()}, fset, types.NewPackage("example.com/p", "p"), []*ast.File{file}, 0)
	require.NoError(t, err)
	return pkg
}

// callsOf returns the calls in a function, by the name of what they call.
func callsOf(t *testing.T, fn *ssa.Function) map[string]ssa.CallInstruction {
	t.Helper()
	named := map[string]ssa.CallInstruction{}
	for _, call := range ssaflow.Calls(&lazyssa.Program{Funcs: []*ssa.Function{fn}})[fn] {
		name := "a function value"
		if callee := ssaflow.Callee(call); callee != nil {
			name = callee.Name()
		}
		named[name] = call
	}
	return named
}

func TestCallee(t *testing.T) {
	fn := build(t).Func("called")
	calls := callsOf(t, fn)
	for name, receiver := range map[string]ssa.Value{"method": fn.Params[0], "do": fn.Params[1], "generic": nil, "a function value": nil} {
		require.Contains(t, calls, name)
		got, args := ssaflow.Receiver(calls[name])
		assert.Equal(t, receiver, got, name)
		assert.Len(t, args, 1, name)
	}
}

func TestOrder(t *testing.T) {
	pkg := build(t)
	for _, tc := range []struct {
		fn, a, b            string
		dominates, precedes bool
	}{
		{"branches", "first", "second", false, false},
		{"branches", "first", "third", false, true},
		{"branches", "third", "first", false, false},
		{"loop", "first", "second", true, true},
		{"loop", "second", "first", false, true},
		{"loop", "first", "third", false, true},
		{"loop", "third", "first", false, false},
	} {
		calls := callsOf(t, pkg.Func(tc.fn))
		a, b := calls[tc.a], calls[tc.b]
		assert.Equal(t, tc.dominates, ssaflow.Dominates(a, b), "%s dominates %s in %s", tc.a, tc.b, tc.fn)
		assert.Equal(t, tc.precedes, ssaflow.Precedes(a, b), "%s precedes %s in %s", tc.a, tc.b, tc.fn)
	}
	assert.False(t, ssaflow.Dominates(callsOf(t, pkg.Func("loop"))["first"], callsOf(t, pkg.Func("branches"))["third"]), "of another function")
}

func TestCaptured(t *testing.T) {
	fn := build(t).Func("captures")
	literal := fn.AnonFuncs[0]
	assert.Same(t, fn, ssaflow.Declared(literal))
	stored := map[string]ssa.Value{}
	for _, free := range literal.FreeVars {
		bound, closure := ssaflow.Binding(free)
		require.IsType(t, &ssa.Alloc{}, bound, free.Name())
		assert.Same(t, literal, ssaflow.Literal(closure))
		stored[free.Name()] = ssaflow.StoredOnce(bound.(*ssa.Alloc))
	}
	held, ok := stored["held"].(*ssa.Alloc)
	if assert.True(t, ok) {
		assert.Len(t, ssaflow.StoredInFields(held), 1)
	}
	if assert.NotNil(t, stored["once"]) {
		assert.Equal(t, "1:int", stored["once"].Name())
	}
	assert.Nil(t, stored["twice"])
}
