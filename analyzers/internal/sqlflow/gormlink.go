package sqlflow

import (
	"go/types"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/analyzers/internal/gotype"
)

// link is how gorm finds the rows of an association: those of model whose columns are the keys of the rows at hand, or
// for many to many those that a join table has for them.
type link struct {
	model         *types.Named
	columns, keys []string
	// join is the table between, whose owners are the keys and whose targets are the columns; empty for none.
	join            string
	owners, targets []string
}

// modelField is a field of a model, also one of a struct embedded in it.
type modelField struct {
	*types.Var
	tag, column string
}

// maxEmbedding bounds how deep structs are embedded in a model; one can embed a pointer to itself.
const maxEmbedding = 8

// fieldsOf returns the fields of a model.
func fieldsOf(st *types.Struct) []modelField { return fieldsAt(st, 0) }

func fieldsAt(st *types.Struct, depth int) []modelField {
	var fields []modelField
	direct := map[string]bool{} // they hide those of their name that are embedded
	for field := range st.Fields() {
		direct[field.Name()] = true
	}
	for i := range st.NumFields() {
		settings := gormTag(st.Tag(i))
		_, isEmbedded := settings["embedded"]
		inner, isStruct := gotype.Deref(st.Field(i).Type()).Underlying().(*types.Struct)
		if isStruct && (isEmbedded || st.Field(i).Embedded()) {
			if depth == maxEmbedding {
				continue
			}
			for _, f := range fieldsAt(inner, depth+1) {
				if direct[f.Name()] {
					continue
				}
				f.column = settings["embeddedprefix"] + f.column
				fields = append(fields, f)
			}
			continue
		}
		fields = append(fields, modelField{st.Field(i), st.Tag(i), columnOf(st.Field(i), st.Tag(i))})
	}
	return fields
}

// linkOf returns how an association of a model is found, by the rules of gorm (schema/relationship.go); ok is false
// where they lead nowhere.
func linkOf(owner *types.Named, name string) (l link, ok bool) {
	if owner == nil {
		return l, false
	}
	own := fieldsOf(owner.Underlying().(*types.Struct))
	i := slices.IndexFunc(own, func(f modelField) bool { return f.Name() == name })
	if i < 0 {
		return l, false
	}
	isMany := false
	t := own[i].Type()
	if s, ok := gotype.Deref(t).Underlying().(*types.Slice); ok {
		t, isMany = s.Elem(), true
	}
	target, _ := types.Unalias(gotype.Deref(t)).(*types.Named)
	if target == nil || target.Obj().Pkg() == nil {
		return l, false
	}
	st, isStruct := target.Underlying().(*types.Struct)
	if !isStruct {
		return l, false
	}
	l.model = target
	theirs, settings := fieldsOf(st), gormTag(own[i].tag)
	switch {
	case settings["many2many"] != "":
		return l.manyToMany(owner, own, theirs, settings)
	case settings["polymorphic"] != "":
		l.columns = columnsNamed(theirs, settings["polymorphic"]+"ID")
		l.keys = primaryColumns(own, settings["references"])
	case !isMany && l.belongs(own, theirs, name, settings):
	default:
		l.keys = primaryColumns(own, settings["references"])
		l.columns = foreignColumns(theirs, own, owner.Obj().Name(), settings)
	}
	return l, len(l.columns) > 0 && len(l.columns) == len(l.keys)
}

// belongs finds the association by keys that the rows at hand have of it.
func (l *link) belongs(own, theirs []modelField, name string, settings map[string]string) bool {
	keys, columns := foreignColumns(own, theirs, name, settings), primaryColumns(theirs, settings["references"])
	if len(keys) == 0 || len(keys) != len(columns) {
		return false
	}
	l.keys, l.columns = keys, columns
	return true
}

// manyToMany finds the association by a join table, whose columns are named after both models.
func (l link) manyToMany(owner *types.Named, own, theirs []modelField, settings map[string]string) (link, bool) {
	l.join = settings["many2many"]
	l.keys, l.columns = primaryColumns(own, settings["foreignkey"]), primaryColumns(theirs, settings["references"])
	l.owners = joinColumns(settings["joinforeignkey"], owner.Obj().Name(), own, l.keys)
	l.targets = joinColumns(settings["joinreferences"], l.model.Obj().Name(), theirs, l.columns)
	return l, len(l.keys) > 0 && len(l.columns) > 0 && len(l.owners) == len(l.keys) && len(l.targets) == len(l.columns)
}

// joinColumns returns the columns of a join table: those of the setting, or the model's name before each key.
func joinColumns(setting, model string, fields []modelField, keys []string) []string {
	var columns []string
	for _, name := range namesIn(setting) {
		columns = append(columns, snake(name))
	}
	if columns != nil {
		return columns
	}
	for _, key := range keys {
		i := slices.IndexFunc(fields, func(f modelField) bool { return f.column == key })
		columns = append(columns, snake(model+fields[i].Name()))
	}
	return columns
}

// primaryColumns returns the columns of the primary key of a model, or those that a setting names instead.
func primaryColumns(fields []modelField, setting string) []string {
	if names := namesIn(setting); len(names) > 0 {
		return columnsNamed(fields, names...)
	}
	return columnsWhere(fields, isKey(fields))
}

func isKey(fields []modelField) func(modelField) bool {
	tagged := func(f modelField) bool {
		settings := gormTag(f.tag)
		_, camel := settings["primarykey"]
		_, snake := settings["primary_key"]
		return camel || snake
	}
	if slices.ContainsFunc(fields, tagged) {
		return tagged
	}
	return func(f modelField) bool { return f.Name() == "ID" || f.column == "id" }
}

// foreignColumns returns the columns of the foreign key to a model: those that the setting names, or the fields called as
// the model or the association before each field of its primary key.
func foreignColumns(fields, referenced []modelField, name string, settings map[string]string) []string {
	if names := namesIn(settings["foreignkey"]); len(names) > 0 {
		return columnsNamed(fields, names...)
	}
	var names []string
	for _, f := range referenced {
		if isKey(referenced)(f) {
			names = append(names, name+f.Name())
		}
	}
	return columnsNamed(fields, names...)
}

// columnsNamed returns the columns of fields by name, none unless all are there.
func columnsNamed(fields []modelField, names ...string) []string {
	var columns []string
	for _, name := range names {
		i := slices.IndexFunc(fields, func(f modelField) bool { return f.Name() == name || f.column == name })
		if i < 0 {
			return nil
		}
		columns = append(columns, fields[i].column)
	}
	return columns
}

func columnsWhere(fields []modelField, is func(modelField) bool) []string {
	var columns []string
	for _, f := range fields {
		if is(f) {
			columns = append(columns, f.column)
		}
	}
	return columns
}

// namesIn returns the names of a setting.
func namesIn(setting string) []string {
	return strings.FieldsFunc(setting, func(c rune) bool { return c == ',' || c == ' ' })
}
