package sqlcheck

import (
	"slices"

	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// join builds a JOIN. What an outer join says of the side that may be missing is known only of rows
// where it is present; nothing is known of the side that is always there.
func (e *engine) join(n *pgast.JoinExpr, s *scope, ctx *context) side {
	leftCtx, rightCtx, onCtx := ctx, ctx, ctx
	switch n.GetJointype() {
	case pgast.JoinType_JOIN_LEFT:
		rightCtx = ctx.outerSide()
		onCtx = rightCtx
	case pgast.JoinType_JOIN_RIGHT:
		leftCtx = ctx.outerSide()
		onCtx = leftCtx
	case pgast.JoinType_JOIN_FULL:
		leftCtx, rightCtx = ctx.outerSide(), ctx.outerSide()
		onCtx = &context{parent: ctx, side: true}
		ctx.joined = append(ctx.joined, &conditional{needs: []*context{leftCtx, rightCtx}, ctx: onCtx})
	}
	left := e.fromItem(n.GetLarg(), s, leftCtx)
	// A LATERAL item on the right sees the left side.
	lateral := s.outside()
	lateral.items, lateral.segments = slices.Clone(s.items), slices.Clone(s.segments)
	lateral.add(left)
	right := e.fromItem(n.GetRarg(), lateral, rightCtx)

	both := s.outside()
	both.add(left)
	both.add(right)
	using := e.using(n, left, right)
	var merged []segment
	for _, name := range using {
		merged = append(merged, e.merge(n.GetJointype(), name, left, right, [4]*context{ctx, leftCtx, rightCtx, onCtx}))
	}
	joined := side{items: both.items, segments: append(merged, hide(both.segments, using)...)}
	e.condition(onCtx, operand{n.GetQuals(), both}, true)
	if alias := n.GetJoinUsingAlias(); alias != nil {
		joined.items = append(joined.items, e.usingTable(alias, merged, ctx))
	}
	if alias := n.GetAlias(); alias != nil {
		return visible(e.joinTable(alias, joined, ctx))
	}
	return joined
}

// using returns the names of the columns that the sides are joined by: those of USING, or for a
// NATURAL join all that both sides have.
func (e *engine) using(n *pgast.JoinExpr, left, right side) []string {
	var names []string
	for _, u := range n.GetUsingClause() {
		names = append(names, u.GetString_().GetSval())
	}
	if !n.GetIsNatural() {
		return names
	}
	theirs := visibleNames(right)
	for _, name := range visibleNames(left) {
		if slices.Contains(theirs, name) && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

func visibleNames(s side) []string {
	var names []string
	for _, seg := range s.segments {
		if seg.merged != nil {
			names = append(names, seg.merged.name)
			continue
		}
		for _, name := range seg.inst.names() {
			if !slices.Contains(seg.hidden, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

// merge equates a column of both sides and makes the one column that stands for both: that of the
// side which is always there, of a full join that of the side which is.
func (e *engine) merge(kind pgast.JoinType, name string, left, right side, contexts [4]*context) segment {
	ctx, leftCtx, rightCtx, onCtx := contexts[0], contexts[1], contexts[2], contexts[3]
	ls, rs := &scope{segments: left.segments}, &scope{segments: right.segments}
	l, r := e.unqualified(name, ls), e.unqualified(name, rs)
	a, b := e.bindingTerm(l.binding), e.bindingTerm(r.binding)
	if a != noTerm && b != noTerm {
		onCtx.facts.equal = append(onCtx.facts.equal, equation{a: a, b: b})
	}
	merged := &outColumn{name, l.binding}
	switch kind {
	case pgast.JoinType_JOIN_RIGHT:
		merged.binding = r.binding
	case pgast.JoinType_JOIN_FULL:
		// Where a side is present, the merged column is that side's.
		m := e.column(&instance{home: ctx}, name)
		leftCtx.facts.equal = append(leftCtx.facts.equal, equation{m, a, true})
		rightCtx.facts.equal = append(rightCtx.facts.equal, equation{m, b, true})
		merged.binding = binding{term: m}
	}
	return segment{merged: merged}
}

// hide takes merged columns out of the reach of unqualified names.
func hide(segments []segment, names []string) []segment {
	if len(names) == 0 {
		return segments
	}
	var rest []segment
	for _, seg := range segments {
		if seg.merged != nil {
			if !slices.Contains(names, seg.merged.name) {
				rest = append(rest, seg)
			}
			continue
		}
		rest = append(rest, segment{inst: seg.inst, hidden: append(slices.Clone(seg.hidden), names...)})
	}
	return rest
}

// usingTable is the relation of JOIN … USING (…) AS name: the merged columns.
func (e *engine) usingTable(alias *pgast.Alias, merged []segment, ctx *context) *instance {
	i := &instance{alias: alias.GetAliasname(), home: ctx, columns: []outColumn{}}
	for _, seg := range merged {
		i.columns = append(i.columns, *seg.merged)
	}
	return i
}

// joinTable is the relation of (… JOIN …) AS name, which hides the relations inside.
func (e *engine) joinTable(alias *pgast.Alias, joined side, ctx *context) *instance {
	s := &scope{segments: joined.segments}
	columns, open := e.star(nil, s)
	return e.table(&output{columns: columns, open: open}, alias, alias.GetAliasname(), ctx)
}
