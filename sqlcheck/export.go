package sqlcheck

import (
	"slices"
	"strconv"

	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

func valuesColumn(k int) string { return "column" + strconv.Itoa(k+1) }

// isPlain reports whether each row of a query is one combination of rows of its relations and each
// such combination is a row: no set operation, grouping, window, DISTINCT ON or limit. DISTINCT does
// no harm, nor does a limit where only existence is asked.
func (e *engine) isPlain(sel *pgast.SelectStmt, exists bool) bool {
	op := sel.GetOp()
	if op != pgast.SetOperation_SETOP_NONE && op != pgast.SetOperation_SET_OPERATION_UNDEFINED || len(sel.GetValuesLists()) > 0 ||
		len(sel.GetGroupClause()) > 0 || sel.GetHavingClause() != nil || sel.GetLimitOffset() != nil {
		return false
	}
	if limit := sel.GetLimitCount(); limit != nil && !(exists && limit.GetAConst() != nil && limit.GetAConst().GetIval().GetIval() > 0) {
		return false
	}
	// DISTINCT is a list of one empty node, DISTINCT ON of its expressions.
	if d := sel.GetDistinctClause(); !exists && len(d) > 0 && d[0].GetNode() != nil {
		return false
	}
	return !aggregated(sel) && len(windows(sel)) == 0
}

// aggregated reports whether a query without GROUP BY is one group: it has HAVING, or calls an aggregate
// function. Its result is one row even when there is none to aggregate.
func aggregated(sel *pgast.SelectStmt) bool {
	found := sel.GetHavingClause() != nil
	eachExpression(sel, func(n *pgast.Node) {
		pgast.Walk(n, func(message any) bool {
			switch m := message.(type) {
			case *pgast.SubLink:
				found = found || aggregatesOutside(m)
				return false
			case *pgast.GroupingFunc:
				found = true
			case *pgast.FuncCall:
				found = found || isAggregate(m)
			}
			return !found
		})
	})
	return found
}

// eachExpression visits the expressions in which a query may call aggregate and window functions.
func eachExpression(sel *pgast.SelectStmt, visit func(*pgast.Node)) {
	for _, list := range [][]*pgast.Node{sel.GetTargetList(), sel.GetSortClause(), sel.GetDistinctClause()} {
		for _, n := range list {
			if n.GetResTarget().GetVal().GetColumnRef() == nil {
				visit(n)
			}
		}
	}
}

// aggregatesOutside reports whether a subquery calls an aggregate function of columns that are not its
// own: such a call belongs to the query around (PostgreSQL manual, 4.2.7).
func aggregatesOutside(sub *pgast.SubLink) bool {
	own, hasFrom := map[string]bool{}, false
	pgast.Walk(sub.GetSubselect(), func(message any) bool {
		switch m := message.(type) {
		case *pgast.RangeVar:
			own[nameOf(m)], hasFrom = true, true
		case *pgast.Alias:
			own[m.GetAliasname()], hasFrom = true, true
		case *pgast.RangeFunction:
			hasFrom = true
		}
		return true
	})
	found := false
	pgast.Walk(sub.GetSubselect(), func(message any) bool {
		if call, ok := message.(*pgast.FuncCall); ok && isAggregate(call) {
			columns, inside := 0, 0
			pgast.Walk(call, func(message any) bool {
				if ref, ok := message.(*pgast.ColumnRef); ok {
					columns++
					if name, _ := columnName(ref); len(name) < 2 && hasFrom || len(name) > 1 && own[name[len(name)-2]] {
						inside++
					}
				}
				return true
			})
			found = found || columns > 0 && inside == 0
		}
		return !found
	})
	return found
}

// windows returns the PARTITION BY list of each window function of a query.
func windows(sel *pgast.SelectStmt) [][]*pgast.Node {
	var found [][]*pgast.Node
	eachExpression(sel, func(n *pgast.Node) {
		pgast.Walk(n, func(message any) bool {
			if _, ok := message.(*pgast.SubLink); ok {
				return false
			}
			if call, ok := message.(*pgast.FuncCall); ok && call.GetOver() != nil {
				found = append(found, partition(call.GetOver(), sel))
			}
			return true
		})
	})
	return found
}

func partition(over *pgast.WindowDef, sel *pgast.SelectStmt) []*pgast.Node {
	name := over.GetName() + over.GetRefname()
	for _, w := range sel.GetWindowClause() {
		if def := w.GetWindowDef(); name != "" && def.GetName() == name {
			return def.GetPartitionClause()
		}
	}
	return over.GetPartitionClause()
}

// exported makes the output of a level that stands in a context of its own.
func (e *engine) exported(l *level, ctx *context, linked bool) *output {
	out := &output{open: l.open, returned: l.returned(), inner: l.ctx}
	copies := &copier{e: e, inner: l.ctx, home: ctx, made: map[*instance]*instance{}}
	// An aggregate without GROUP BY gives a row even when there is none to aggregate.
	grouped := len(l.sel.GetGroupClause()) > 0
	if !grouped && !aggregated(l.sel) || grouped && e.isPlainGrouping(l.sel) {
		local := e.closeLocally(l.ctx)
		for _, c := range local.applied {
			out.export.add(copies.facts(c.facts))
		}
	}
	d := &instance{home: ctx}
	out.local = append(out.local, d)
	for k, c := range l.columns {
		copied := outColumn{c.name, e.copyBinding(c.binding, copies, d, k)}
		out.columns = append(out.columns, copied)
		if linked && c.term != noTerm && copied.term != c.term && e.filterable(l, c.term) {
			l.ctx.facts.equal = append(l.ctx.facts.equal, equation{copied.term, c.term, true})
		}
	}
	for _, copied := range copies.made {
		out.local = append(out.local, copied)
	}
	return out
}

func (e *engine) isPlainGrouping(sel *pgast.SelectStmt) bool {
	return !slices.ContainsFunc(sel.GetGroupClause(), func(n *pgast.Node) bool { return n.GetGroupingSet() != nil })
}

func (e *engine) copyBinding(b binding, copies *copier, d *instance, k int) binding {
	if b.term != noTerm {
		return binding{term: copies.term(b.term)}
	}
	if v, ok := e.external(b.operand); ok {
		if v.list {
			return b
		}
		return binding{term: e.outside(v)}
	}
	return binding{term: e.column(d, "\x00"+strconv.Itoa(k))}
}

// filterable reports whether keeping only the rows with one value of a column gives the same result
// before and after what the level does with its rows.
func (e *engine) filterable(l *level, t term) bool {
	if l.sel.GetLimitCount() != nil || l.sel.GetLimitOffset() != nil {
		return false
	}
	if d := l.sel.GetDistinctClause(); len(d) > 0 && d[0].GetNode() != nil && !slices.Contains(e.distinctKeys(l), t) {
		return false
	}
	if len(l.sel.GetGroupClause()) > 0 && !slices.Contains(e.keys(l.sel.GetGroupClause(), l.sel, l.scope), t) {
		return false
	}
	for _, by := range windows(l.sel) {
		if !slices.Contains(e.columnTerms(by, l.scope), t) {
			return false
		}
	}
	return true
}

// distinctKeys returns the terms of DISTINCT ON, where a name is that of an output column if there is one.
func (e *engine) distinctKeys(l *level) []term {
	var list []*pgast.Node
	for _, n := range l.sel.GetDistinctClause() {
		if name, ok := columnName(n.GetColumnRef()); ok && len(name) == 1 {
			for _, t := range l.sel.GetTargetList() {
				if targetName(t.GetResTarget()) == name[0] {
					n = t.GetResTarget().GetVal()
				}
			}
		}
		list = append(list, n)
	}
	return e.keys(list, l.sel, l.scope)
}

// copier replaces the instances of an inner context by copies at home.
type copier struct {
	e           *engine
	inner, home *context
	made        map[*instance]*instance
}

func (c *copier) instance(i *instance) *instance {
	if i == nil || !c.inner.below(i.home) {
		return i
	}
	if c.made[i] == nil {
		c.made[i] = i.copy(c.home)
	}
	return c.made[i]
}

func (c *copier) term(t term) term {
	info := *c.e.info(t)
	if copied := c.instance(info.inst); copied != info.inst {
		return c.e.column(copied, info.column)
	}
	return t
}

func (c *copier) facts(f facts) facts {
	for _, q := range f.equal {
		c.term(q.a)
		c.term(q.b)
	}
	for _, m := range f.among {
		c.term(m.term)
	}
	for _, i := range f.present {
		c.instance(i)
	}
	return c.e.rename(f, c.made)
}
