package sqlflow

import (
	"go/types"
	"strings"

	"golang.org/x/tools/go/ssa"
)

// gormCondition returns the condition of Where, Not and Or: text with placeholders, a column and a value, a map, a
// struct, a chain in parentheses, or values of the primary key.
func (r *resolver) gormCondition(s *Statement, query, list ssa.Value) []Template {
	values, ok := variadic(list)
	if !ok {
		values = []ssa.Value{list, list} // any number
	}
	return r.gormComparison(s, query, values)
}

// gormComparison returns a condition that is given values.
func (r *resolver) gormComparison(s *Statement, query ssa.Value, values []ssa.Value) []Template {
	if m, ok := query.(*ssa.MakeInterface); ok {
		query = m.X
	}
	t := query.Type()
	switch u := t.Underlying().(type) {
	case *types.Basic:
		if u.Info()&types.IsString != 0 {
			return r.gormText(query, values)
		}
		return concat(literal(primaryKey(s.row)), literal(" = ?"))
	case *types.Map:
		return r.comparison(query, " = ")
	case *types.Pointer:
		if isGorm(t) {
			return r.gormGroup(query)
		}
		if _, ok := u.Elem().Underlying().(*types.Struct); ok {
			return r.gormStruct(query)
		}
	case *types.Struct:
		return r.gormStruct(query)
	case *types.Slice:
		if _, ok := u.Elem().Underlying().(*types.Struct); !ok {
			return concat(literal(primaryKey(s.row)), literal(" = ANY (?)"))
		}
	case *types.Array: // a uuid
		return concat(literal(primaryKey(s.row)), literal(" = ?"))
	}
	return hole(codeValue, query)
}

// gormText is a condition as text. A column alone is compared with the value.
func (r *resolver) gormText(query ssa.Value, values []ssa.Value) []Template {
	return each(r.gormSubqueries(r.text(query), values), func(t Template) []Template {
		if t.Constant() {
			switch text := strings.TrimSpace(t.String()); {
			case text == "":
				return literal("TRUE")
			case len(values) == 1 && !strings.ContainsAny(text, "?@ "):
				return concat([]Template{t}, literal(" = ?"))
			}
		}
		return []Template{t.withParentheses()}
	})
}

// gormSubqueries puts chains among the values in the place of their placeholders, in parentheses unless they stand
// in some.
func (r *resolver) gormSubqueries(set []Template, values []ssa.Value) []Template {
	queries := map[int][]Template{}
	for i, value := range values {
		if m, ok := value.(*ssa.MakeInterface); ok {
			value = m.X
		}
		if isGorm(value.Type()) {
			queries[i] = r.gormSubquery(value)
		}
	}
	if len(queries) == 0 {
		return set
	}
	return each(set, func(t Template) []Template {
		n, out := 0, literal("")
		for _, p := range t.Pieces {
			if p.Hole != nil {
				out = concat(out, []Template{{Pieces: []Piece{p}}})
				continue
			}
			from := 0
			for at := strings.IndexByte(p.Text, '?'); at >= 0; at = next(p.Text, at) {
				if query := queries[n]; query != nil {
					if !strings.HasSuffix(strings.TrimSpace(p.Text[:at]), "(") {
						query = concat(literal("("), query, literal(")"))
					}
					out, from = concat(out, p.cut(from, at), query), at+1
				}
				n++
			}
			out = concat(out, p.cut(from, len(p.Text)))
		}
		return out
	})
}

// next returns where the next placeholder stands, or -1.
func next(text string, at int) int {
	if i := strings.IndexByte(text[at+1:], '?'); i >= 0 {
		return at + 1 + i
	}
	return -1
}

// gormSubquery is a chain as a query.
func (r *resolver) gormSubquery(db ssa.Value) []Template {
	if _, raw := gormRoot(db); raw {
		return hole(codeCall, db)
	}
	var sets [][]Template
	for _, s := range r.builder(db) {
		s.Verb = "SELECT"
		s.Columns = readColumns(s.Columns)
		if s.Table == nil {
			return hole(codeCall, db)
		}
		sets = append(sets, s.render())
	}
	if len(sets) == 0 {
		return hole(codeCall, db)
	}
	return union(sets...)
}

// gormGroup is a chain as a condition.
func (r *resolver) gormGroup(db ssa.Value) []Template {
	var sets [][]Template
	for _, s := range r.builder(db) {
		switch {
		case s.Suffix != nil || s.Where == nil:
			return hole(codeValue, db)
		default:
			sets = append(sets, s.Where)
		}
	}
	if len(sets) == 0 {
		return hole(codeCall, db)
	}
	return union(sets...)
}

// gormStruct is a struct as a condition: the fields that are not zero.
func (r *resolver) gormStruct(v ssa.Value) []Template {
	alloc := composite(r.index.origin(v))
	if alloc == nil {
		return hole(codeValue, v)
	}
	var all []Template
	for _, ref := range *alloc.Referrers() {
		addr, ok := ref.(*ssa.FieldAddr)
		if !ok {
			continue
		}
		for _, value := range r.index.storesTo(addr) {
			if isZero(value) {
				continue
			}
			field, tag := structField(alloc, addr.Field)
			if field == nil || field.Embedded() {
				return hole(codeField, v)
			}
			all = conjunction(all, concat(literal(columnOf(field, tag)), literal(" = ?")))
		}
	}
	if all == nil {
		return hole(codeValue, v)
	}
	return all
}

// composite returns the variable that a composite literal, or a pointer to one, is built in.
func composite(v ssa.Value) *ssa.Alloc {
	if load, ok := v.(*ssa.UnOp); ok {
		v = load.X
	}
	alloc, _ := v.(*ssa.Alloc)
	return alloc
}

func structField(alloc *ssa.Alloc, n int) (*types.Var, string) {
	st, ok := alloc.Type().Underlying().(*types.Pointer).Elem().Underlying().(*types.Struct)
	if !ok {
		return nil, ""
	}
	return st.Field(n), st.Tag(n)
}
