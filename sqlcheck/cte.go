package sqlcheck

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// with is the list of WITH queries in force, innermost first.
type with struct {
	next *with
	cte  *cte
}

func (w *with) find(name string) *cte {
	for ; w != nil; w = w.next {
		if w.cte.node.GetCtename() == name {
			return w.cte
		}
	}
	return nil
}

// cte is one WITH query.
type cte struct {
	node  *pgast.CommonTableExpr
	scope *scope
	// fixed is the output of a query that changes data, or of the part of a recursive one that refers
	// to itself.
	fixed    *output
	used     bool
	building bool
}

// with puts the queries of a WITH clause in force. Those that change data are built at once, the others
// wherever they are referred to, as if written there: a condition outside may restrict them. The
// function that it returns builds those that nothing referred to.
func (e *engine) with(clause *pgast.WithClause, s *scope, ctx *context) func() {
	if clause == nil {
		return func() {}
	}
	var list []*cte
	for _, n := range clause.GetCtes() {
		c := &cte{node: n.GetCommonTableExpr()}
		list = append(list, c)
		if clause.GetRecursive() {
			s.with = &with{s.with, c}
		}
	}
	for _, c := range list {
		c.scope = s.outside()
		if c.node.GetCtequery().GetSelectStmt() == nil {
			c.used = true
			// It changes rows whether or not the query around uses them: nothing that is known there holds.
			c.fixed = e.modify(c.node.GetCtequery(), c.scope, (&context{}).child())
			rename(c.fixed.columns, columnsAlias(c.node))
		}
		if !clause.GetRecursive() {
			s.with = &with{s.with, c}
		}
	}
	return func() {
		for _, c := range list {
			if !c.used {
				e.cteOutput(c, s, ctx.child())
			}
		}
	}
}

func columnsAlias(c *pgast.CommonTableExpr) *pgast.Alias {
	return &pgast.Alias{Colnames: c.GetAliascolnames()}
}

// cteOutput builds a WITH query where it is referred to.
func (e *engine) cteOutput(c *cte, s *scope, ctx *context) *output {
	c.used = true
	switch {
	case c.fixed != nil:
		out := e.copyOutput(c.fixed, ctx)
		ctx.facts.add(out.export)
		return out
	case c.building || !e.spend():
		return &output{open: true}
	}
	sel := c.node.GetCtequery().GetSelectStmt()
	c.building = true
	defer func() { c.building = false }()
	var out *output
	if refersTo(sel, c.node.GetCtename()) && isUnion(sel) && c.scope.with.find(c.node.GetCtename()) == c {
		out = e.recursive(c, sel, ctx)
		ctx.facts.add(out.export)
	} else {
		out = e.joined(sel, c.scope, ctx, false)
	}
	out = &output{columns: slices.Clone(out.columns), open: out.open, returned: out.returned}
	rename(out.columns, columnsAlias(c.node))
	return out
}

func isUnion(sel *pgast.SelectStmt) bool { return sel.GetOp() == pgast.SetOperation_SETOP_UNION }

// refersTo reports whether a query names a relation, without asking which one it is.
func refersTo(sel *pgast.SelectStmt, name string) bool {
	found := false
	pgast.Walk(sel, func(message any) bool {
		if v, ok := message.(*pgast.RangeVar); ok && v.GetSchemaname() == "" && v.GetRelname() == name {
			found = true
		}
		return !found
	})
	return found
}

// recursive builds WITH RECURSIVE c AS (base UNION step). What is known of every row of the result is
// what is known of the base rows and what the step, given that of its input, gives again: starting
// from the base, what the step does not keep is given up until nothing more has to be.
func (e *engine) recursive(c *cte, sel *pgast.SelectStmt, ctx *context) *output {
	outer := ctx.child()
	base := e.separate(sel.GetLarg(), c.scope, outer, false)
	known := base
	for {
		if !e.spend() {
			return &output{open: true}
		}
		mark := len(e.sites)
		c.fixed = &output{columns: slices.Clone(known.columns), open: known.open, returned: known.returned, export: known.export}
		rename(c.fixed.columns, columnsAlias(c.node))
		step := e.separate(sel.GetRarg(), c.scope, outer, false)
		c.fixed = nil
		next := e.united(pgast.SetOperation_SETOP_UNION, e.copyOutput(known, outer), step, ctx, false)
		next.inner = outer
		if e.knowledge(next) == e.knowledge(known) {
			out := e.copyOutput(next, ctx)
			out.inner = outer
			return out
		}
		e.sites = e.sites[:mark]
		known = next
	}
}

// knowledge writes down what is known of the columns of an output: which values they are confined to,
// whose columns they are, and which of them are equal.
func (e *engine) knowledge(out *output) string {
	c := e.closureOf(false, out.export)
	var b strings.Builder
	confinement := func(t term) {
		if p, ok := c.pin(t); ok {
			slices.Sort(p.values)
			fmt.Fprint(&b, p.values, p.null)
		}
	}
	for k := range out.columns {
		t := e.columnTerm(out, k)
		fmt.Fprintf(&b, "|%d", k)
		confinement(t)
		if i := e.info(t).inst; i != nil && i.rel != nil {
			fmt.Fprint(&b, i.rel.Name, e.info(t).column, i.fixed)
			if tenant := e.tenantTerm(i); tenant != noTerm {
				confinement(tenant)
			}
		}
		for j := range k {
			fmt.Fprint(&b, c.same(t, e.columnTerm(out, j)))
		}
	}
	return b.String()
}

// copyOutput makes the output of another reference to the same query: other rows of which the same is
// known.
func (e *engine) copyOutput(out *output, ctx *context) *output {
	made := map[*instance]*instance{}
	copied := func(t term) term {
		info := *e.info(t)
		if info.inst == nil {
			return t
		}
		if made[info.inst] == nil {
			made[info.inst] = info.inst.copy(ctx)
		}
		return e.column(made[info.inst], info.column)
	}
	result := &output{open: out.open, returned: out.returned, inner: out.inner}
	for k := range out.columns {
		result.columns = append(result.columns, outColumn{out.columns[k].name, binding{term: copied(e.columnTerm(out, k))}})
	}
	for _, q := range out.export.equal {
		copied(q.a)
		copied(q.b)
	}
	for _, m := range out.export.among {
		copied(m.term)
	}
	result.export = e.rename(out.export, made)
	for _, copied := range made {
		result.local = append(result.local, copied)
	}
	return result
}
