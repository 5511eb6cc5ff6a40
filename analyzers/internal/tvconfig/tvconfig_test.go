package tvconfig

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/tools/go/analysis"

	"github.com/tenantvet/tenantvet/project"
	"github.com/tenantvet/tenantvet/tenancy"
)

// passOf makes the pass of a package with one file at a path.
func passOf(t *testing.T, path string) *analysis.Pass {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, path, "package p", 0)
	require.NoError(t, err)
	return &analysis.Pass{Fset: fset, Files: []*ast.File{file}, Pkg: types.NewPackage("example.com/p", "p")}
}

func TestFirstParty(t *testing.T) {
	inModule := func(p *analysis.Pass, version string) *analysis.Pass {
		p.Module = &analysis.Module{Path: "example.com", Version: version}
		return p
	}
	for name, test := range map[string]struct {
		pass *analysis.Pass
		want bool
	}{
		"own module":        {inModule(passOf(t, "/src/app/p.go"), ""), true},
		"no module known":   {passOf(t, "/src/app/p.go"), true},
		"dependency":        {inModule(passOf(t, "/src/app/p.go"), "v1.0.0"), false},
		"module cache":      {passOf(t, "/home/u/go/pkg/mod/example.com@v1.0.0/p.go"), false},
		"vendored":          {passOf(t, "/src/app/vendor/example.com/p.go"), false},
		"standard library":  {passOf(t, filepath.Join(runtime.GOROOT(), "src/fmt/print.go")), false},
		"no files":          {&analysis.Pass{}, false},
		"a folder vendored": {passOf(t, "/src/vendored/p.go"), true},
	} {
		assert.Equal(t, test.want, firstParty(test.pass), name)
	}
}

func TestDeclarations(t *testing.T) {
	c := &Config{load: func() (*project.Project, error) {
		return &project.Project{Model: &tenancy.Model{Go: tenancy.Go{
			Scopers: []string{"(*example.com/app/tx.Runner).With"},
			CrossTenant: []tenancy.CrossTenant{
				{Name: "example.com/app/admin", Reason: "console"},
				{Name: "example.com/app/jobs/...", Reason: "jobs"},
				{Name: "example.com/app/billing.Rollup", Reason: "rollup"},
			},
		}}}, nil
	}}
	pkg := func(path string) *types.Package { return types.NewPackage(path, "p") }
	fn := func(path, name string) *types.Func {
		return types.NewFunc(token.NoPos, pkg(path), name, types.NewSignatureType(nil, nil, nil, nil, nil, false))
	}
	for path, want := range map[string]string{
		"example.com/app/admin": "console", "example.com/app/admin/sub": "", "example.com/app/jobs": "jobs",
		"example.com/app/jobs/daily": "jobs", "example.com/app/jobsearch": "", "example.com/app/billing": "",
	} {
		reason, ok := c.CrossTenant(pkg(path), nil)
		assert.Equal(t, want, reason, path)
		assert.Equal(t, want != "", ok, path)
	}
	_, ok := c.CrossTenant(pkg("example.com/app/billing"), fn("example.com/app/billing", "Rollup"))
	assert.True(t, ok)
	_, ok = c.CrossTenant(pkg("example.com/app/billing"), fn("example.com/app/billing", "Invoice"))
	assert.False(t, ok)

	assert.False(t, c.IsScoper(nil))
	assert.False(t, c.IsScoper(fn("example.com/app/tx", "With")))
	runner := types.NewNamed(types.NewTypeName(token.NoPos, pkg("example.com/app/tx"), "Runner", nil), types.NewStruct(nil, nil), nil)
	recv := types.NewVar(token.NoPos, runner.Obj().Pkg(), "r", types.NewPointer(runner))
	assert.True(t, c.IsScoper(types.NewFunc(token.NoPos, runner.Obj().Pkg(), "With", types.NewSignatureType(recv, nil, nil, nil, nil, false))))
}

// TestBrokenModel checks that every package of a repository gets the error of its model file.
func TestBrokenModel(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, tenancy.FileName), []byte("tenants: {}\n"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module example.com/p\n"), 0o600))
	for range 2 {
		result, err := run(passOf(t, filepath.Join(dir, "p.go")))
		require.NoError(t, err)
		c := result.(*Config)
		_, err = c.Project()
		assert.ErrorContains(t, err, tenancy.FileName+":1:1")
		assert.NotNil(t, c.Model(), "names are still asked for")
	}
}
