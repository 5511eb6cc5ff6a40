package models

import (
	"go/types"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/tools/go/packages"
)

// TestTableNamesWhatExists checks the entries of the libraries that this module depends on against
// the libraries themselves: the function is there, and its arguments are where the table says.
func TestTableNamesWhatExists(t *testing.T) {
	pkgs, err := packages.Load(&packages.Config{Mode: packages.NeedTypes | packages.NeedName | packages.NeedImports | packages.NeedDeps},
		sqlPkg, pgxV5, poolV5, pgxV5+"/pgconn")
	require.NoError(t, err)
	existing := map[string]*types.Func{}
	for _, pkg := range pkgs {
		require.Empty(t, pkg.Errors)
		scope := pkg.Types.Scope()
		for _, name := range scope.Names() {
			tn, ok := scope.Lookup(name).(*types.TypeName)
			if !ok {
				continue
			}
			methods := types.NewMethodSet(types.NewPointer(tn.Type()))
			if types.IsInterface(tn.Type()) {
				methods = types.NewMethodSet(tn.Type())
			}
			for m := range methods.Methods() {
				fn := m.Obj().(*types.Func)
				existing[fn.FullName()] = fn
			}
		}
	}
	checked := 0
	for name, sink := range table {
		if !strings.Contains(name, sqlPkg+".") && !strings.Contains(name, pgxV5) {
			continue
		}
		// The older major version has methods that the newer one dropped.
		if strings.HasSuffix(name, ".QueryFunc") {
			continue
		}
		fn := existing[name]
		if !assert.NotNil(t, fn, name) {
			continue
		}
		params := fn.Signature().Params()
		assert.True(t, isString(params.At(sink.Query).Type()), "%s: argument %d is the text", name, sink.Query)
		if sink.Context >= 0 {
			assert.True(t, IsContext(params.At(sink.Context).Type()), "%s: argument %d is the context", name, sink.Context)
		}
		if sink.Args >= 0 {
			assert.Equal(t, params.Len()-1, sink.Args, "%s: the bound values come last", name)
		}
		checked++
	}
	assert.Greater(t, checked, 25)
}

func TestByShape(t *testing.T) {
	const source = `package p
import "context"
type Result interface{ RowsAffected() int }
type DBTX interface {
	Exec(ctx context.Context, sql string, args ...any) (Result, error)
	Query(sql string, args ...any) (Result, error)
	Get(ctx context.Context, dest any, sql string, args ...any) error
	NamedExec(sql string, arg any) (Result, error)
	PrepareContext(ctx context.Context, sql string) (Result, error)
}
type Other interface {
	Exec(name string) error
	Get(key string) (string, bool)
	Query(ctx context.Context, id int, args ...any) error
	Select(ctx context.Context, names ...string) error
}
type concrete struct{}
func (concrete) Exec(ctx context.Context, sql string, args ...any) error { return nil }
`
	pkg := check(t, source)
	method := func(name, method string) *types.Func {
		o, _, _ := types.LookupFieldOrMethod(pkg.Scope().Lookup(name).Type(), true, pkg, method)
		return o.(*types.Func)
	}
	for name, want := range map[string]Sink{
		"Exec":           {Query: 1, Context: 0, Args: 2, Handle: Receiver},
		"Query":          {Query: 0, Context: None, Args: 1, Handle: Receiver},
		"Get":            {Query: 2, Context: 0, Args: 3, Handle: Receiver},
		"NamedExec":      {Query: 0, Context: None, Args: 1, Handle: Receiver, Named: true},
		"PrepareContext": {Query: 1, Context: 0, Args: None, Handle: Receiver, Prepares: true},
	} {
		got, ok := SinkOf(method("DBTX", name))
		assert.True(t, ok, name)
		assert.Equal(t, want, got, name)
	}
	for _, name := range []string{"Exec", "Get", "Query", "Select"} {
		_, ok := SinkOf(method("Other", name))
		assert.False(t, ok, name)
	}
	_, ok := SinkOf(method("concrete", "Exec"))
	assert.False(t, ok, "a method with a body is seen through, not modelled")

	assert.True(t, IsHandle(pkg.Scope().Lookup("DBTX").Type()))
	assert.False(t, IsHandle(pkg.Scope().Lookup("Other").Type()))
}
