package sqlcheck

import (
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

// united combines two outputs whose columns correspond by position.
func (e *engine) united(op pgast.SetOperation, left, right *output, ctx *context, linked bool) *output {
	out := &output{open: left.open || right.open}
	pairs := map[[2]*instance]*instance{}
	renameLeft, renameRight := map[*instance]*instance{}, map[*instance]*instance{}
	own := &instance{home: ctx}
	for k := range min(len(left.columns), len(right.columns)) {
		a, b := e.columnTerm(left, k), e.columnTerm(right, k)
		c := noTerm
		if a == b && e.isOutside(a) {
			c = a
		} else if row := e.rowOfBoth(a, b, ctx, pairs, renameLeft, renameRight); row != nil {
			c = e.column(row, e.info(a).column)
		} else {
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
	l, r := e.rename(left.export, renameLeft), e.rename(right.export, renameRight)
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
	if v, ok := e.external(b.operand); ok {
		t := e.outside(v)
		if v.list {
			c := e.opaque(b.operand)
			out.export.among = append(out.export.among, membership{term: c, of: []term{t}})
			return c
		}
		return t
	}
	return e.opaque(b.operand)
}

// rowOfBoth returns an instance that stands for the row of either side where both sides have the same
// column of the same table.
func (e *engine) rowOfBoth(a, b term, ctx *context, pairs map[[2]*instance]*instance, renameLeft, renameRight map[*instance]*instance) *instance {
	ia, ib := e.info(a), e.info(b)
	if ia.inst == nil || ib.inst == nil || ia.inst.rel == nil || ia.inst.rel != ib.inst.rel || ia.column != ib.column {
		return nil
	}
	pair := [2]*instance{ia.inst, ib.inst}
	if row := pairs[pair]; row != nil {
		return row
	}
	if renameLeft[ia.inst] != nil || renameRight[ib.inst] != nil {
		return nil
	}
	// An instance of the query around is one row, not a row of either side.
	if !ctx.below(ia.inst.home) || ia.inst.home == ctx || !ctx.below(ib.inst.home) || ib.inst.home == ctx {
		return nil
	}
	row := &instance{alias: ia.inst.alias, rel: ia.inst.rel, table: ia.inst.table, home: ctx}
	pairs[pair], renameLeft[ia.inst], renameRight[ib.inst] = row, row, row
	return row
}
