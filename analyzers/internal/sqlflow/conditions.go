package sqlflow

import (
	"go/types"
	"strings"

	"golang.org/x/tools/go/ssa"
)

// comparisons are the map types of the builder with the operator each one stands for.
var comparisons = map[string]string{
	"Eq": " = ", "NotEq": " <> ", "Lt": " < ", "LtOrEq": " <= ", "Gt": " > ", "GtOrEq": " >= ",
	"Like": " LIKE ", "NotLike": " NOT LIKE ", "ILike": " ILIKE ", "NotILike": " NOT ILIKE ",
}

// condition returns a predicate of the builder as SQL: a string, Eq{…}, And{…}, Or{…}, Expr(…).
func (r *resolver) condition(v ssa.Value) []Template {
	r.steps++
	if r.steps > maxSteps || r.open[v] {
		return hole(codeLoop, v)
	}
	r.open[v] = true
	defer delete(r.open, v)
	switch v := v.(type) {
	case *ssa.MakeInterface:
		return r.condition(v.X)
	case *ssa.ChangeInterface:
		return r.condition(v.X)
	case *ssa.Phi:
		sets := make([][]Template, len(v.Edges))
		for i, edge := range v.Edges {
			sets[i] = r.condition(edge)
		}
		return union(sets...)
	case *ssa.Call:
		if name, receiver, args := squirrelMethod(v); name == "Expr" && receiver == nil {
			return r.text(args[0])
		}
	}
	name := builderType(v.Type())
	switch {
	case comparisons[name] != "":
		return r.comparison(v, comparisons[name])
	case name == "And":
		return r.junction(v, " AND ")
	case name == "Or":
		return r.junction(v, " OR ")
	case isBuilder(v.Type()):
		return concat(literal("("), r.renderAll(r.builder(v), v), literal(")"))
	case isText(v.Type()):
		return r.text(v)
	}
	return hole(codeValue, v)
}

func builderType(t types.Type) string {
	named, ok := types.Unalias(t).(*types.Named)
	if !ok || named.Obj().Pkg() == nil || !strings.HasSuffix(strings.ToLower(named.Obj().Pkg().Path()), squirrelPath) {
		return ""
	}
	return named.Obj().Name()
}

// entries returns the entries of a map literal; certain ones are made where the map is made, others
// under a condition.
func (r *resolver) entries(v ssa.Value) (certain, possible []*ssa.MapUpdate, ok bool) {
	made, ok := r.index.origin(v).(*ssa.MakeMap)
	if !ok {
		return nil, nil, false
	}
	refs := *made.Referrers()
	for _, ref := range refs { // the map may first be given the builder's type
		if change, ok := ref.(*ssa.ChangeType); ok {
			refs = append(refs[:len(refs):len(refs)], *change.Referrers()...)
		}
	}
	for _, ref := range refs {
		update, isUpdate := ref.(*ssa.MapUpdate)
		switch {
		case !isUpdate:
		case update.Block() == made.Block():
			certain = append(certain, update)
		default:
			possible = append(possible, update)
		}
	}
	return certain, possible, true
}

func (r *resolver) comparison(v ssa.Value, operator string) []Template {
	certain, possible, ok := r.entries(v)
	if !ok {
		return hole(codeValue, v)
	}
	var all []Template
	for _, update := range certain {
		all = conjunction(all, r.compare(update, operator))
	}
	if all == nil {
		all = literal("TRUE")
	}
	if len(possible) > 2 {
		return concat(all, literal(" "), hole(codeValue, v)) // each may be there or not
	}
	for _, update := range possible {
		all = union(all, conjunction(all, r.compare(update, operator)))
	}
	return all
}

func conjunction(a, b []Template) []Template {
	if a == nil {
		return b
	}
	return concat(a, literal(" AND "), b)
}

func (r *resolver) compare(update *ssa.MapUpdate, operator string) []Template {
	column := r.text(update.Key)
	value := update.Value
	if m, ok := value.(*ssa.MakeInterface); ok {
		value = m.X
	}
	if c, ok := value.(*ssa.Const); ok && c.IsNil() {
		if operator == " <> " {
			return concat(column, literal(" IS NOT NULL"))
		}
		return concat(column, literal(" IS NULL"))
	}
	if isBuilder(value.Type()) {
		return concat(column, literal(" IN ("), r.renderAll(r.builder(value), value), literal(")"))
	}
	if s, ok := value.Type().Underlying().(*types.Slice); ok {
		if b, ok := s.Elem().Underlying().(*types.Basic); !ok || b.Kind() != types.Byte {
			if operator == " <> " {
				return concat(column, literal(" <> ALL (?)"))
			}
			return concat(column, literal(" = ANY (?)"))
		}
	}
	return concat(column, literal(operator+"?"))
}

// junction is And{…} or Or{…}; what is appended to one later is a hole.
func (r *resolver) junction(v ssa.Value, operator string) []Template {
	values, ok := variadic(r.index.origin(v))
	whole := ok
	if !ok {
		values = r.appended(r.index.origin(v), 0)
	}
	var all []Template
	for _, value := range values {
		item := concat(literal("("), r.condition(value), literal(")"))
		if all == nil {
			all = item
		} else {
			all = concat(all, literal(operator), item)
		}
	}
	switch {
	case !whole && all == nil:
		return hole(codeLoop, v)
	case !whole:
		return concat(all, literal(operator), hole(codeLoop, v))
	case all == nil:
		return literal("TRUE")
	}
	return all
}

// setMap is SetMap(map[string]any{…}) of an UPDATE.
func (r *resolver) setMap(v ssa.Value, call *ssa.Call) []Template {
	certain, possible, ok := r.entries(v)
	if !ok {
		return hole(codeValue, call)
	}
	var all []Template
	for _, update := range append(certain, possible...) {
		all = commas(all, concat(r.text(update.Key), literal(" = "), r.assigned(update.Value)))
	}
	return all
}

// insertMap is SetMap of an INSERT: the columns and the values.
func (r *resolver) insertMap(v ssa.Value, call *ssa.Call) (columns, values, set []Template) {
	certain, possible, ok := r.entries(v)
	if !ok {
		return hole(codeValue, call), hole(codeValue, call), nil
	}
	for _, update := range append(certain, possible...) {
		columns = commas(columns, r.text(update.Key))
		values = commas(values, r.assigned(update.Value))
	}
	return columns, concat(literal(" VALUES ("), values, literal(")")), nil
}
