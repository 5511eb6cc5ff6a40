package models

import (
	"go/types"
	"strings"

	"github.com/tenantvet/tenantvet/analyzers/internal/gotype"
)

// foreign are parts of the import paths of databases that are not PostgreSQL but whose handles have
// the same shape.
var foreign = []string{"clickhouse", "gocql", "cassandra", "bigquery", "neo4j", "spanner", "duckdb", "sqlite", "snowflake"}

// byShape recognises a method of a handle that no library of the table declares: sqlc's DBTX, the
// ReadTx of a house, an embedding of one of them. The name must be one of the verbs and the
// parameters (ctx, text, ...any) or (text, ...any), with an optional destination before the text
// for Get and Select.
func byShape(fn *types.Func) (Sink, bool) {
	sig := fn.Signature()
	if sig.Recv() == nil || !types.IsInterface(sig.Recv().Type()) {
		return Sink{}, false
	}
	verb := strings.TrimSuffix(fn.Name(), "Context")
	s := Sink{Query: 0, Context: None, Args: None, Handle: Receiver}
	into := false
	switch verb {
	case "Exec", "Query", "QueryRow", "Queryx", "QueryRowx", "MustExec":
	case "Get", "Select":
		into = true
	case "NamedExec", "NamedQuery":
		s.Named = true
	case "Prepare", "Preparex", "PrepareNamed":
		s.Prepares = true
	default:
		return Sink{}, false
	}
	params := sig.Params()
	if params.Len() > 0 && IsContext(params.At(0).Type()) {
		s.Context, s.Query = 0, 1
	}
	if into {
		if params.Len() <= s.Query || !isEmptyInterface(params.At(s.Query).Type()) {
			return Sink{}, false
		}
		s.Query++
	}
	if params.Len() <= s.Query || !isString(params.At(s.Query).Type()) {
		return Sink{}, false
	}
	switch rest := params.Len() - s.Query - 1; {
	case s.Prepares && rest == 0:
	case s.Named && rest == 1 && isEmptyInterface(params.At(s.Query+1).Type()):
		s.Args = s.Query + 1
	case !s.Named && !s.Prepares && rest == 1 && sig.Variadic() && isEmptyInterface(elem(params.At(s.Query+1).Type())):
		s.Args = s.Query + 1
	default:
		return Sink{}, false
	}
	if IsForeign(fn) {
		return Sink{}, false
	}
	return s, true
}

// IsForeign reports whether a method or one of its results belongs to another kind of database.
func IsForeign(fn *types.Func) bool {
	paths := []string{}
	if fn.Pkg() != nil {
		paths = append(paths, fn.Pkg().Path())
	}
	results := fn.Signature().Results()
	for i := range results.Len() {
		if named := gotype.Named(results.At(i).Type()); named != nil && named.Obj().Pkg() != nil {
			paths = append(paths, named.Obj().Pkg().Path())
		}
	}
	for _, path := range paths {
		for _, f := range foreign {
			if strings.Contains(strings.ToLower(path), f) {
				return true
			}
		}
	}
	return false
}

// IsHandle reports whether values of a type can run SQL: a handle of a known library, an interface
// with at least one method that runs SQL, or a struct that embeds one.
func IsHandle(t types.Type) bool {
	if k := KindOf(t); k != Unknown {
		return k != Batch && k != Stmt
	}
	if handles[typeName(t)] {
		return true
	}
	switch u := t.Underlying().(type) {
	case *types.Interface:
		for m := range u.Methods() {
			if _, ok := SinkOf(m); ok {
				return true
			}
		}
	case *types.Pointer:
		return embedsHandle(u.Elem())
	case *types.Struct:
		return embedsHandle(t)
	}
	return false
}

func embedsHandle(t types.Type) bool {
	s, ok := t.Underlying().(*types.Struct)
	if !ok {
		return false
	}
	for f := range s.Fields() {
		if f.Embedded() && (KindOf(f.Type()) != Unknown || types.IsInterface(f.Type()) && IsHandle(f.Type())) {
			return true
		}
	}
	return false
}

// HoldsHandle reports whether a type is a struct, or a pointer to one, with a handle in a field: what
// sqlc calls Queries, a repository.
func HoldsHandle(t types.Type) bool {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	s, ok := t.Underlying().(*types.Struct)
	if !ok {
		return false
	}
	for f := range s.Fields() {
		if IsHandle(f.Type()) {
			return true
		}
	}
	return false
}

// IsContext reports whether a type is context.Context.
func IsContext(t types.Type) bool {
	named, ok := types.Unalias(t).(*types.Named)
	return ok && named.Obj().Name() == "Context" && named.Obj().Pkg() != nil && named.Obj().Pkg().Path() == "context"
}

func isString(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&types.IsString != 0
}

func isEmptyInterface(t types.Type) bool {
	i, ok := t.Underlying().(*types.Interface)
	return ok && i.Empty()
}

func elem(t types.Type) types.Type {
	if s, ok := t.Underlying().(*types.Slice); ok {
		return s.Elem()
	}
	return t
}
