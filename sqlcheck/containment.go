package sqlcheck

import "github.com/tenantvet/tenantvet/pgschema/pgast"

// containment is <@, @> or && with an array written out: what is contained in an array, or shares an element with one,
// equals one of its elements. It is false for operands of other types and where nothing is written out.
func (e *engine) containment(ctx *context, op string, l, r operand) bool {
	items := arrayItems(l.node)
	switch {
	case op == "@>":
		l, r = r, l
		items = arrayItems(l.node)
	case op == "&&" && len(items) == 0:
		l, r = r, l
		items = arrayItems(l.node)
	case op != "<@" && op != "&&":
		return false
	}
	if len(items) == 0 {
		return false
	}
	var alternatives []alternative
	for _, item := range items {
		element := operand{item, l.scope}
		if op == "&&" {
			alternatives = append(alternatives, alternative{e.anyOf(ctx, element, r), element})
		} else {
			ctx.facts.add(e.anyOf(ctx, element, r))
		}
	}
	if op == "&&" {
		ctx.facts.add(e.either(ctx, alternatives))
	}
	return true
}

// arrayItems returns the elements of an array that is written out, each with the cast of the array.
func arrayItems(n *pgast.Node) []*pgast.Node {
	cast := n.GetTypeCast()
	if cast == nil {
		return n.GetAArrayExpr().GetElements()
	}
	var items []*pgast.Node
	for _, item := range arrayItems(cast.GetArg()) {
		items = append(items, &pgast.Node{Node: &pgast.Node_TypeCast{TypeCast: &pgast.TypeCast{
			Arg: item, TypeName: &pgast.TypeName{Names: cast.GetTypeName().GetNames()}, Location: cast.GetLocation(),
		}}})
	}
	return items
}
