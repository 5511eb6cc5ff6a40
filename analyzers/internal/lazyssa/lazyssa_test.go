package lazyssa

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/tools/go/analysis"
)

func passOf(t *testing.T, text string) *analysis.Pass {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "p.go", text, 0)
	require.NoError(t, err)
	info := &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{},
		Implicits: map[ast.Node]types.Object{}, Selections: map[*ast.SelectorExpr]*types.Selection{}, Scopes: map[ast.Node]*types.Scope{},
		Instances: map[*ast.Ident]types.Instance{}, FileVersions: map[*ast.File]string{},
	}
	pkg, err := (&types.Config{}).Check("example.com/p", fset, []*ast.File{file}, info)
	require.NoError(t, err)
	return &analysis.Pass{Fset: fset, Files: []*ast.File{file}, Pkg: pkg, TypesInfo: info}
}

func TestBuild(t *testing.T) {
	b := &Builder{pass: passOf(t, `package p
var v = func() int { return 1 }()
type T[E any] struct{ e E }
func (t T[E]) Get() E { return t.e }
func init() {}
func Map[A, B any](a []A, f func(A) B) (out []B) {
	for _, x := range a { out = append(out, f(x)) }
	return out
}
func use() []string { return Map([]int{1}, func(int) string { return "" }) }
`)}
	program, skipped := b.Build()
	require.Nil(t, skipped)
	var names []string
	for _, fn := range program.Funcs {
		names = append(names, fn.Name())
		assert.NotEmpty(t, fn.Blocks, fn.Name())
	}
	assert.Equal(t, []string{"Get", "init#1", "Map", "use", "use$1", "init$1"}, names)
	again, _ := b.Build()
	assert.Same(t, program, again)
}

func TestPanicIsSkipped(t *testing.T) {
	pass := passOf(t, "package p\nfunc f() {}")
	pass.TypesInfo = &types.Info{} // as if a driver had left it out
	program, skipped := (&Builder{pass: pass}).Build()
	assert.Nil(t, program)
	if assert.NotNil(t, skipped) {
		assert.Equal(t, "example.com/p", skipped.What)
		assert.True(t, skipped.Broken)
	}
}
