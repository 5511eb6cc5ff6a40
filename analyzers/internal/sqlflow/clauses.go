package sqlflow

import "golang.org/x/tools/go/ssa"

var verbs = map[string]string{"Select": "SELECT", "Insert": "INSERT", "Replace": "INSERT", "Update": "UPDATE", "Delete": "DELETE"}

// begin starts a statement: Select(columns...), Insert(table), Update(table), Delete(table).
func (r *resolver) begin(name string, args []ssa.Value) []Statement {
	s := Statement{Verb: verbs[name]}
	if len(args) > 0 {
		if name == "Select" {
			s.Columns = r.list(args[0])
		} else {
			s.Table = r.text(args[0])
		}
	}
	return []Statement{s}
}

// list is a variadic list of strings, joined by commas.
func (r *resolver) list(v ssa.Value) []Template {
	values, ok := variadic(v)
	if !ok {
		if values, ok = variadic(r.index.origin(v)); !ok {
			return hole(codeValue, v)
		}
	}
	if len(values) == 0 {
		return nil
	}
	return r.join(values, literal(", "))
}

// apply adds to a statement what one method of the builder says.
func (r *resolver) apply(s *Statement, name string, args []ssa.Value, call *ssa.Call) {
	clause := func(keyword string) []Template { return concat(literal(keyword), r.text(args[0])) }
	switch name {
	case "RunWith":
		s.handle = args[0]
	case "PlaceholderFormat", "Distinct", "Options", "RemoveColumns", "RemoveLimit", "RemoveOffset", "Limit", "Offset", "OrderBy", "OrderByClause", "GroupBy", "Having":
		// They change no row's tenant.
	case "Columns":
		s.Columns = commas(s.Columns, r.list(args[0]))
	case "Column":
		s.Columns = commas(s.Columns, r.condition(args[0]))
	case "From", "Into", "Table":
		s.Table = r.text(args[0])
	case "FromSelect":
		sub := r.renderAll(r.builder(args[0]), call)
		s.Table = concat(literal("("), sub, literal(") AS "), r.text(args[1]))
	case "Join", "InnerJoin":
		s.Joins = then(s.Joins, clause(" JOIN "))
	case "LeftJoin":
		s.Joins = then(s.Joins, clause(" LEFT JOIN "))
	case "RightJoin":
		s.Joins = then(s.Joins, clause(" RIGHT JOIN "))
	case "CrossJoin":
		s.Joins = then(s.Joins, clause(" CROSS JOIN "))
	case "JoinClause":
		s.Joins = then(s.Joins, concat(literal(" "), r.condition(args[0])))
	case "Where":
		s.Where = and(s.Where, r.condition(args[0]))
	case "Set":
		s.Set = commas(s.Set, concat(r.text(args[0]), literal(" = "), r.assigned(args[1])))
	case "SetMap":
		s.Set = commas(s.Set, r.setMap(args[0], call))
		if s.Verb == "INSERT" {
			s.Columns, s.Values, s.Set = r.insertMap(args[0], call)
		}
	case "Values":
		if s.Values == nil {
			s.Values = concat(literal(" VALUES ("), r.row(args[0]), literal(")"))
		}
	case "Select":
		s.Values = concat(literal(" "), r.renderAll(r.builder(args[0]), call))
	case "Suffix":
		s.Suffix = then(s.Suffix, clause(" "))
	case "SuffixExpr":
		s.Suffix = then(s.Suffix, concat(literal(" "), r.condition(args[0])))
	case "Prefix":
		s.Prefix = then(s.Prefix, concat(r.text(args[0]), literal(" ")))
	case "PrefixExpr":
		s.Prefix = then(s.Prefix, concat(r.condition(args[0]), literal(" ")))
	default:
		s.Suffix = then(s.Suffix, hole(codeCall, call))
	}
}

// row is one row of VALUES: a placeholder for each value.
func (r *resolver) row(v ssa.Value) []Template {
	values, ok := variadic(v)
	if !ok {
		return hole(codeValue, v)
	}
	var sets [][]Template
	for i, value := range values {
		if i > 0 {
			sets = append(sets, literal(", "))
		}
		sets = append(sets, r.assigned(value))
	}
	return concat(sets...)
}

// assigned is a value of SET or VALUES: an expression of the builder, or a placeholder.
func (r *resolver) assigned(v ssa.Value) []Template {
	if m, ok := v.(*ssa.MakeInterface); ok {
		if call, ok := m.X.(*ssa.Call); ok {
			if name, _, args := squirrelMethod(call); name == "Expr" {
				return r.text(args[0])
			}
		}
		if isBuilder(m.X.Type()) {
			return concat(literal("("), r.renderAll(r.builder(m.X), v), literal(")"))
		}
	}
	return literal("?")
}
