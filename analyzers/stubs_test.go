package analyzers_test

import (
	"go/types"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/tools/go/packages"
)

// The fixtures run on stubs of the libraries. What a stub declares must be what the library declares,
// or the fixtures prove nothing.
func TestStubsAreReal(t *testing.T) {
	if testing.Short() {
		t.Skip("loads the real libraries")
	}
	real := map[string]*types.Package{}
	for _, p := range load(t, "testdata/models", true) {
		real[p.PkgPath] = p.Types
	}
	stubs, err := filepath.Glob("testdata/stubs/*/go.mod")
	require.NoError(t, err)
	require.NotEmpty(t, stubs)
	for _, mod := range stubs {
		for _, stub := range load(t, filepath.Dir(mod), false) {
			library := real[stub.PkgPath]
			if assert.NotNil(t, library, "testdata/models does not import %s", stub.PkgPath) {
				compare(t, stub.Types, library)
			}
		}
	}
}

// load type-checks the packages of a module, for real libraries with all that they import.
func load(t *testing.T, dir string, deps bool) []*packages.Package {
	config := &packages.Config{Dir: dir, Env: append(os.Environ(), "GOFLAGS=-mod=mod"),
		Mode: packages.NeedName | packages.NeedImports | packages.NeedTypes | packages.NeedTypesInfo | packages.NeedSyntax}
	pattern := "./..."
	if deps {
		download := exec.Command("go", "mod", "download")
		download.Dir = dir
		if out, err := download.CombinedOutput(); err != nil {
			t.Skipf("the real modules cannot be had: %v\n%s", err, out)
		}
		pattern = "."
		config.Env = os.Environ()
		config.Mode = packages.NeedName | packages.NeedImports | packages.NeedDeps | packages.NeedTypes | packages.NeedExportFile
	}
	loaded, err := packages.Load(config, pattern)
	require.NoError(t, err)
	if !deps {
		return loaded
	}
	var all []*packages.Package
	packages.Visit(loaded, nil, func(p *packages.Package) { all = append(all, p) })
	return all
}

// compare checks that all functions and methods of a stub exist in the library with the same types.
func compare(t *testing.T, stub, library *types.Package) {
	for _, name := range stub.Scope().Names() {
		object := stub.Scope().Lookup(name)
		if !object.Exported() {
			continue
		}
		real := library.Scope().Lookup(name)
		if !assert.NotNil(t, real, "%s.%s does not exist", stub.Path(), name) {
			continue
		}
		if fn, ok := object.(*types.Func); ok && real.Type() != nil {
			assert.Equal(t, typesOf(fn), typesOf(real), "%s.%s", stub.Path(), name)
		}
		if _, ok := object.(*types.TypeName); !ok {
			continue
		}
		for m := range methods(object.Type()) {
			if !m.Exported() {
				continue
			}
			found, _, _ := types.LookupFieldOrMethod(real.Type(), true, library, m.Name())
			if assert.NotNil(t, found, "%s.%s has no method %s", stub.Path(), name, m.Name()) {
				assert.Equal(t, typesOf(m), typesOf(found), "%s.%s.%s", stub.Path(), name, m.Name())
			}
		}
	}
}

// methods yields the methods that a type or a pointer to it has.
func methods(t types.Type) func(yield func(*types.Func) bool) {
	return func(yield func(*types.Func) bool) {
		if i, ok := t.Underlying().(*types.Interface); ok {
			i.Methods()(yield)
			return
		}
		for s := range types.NewMethodSet(types.NewPointer(t)).Methods() {
			if fn, ok := s.Obj().(*types.Func); ok && !yield(fn) {
				return
			}
		}
	}
}

// typesOf writes the types of a signature without the names of its parameters.
func typesOf(object types.Object) string {
	sig, ok := object.Type().(*types.Signature)
	if !ok {
		return object.Type().String()
	}
	list := func(tuple *types.Tuple) string {
		var parts []string
		for v := range tuple.Variables() {
			parts = append(parts, strings.ReplaceAll(types.TypeString(types.Unalias(v.Type()), (*types.Package).Name), "interface{}", "any"))
		}
		return strings.Join(parts, ", ")
	}
	params := list(sig.Params())
	if sig.Variadic() {
		params += " variadic"
	}
	return "(" + params + ") (" + list(sig.Results()) + ")"
}
