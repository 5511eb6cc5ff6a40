package sqlcheck

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// setOperation builds UNION, INTERSECT and EXCEPT. A row of a union is one of either side, a row of an
// intersection one of both, a row of EXCEPT one of the left side. A filter on columns of the result
// may be applied to each side.
func (e *engine) setOperation(sel *pgast.SelectStmt, s *scope, ctx *context, linked bool) *output {
	outer := ctx.child()
	inner := s.inner()
	finish := e.with(sel.GetWithClause(), inner, outer)
	linked = linked && sel.GetLimitCount() == nil && sel.GetLimitOffset() == nil
	left := e.separate(sel.GetLarg(), inner, outer, linked)
	right := e.separate(sel.GetRarg(), inner, outer, linked)
	e.visitAll(outer, sel.GetSortClause(), inner)
	e.visit(outer, operand{sel.GetLimitCount(), inner})
	e.visit(outer, operand{sel.GetLimitOffset(), inner})
	finish()
	out := e.united(sel.GetOp(), left, right, ctx, linked)
	out.inner = outer
	return out
}

// union pairs the rows of two outputs whose columns correspond by position.
type union struct {
	e    *engine
	ctx  *context
	left map[*instance]*instance
	// right is, like left, what becomes of the instances of one side; rows are the pairs.
	right  map[*instance]*instance
	rows   map[[2]*instance]*instance
	lc, rc *closure
}

// united combines two outputs.
func (e *engine) united(op pgast.SetOperation, left, right *output, ctx *context, linked bool) *output {
	out := &output{open: left.open || right.open, returned: cmp.Or(left.returned, right.returned), local: slices.Concat(left.local, right.local)}
	u := &union{e: e, ctx: ctx, left: map[*instance]*instance{}, right: map[*instance]*instance{}, rows: map[[2]*instance]*instance{}}
	u.lc, u.rc = e.closureOf(false, left.export), e.closureOf(false, right.export)
	for k := range min(len(left.columns), len(right.columns)) {
		a, b := e.columnTerm(left, k), e.columnTerm(right, k)
		var c term
		if row := u.rowOfBoth(op, a, b); row != nil {
			c = e.column(row, e.info(a).column)
		} else if a == b && e.isOutside(a) {
			c = a
		} else {
			own := &instance{home: ctx, fixed: u.lc.settled(a) && u.rc.settled(b)}
			out.local = append(out.local, own)
			c = e.column(own, strconv.Itoa(k))
			left.export.equal = append(left.export.equal, equation{c, a, true})
			right.export.equal = append(right.export.equal, equation{c, b, true})
		}
		out.columns = append(out.columns, outColumn{left.columns[k].name, binding{term: c}})
		if linked && c != a {
			left.inner.facts.equal = append(left.inner.facts.equal, equation{c, a, true})
		}
		if linked && c != b {
			right.inner.facts.equal = append(right.inner.facts.equal, equation{c, b, true})
		}
	}
	for _, row := range u.rows {
		out.local = append(out.local, row)
	}
	l, r := e.rename(left.export, u.left), e.rename(right.export, u.right)
	switch op {
	case pgast.SetOperation_SETOP_UNION:
		out.export = e.either(&context{}, []alternative{{facts: l}, {facts: r}})
	case pgast.SetOperation_SETOP_INTERSECT:
		out.export.add(l)
		out.export.add(r)
	default:
		out.export = l
	}
	return out
}

// columnTerm returns the term of an output column; an expression gets one of its own.
func (e *engine) columnTerm(out *output, k int) term {
	b := out.columns[k].binding
	if b.term != noTerm {
		return b.term
	}
	v, ok := e.external(b.operand)
	switch {
	case ok && v.list:
		c := e.opaque(b.operand)
		out.export.among = append(out.export.among, membership{term: c, of: []term{e.outside(v)}})
		return c
	case ok:
		return e.outside(v)
	}
	return e.opaque(b.operand)
}

// rowOfBoth returns an instance that stands for the row of either side where both sides have the same
// column of the same table, and nil elsewhere. A row of an intersection is two rows of the table, which
// need not be the same.
func (u *union) rowOfBoth(op pgast.SetOperation, a, b term) *instance {
	if op == pgast.SetOperation_SETOP_INTERSECT {
		return nil
	}
	ia, ib := u.e.info(a), u.e.info(b)
	if ia.inst == nil || ib.inst == nil || ia.inst.rel == nil || ia.inst.rel != ib.inst.rel || ia.column != ib.column {
		return nil
	}
	pair := [2]*instance{ia.inst, ib.inst}
	if row := u.rows[pair]; row != nil {
		return row
	}
	if u.left[ia.inst] != nil || u.right[ib.inst] != nil || !u.inside(ia.inst) || !u.inside(ib.inst) {
		return nil
	}
	row := ia.inst.copy(u.ctx)
	_, leftFixed := u.lc.fixation(ia.inst)
	_, rightFixed := u.rc.fixation(ib.inst)
	row.fixed = leftFixed && rightFixed
	u.rows[pair], u.left[ia.inst], u.right[ib.inst] = row, row, row
	return row
}

// inside reports whether an instance is one of a side, not of the query around.
func (u *union) inside(i *instance) bool { return i.home != u.ctx && u.ctx.below(i.home) }
