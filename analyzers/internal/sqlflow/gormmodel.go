package sqlflow

import (
	"go/types"
	"reflect"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/tenantvet/tenantvet/analyzers/internal/gotype"
)

// tableName is the method by which a model names its table.
const tableName = "TableName"

// modelOf returns the struct whose rows a value holds: that of a pointer to one, or to a list of them; nil for none.
func modelOf(v ssa.Value) *types.Named {
	if m, ok := v.(*ssa.MakeInterface); ok {
		v = m.X
	}
	t := v.Type()
	for range 4 {
		switch u := types.Unalias(t).(type) {
		case *types.Pointer:
			t = u.Elem()
			continue
		case *types.Slice:
			t = u.Elem()
			continue
		case *types.Array:
			t = u.Elem()
			continue
		case *types.Named:
			if _, ok := u.Underlying().(*types.Struct); ok {
				return u
			}
			if s, ok := u.Underlying().(*types.Slice); ok {
				t = s.Elem()
				continue
			}
		}
		return nil
	}
	return nil
}

func isList(v ssa.Value) bool {
	if m, ok := v.(*ssa.MakeInterface); ok {
		v = m.X
	}
	_, ok := gotype.Deref(v.Type()).Underlying().(*types.Slice)
	return ok
}

// gormTable returns the table of a model: what its method TableName returns, or its name in snake case and plural
// (gorm's NamingStrategy).
func (r *resolver) gormTable(v ssa.Value) []Template {
	named := modelOf(v)
	if named == nil || named.Obj().Pkg() == nil {
		return hole(codeValue, v)
	}
	return r.tableOf(named, v)
}

// tableOf returns the table of a model, a hole for the value where that is not known.
func (r *resolver) tableOf(named *types.Named, v ssa.Value) []Template {
	selection := types.NewMethodSet(types.NewPointer(named)).Lookup(named.Obj().Pkg(), tableName)
	if selection == nil {
		return literal(plural(snake(named.Obj().Name())))
	}
	method, ok := selection.Obj().(*types.Func)
	if !ok {
		return hole(codeCall, v)
	}
	if fn := r.index.program.Pkg.Prog.FuncValue(method.Origin()); fn != nil && len(fn.Blocks) > 0 {
		if text := r.summary(fn); text != nil {
			return placeless(text)
		}
	}
	var fact Summary
	if r.pass.ImportObjectFact(method.Origin(), &fact) && fact.Returns != nil {
		return placeless(fact.Returns)
	}
	return hole(codeCall, v)
}

// placeless drops where text stands: a table is named by the chain, wherever its name is written.
func placeless(set []Template) []Template {
	return each(set, func(t Template) []Template {
		out := Template{Pieces: slices.Clone(t.Pieces)}
		for i := range out.Pieces {
			out.Pieces[i].Places = nil
		}
		return []Template{out}
	})
}

// primaryKey returns the column of the primary key of a model; "id" where nothing is known of it.
func primaryKey(v ssa.Value) string {
	if v == nil {
		return "id"
	}
	if named := modelOf(v); named != nil {
		st := named.Underlying().(*types.Struct)
		for i := range st.NumFields() {
			if isPrimaryKey(st, i) {
				return columnOf(st.Field(i), st.Tag(i))
			}
		}
	}
	return "id"
}

func isPrimaryKey(st *types.Struct, n int) bool {
	for _, key := range []string{"primarykey", "primary_key"} {
		if _, ok := gormTag(st.Tag(n))[key]; ok {
			return true
		}
	}
	return st.Field(n).Name() == "ID"
}

// columnOf returns the column of a field: what its tag says, or its name in snake case.
func columnOf(field *types.Var, tag string) string {
	if column := gormTag(tag)["column"]; column != "" {
		return column
	}
	return snake(field.Name())
}

// gormTag reads the settings of a field's tag, by their names in lower case.
func gormTag(tag string) map[string]string {
	settings := map[string]string{}
	for part := range strings.SplitSeq(reflect.StructTag(tag).Get("gorm"), ";") {
		name, value, _ := strings.Cut(part, ":")
		settings[strings.ToLower(strings.TrimSpace(name))] = strings.TrimSpace(value)
	}
	return settings
}
