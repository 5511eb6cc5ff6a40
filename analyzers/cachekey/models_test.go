package cachekey

import (
	"go/types"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/tools/go/packages"
)

// realPackages loads the libraries of testdata/models. They come from the Go module proxy or the
// module cache; without either the test has nothing to compare with.
func realPackages(t *testing.T) map[string]*packages.Package {
	const dir = "../testdata/models"
	download := exec.Command("go", "mod", "download")
	download.Dir, download.Env = dir, append(os.Environ(), "GOFLAGS=")
	if out, err := download.CombinedOutput(); err != nil {
		t.Skipf("the real modules cannot be had: %v\n%s", err, out)
	}
	loaded, err := packages.Load(&packages.Config{
		Dir: dir, Mode: packages.NeedName | packages.NeedImports | packages.NeedDeps | packages.NeedTypes | packages.NeedExportFile,
	}, ".")
	require.NoError(t, err)
	all := map[string]*packages.Package{}
	packages.Visit(loaded, nil, func(p *packages.Package) { all[p.PkgPath] = p })
	return all
}

// methodsOf returns the functions and methods of a package by name; types share names.
func methodsOf(pkg *types.Package) map[string][]*types.Func {
	methods := map[string][]*types.Func{}
	add := func(fn *types.Func) { methods[fn.Name()] = append(methods[fn.Name()], fn) }
	for _, name := range pkg.Scope().Names() {
		object, ok := pkg.Scope().Lookup(name).(*types.TypeName)
		if !ok {
			continue
		}
		for selection := range types.NewMethodSet(types.NewPointer(object.Type())).Methods() {
			add(selection.Obj().(*types.Func))
		}
		if i, ok := object.Type().Underlying().(*types.Interface); ok {
			for m := range i.Methods() {
				add(m)
			}
		}
	}
	return methods
}

func TestModelsAreReal(t *testing.T) {
	if testing.Short() {
		t.Skip("loads the real libraries")
	}
	real := realPackages(t)

	for _, row := range append(table, otterV2Rows()...) {
		found := map[string]bool{}
		for path, p := range real {
			if withoutMajor(path) != row.pkg {
				continue
			}
			methods := methodsOf(p.Types)
			for name := range strings.FieldsSeq(row.methods) {
				for _, fn := range methods[name] {
					s, ok := sinkOf(fn)
					if ok && s.use == row.use && s.keys[0] < fn.Signature().Params().Len() {
						found[name] = true
					}
				}
			}
		}
		for name := range strings.FieldsSeq(row.methods) {
			assert.True(t, found[name], "%s has no method %s with a key", row.pkg, name)
		}
	}

	count := func(path string) int {
		p := real[path]
		require.NotNil(t, p, path)
		seen := map[string]bool{}
		for name, fns := range methodsOf(p.Types) {
			for _, fn := range fns {
				if _, ok := sinkOf(fn); ok {
					seen[name] = true
				}
			}
		}
		return len(seen)
	}
	assert.Greater(t, count("github.com/redis/go-redis/v9"), 200, "commands with keys")
	assert.Greater(t, count("github.com/go-redis/redis/v8"), 100, "commands with keys")
	assert.Positive(t, count("github.com/redis/rueidis/internal/cmds"))
	assert.Positive(t, count("github.com/gomodule/redigo/redis"))
}

func otterV2Rows() []model {
	rows := make([]model, len(otterV2))
	for i, row := range otterV2 {
		row.pkg = "github.com/maypok86/otter"
		rows[i] = row
	}
	return rows
}
