package sqlflow

import (
	"go/constant"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/tenantvet/tenantvet/analyzers/internal/gotype"
)

// gormNeutral are the methods of a chain that change no row's tenant, and those that end one and hand the chain on.
var gormNeutral = []string{
	"Association", "Assign", "Attrs", "Begin", "Connection", "Debug", "Distinct", "Group", "Having", "InstanceSet", "Limit", "MapColumns",
	"Offset", "Omit", "Order", "Set", "SavePoint", "WithContext", "Count", "Find", "First", "Last", "Take", "Pluck",
	"Delete", "Update", "UpdateColumn", "UpdateColumns", "Updates", "Scan", "FindInBatches", "FirstOrCreate", "FirstOrInit",
}

// gormChain returns the statement that a method of a chain has collected.
func (r *resolver) gormChain(v ssa.Value, name string, db ssa.Value, args []ssa.Value) []Statement {
	if name == "Session" && r.setsField(args[0], "NewDB") {
		return []Statement{{Base: bareHandle}}
	}
	states := r.builder(db)
	for i := range states {
		r.gormClause(&states[i], name, args, v)
		if mutated(v) {
			states[i].Suffix = concat(literal(" "), hole(codeValue, v))
		}
	}
	return states
}

// mutated reports whether a condition is added to a chain without keeping the result: gorm adds it to the chain
// itself all the same.
func mutated(v ssa.Value) bool {
	return slices.ContainsFunc(*v.Referrers(), func(ref ssa.Instruction) bool {
		next, ok := ref.(ssa.CallInstruction)
		if !ok || next.Value() != nil && len(*next.Value().Referrers()) > 0 {
			return false
		}
		name, db, _ := gormMethod(next)
		return db == v && slices.Contains([]string{"Where", "Not", "Or", "Joins", "Scopes"}, name)
	})
}

// gormClause adds to a statement what one method of a chain says.
func (r *resolver) gormClause(s *Statement, name string, args []ssa.Value, v ssa.Value) {
	switch name {
	case "Model":
		s.Table, s.row = r.gormTable(args[0]), args[0]
	case "Table":
		s.Table = placeless(r.text(args[0]))
	case "Where":
		s.Where = and(s.Where, r.gormCondition(s, args[0], args[1]))
	case "Not":
		s.Where = and(s.Where, concat(literal("NOT ("), r.gormCondition(s, args[0], args[1]), literal(")")))
	case "Or":
		// AND binds closer than OR, as in what gorm writes.
		condition := concat(literal("("), r.gormCondition(s, args[0], args[1]), literal(")"))
		if s.Where != nil {
			condition = concat(s.Where, literal(" OR "), condition)
		}
		s.Where = condition
	case "Preload":
		s.associations = append(slices.Clip(s.associations), association{name: r.nameOf(args[0]), method: name, conditions: args[1], call: v})
	case "Joins", "InnerJoins":
		if text := r.nameOf(args[0]); text != "" && !strings.Contains(text, " ") {
			s.associations = append(slices.Clip(s.associations), association{name: text, method: name, conditions: args[1], call: v})
			return
		}
		values, _ := variadic(args[1])
		if text := r.gormSubqueries(r.text(args[0]), values); slices.ContainsFunc(text, func(t Template) bool { return strings.Contains(t.String(), " ") || !t.Constant() }) {
			s.Joins = then(s.Joins, concat(literal(" "), text))
		}
	case "Scopes":
		r.gormScopes(s, args[0], v)
	case "Select":
		s.Columns = r.gormColumns(args)
	case "Clauses":
		if values, ok := variadic(args[0]); !ok || slices.ContainsFunc(values, func(v ssa.Value) bool { return !isClauseWithoutCondition(v) }) {
			s.Suffix = then(s.Suffix, concat(literal(" "), hole(codeValue, v)))
		}
	case "Session", "Unscoped":
	default:
		if !slices.Contains(gormNeutral, name) {
			s.Suffix = then(s.Suffix, concat(literal(" "), hole(codeCall, v)))
		}
	}
}

// gormColumns is what Select is given: columns, or an expression with values.
func (r *resolver) gormColumns(args []ssa.Value) []Template {
	query := args[0]
	if m, ok := query.(*ssa.MakeInterface); ok {
		query = m.X
	}
	values, ok := variadic(args[1])
	if !ok || !isText(query.Type()) {
		return hole(codeValue, query)
	}
	text := r.text(query)
	if slices.ContainsFunc(text, func(t Template) bool { return strings.ContainsAny(t.String(), "?@") }) {
		return r.gormSubqueries(text, values)
	}
	for _, value := range values {
		text = commas(text, r.text(value))
	}
	return text
}

// isClauseWithoutCondition reports whether a clause locks rows, returns them or says what to do on conflict.
func isClauseWithoutCondition(v ssa.Value) bool {
	if m, ok := v.(*ssa.MakeInterface); ok {
		v = m.X
	}
	named := gotype.Named(v.Type())
	return named != nil && slices.Contains([]string{"Locking", "Returning", "OnConflict"}, named.Obj().Name())
}

// setsField reports whether a composite literal sets a field to true.
func (r *resolver) setsField(v ssa.Value, name string) bool {
	alloc := composite(v)
	if alloc == nil {
		return false
	}
	for _, ref := range *alloc.Referrers() {
		addr, ok := ref.(*ssa.FieldAddr)
		if !ok {
			continue
		}
		if field, _ := structField(alloc, addr.Field); field != nil && field.Name() == name {
			return slices.ContainsFunc(r.index.storesTo(addr), func(v ssa.Value) bool {
				c, ok := v.(*ssa.Const)
				return !ok || c.Value != nil && constant.BoolVal(c.Value)
			})
		}
	}
	return false
}
