package sqlflow

import (
	"go/types"
	"reflect"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/tools/go/ssa"

	"github.com/tenantvet/tenantvet/analyzers/internal/gotype"
	"github.com/tenantvet/tenantvet/analyzers/internal/ssaflow"
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

// key says whether a row that gorm is given has its primary key set.
type key int

const (
	absent key = iota
	given
	unclear
)

// keyOf reports whether a row has a primary key: not a literal without one, nor a variable that is filled here for the
// first time; whether one from elsewhere has, only its maker knows.
func (r *resolver) keyOf(row ssa.Value) key {
	own, _ := row.(*ssa.MakeInterface)
	if own != nil {
		row = own.X
	}
	if _, ok := row.(*ssa.Const); ok {
		return absent
	}
	alloc := composite(row)
	if alloc == nil {
		return unclear
	}
	if _, ok := gotype.Deref(alloc.Type()).Underlying().(*types.Pointer); ok {
		return absent // gorm makes the row
	}
	held := false
	for _, ref := range *alloc.Referrers() {
		switch ref := ref.(type) {
		case *ssa.FieldAddr:
			st, ok := gotype.Deref(alloc.Type()).Underlying().(*types.Struct)
			if ok && isPrimaryKey(st, ref.Field) && setsKey(r.index.storesTo(ref)) {
				return given
			}
		case *ssa.Store:
			held = held || ref.Addr == ssa.Value(alloc) && !isZero(ref.Val)
		case *ssa.MakeInterface:
			held = held || own != nil && ref != own && ssaflow.Dominates(ref, own)
		case *ssa.Call:
			held = held || own != nil && ssaflow.Dominates(ref, own)
		}
	}
	if held {
		return given
	}
	return absent
}

func setsKey(values []ssa.Value) bool {
	return slices.ContainsFunc(values, func(v ssa.Value) bool { return !isZero(v) })
}

// isZero reports whether a value is the zero value of its type.
func isZero(v ssa.Value) bool {
	c, ok := v.(*ssa.Const)
	return ok && (c.Value == nil || slices.Contains([]string{"0", `""`, "false"}, c.Value.ExactString()))
}

// initialisms are abbreviations that make one word of a name whatever follows them.
var initialisms = strings.NewReplacer(
	"API", "Api", "ASCII", "Ascii", "CPU", "Cpu", "CSS", "Css", "DNS", "Dns", "EOF", "Eof", "GUID", "Guid", "HTML", "Html",
	"HTTP", "Http", "HTTPS", "Https", "ID", "Id", "IP", "Ip", "JSON", "Json", "LHS", "Lhs", "QPS", "Qps", "RAM", "Ram", "RHS", "Rhs",
	"RPC", "Rpc", "SLA", "Sla", "SMTP", "Smtp", "SSH", "Ssh", "TLS", "Tls", "TTL", "Ttl", "UID", "Uid", "UI", "Ui", "UUID", "Uuid",
	"URI", "Uri", "URL", "Url", "UTF8", "Utf8", "VM", "Vm", "XML", "Xml", "XSRF", "Xsrf", "XSS", "Xss",
)

// snake is a name in snake case as gorm writes it: a word begins at a capital that a small letter comes before or after.
func snake(name string) string {
	runes := []rune(initialisms.Replace(name))
	var b strings.Builder
	upper := func(i int) bool { return i >= 0 && i < len(runes) && unicode.IsUpper(runes[i]) }
	for i, c := range runes {
		goesOn := i+1 < len(runes) && !upper(i+1) && !unicode.IsDigit(runes[i+1])
		if upper(i) && i > 0 && runes[i-1] != '_' && (!upper(i-1) || goesOn) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(c))
	}
	return b.String()
}

// plural is the plural of an English noun as gorm writes it, for the last word of a name.
func plural(name string) string {
	at := strings.LastIndexByte(name, '_') + 1
	last := name[at:]
	if irregular, ok := irregulars[last]; ok {
		return name[:at] + irregular
	}
	ends := func(suffixes ...string) bool {
		return slices.ContainsFunc(suffixes, func(s string) bool { return strings.HasSuffix(last, s) })
	}
	switch {
	case ends("data"):
		return name
	case ends("sis"):
		return name[:len(name)-2] + "es"
	case ends("s", "x", "z", "ch", "sh"):
		if ends("s") && !ends("ss", "us", "is", "as") {
			return name // a plural already
		}
		return name + "es"
	case ends("y") && len(last) > 1 && !strings.ContainsRune("aeiou", rune(last[len(last)-2])):
		return name[:len(name)-1] + "ies"
	}
	return name + "s"
}

var irregulars = map[string]string{
	"person": "people", "child": "children", "man": "men", "woman": "women", "datum": "data", "medium": "media", "matrix": "matrices",
	"index": "indices", "vertex": "vertices", "ox": "oxen", "mouse": "mice", "quiz": "quizzes", "leaf": "leaves", "half": "halves",
	"equipment": "equipment", "information": "information", "rice": "rice", "money": "money", "species": "species", "series": "series",
	"fish": "fish", "sheep": "sheep", "jeans": "jeans", "police": "police", "media": "media",
}
