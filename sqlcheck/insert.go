package sqlcheck

import (
	"slices"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// insert builds INSERT. The new row is an instance of the target whose columns equal what is inserted,
// so it is pinned like any other row.
func (e *engine) insert(n *pgast.InsertStmt, outer *scope, ctx *context) *output {
	s := outer.inner()
	finish := e.with(n.GetWithClause(), s, ctx)
	row, st := e.target(n.GetRelation(), Insert, s, ctx)
	if st == nil {
		st = &site{inst: row}
	}
	names := insertColumns(n.GetCols(), row)
	if slices.ContainsFunc(names, isHoleName) {
		st.unclear = "the inserted columns are not known until run time"
	}
	values := e.source(n.GetSelectStmt().GetSelectStmt(), s, ctx)
	known := e.fill(row, st, names, values, ctx)
	finish()

	ctx.facts.add(known)
	changed := row
	if c := n.GetOnConflictClause(); c.GetAction() == pgast.OnConflictAction_ONCONFLICT_UPDATE && row.rel != nil {
		changed = e.conflict(n, c, names, values, s, ctx)
	}
	own := s.outside()
	own.enter(changed)
	return e.returning(n.GetReturningList(), changed, own, ctx)
}

// insertColumns returns the names of the columns that are inserted into.
func insertColumns(cols []*pgast.Node, row *instance) []string {
	var names []string
	for _, c := range cols {
		names = append(names, c.GetResTarget().GetName())
	}
	if len(cols) == 0 {
		names = row.names()
	}
	return names
}

// source builds what is inserted: one or several lists of values, or a query. It is nil for DEFAULT
// VALUES.
func (e *engine) source(sel *pgast.SelectStmt, s *scope, ctx *context) *output {
	if sel == nil {
		return nil
	}
	if len(sel.GetValuesLists()) > 0 && sel.GetOp() == pgast.SetOperation_SETOP_NONE {
		out := e.values(sel, s, ctx)
		ctx.facts.add(out.export)
		return out
	}
	return e.joined(sel, s, ctx, false)
}

// fill equates the columns of a new row with what is inserted or, for those left out, with their
// defaults.
func (e *engine) fill(row *instance, st *site, names []string, values *output, ctx *context) facts {
	var known facts
	if row.rel == nil {
		return known
	}
	for _, c := range row.rel.Columns {
		k := slices.Index(names, c.Name)
		given := k >= 0 && values != nil && (k < len(values.columns) || values.open)
		isTenant := belongs(row.table) && c.Name == row.table.Column
		switch {
		case !given || k >= len(values.columns):
		case values.columns[k].term == noTerm && values.columns[k].node.GetSetToDefault() != nil:
			given = false
		default:
			known.add(e.same(e.column(row, c.Name), values.columns[k].binding))
			if isTenant && e.isNullConstant(values.columns[k].binding) {
				st.missing = true
			}
		}
		if isTenant && !given && !slices.ContainsFunc(row.table.Columns, func(name string) bool { return name != c.Name && slices.Contains(names, name) }) {
			known.add(e.defaultTenant(row, st, c))
		}
	}
	return known
}

func (e *engine) isNullConstant(b binding) bool {
	if b.term != noTerm {
		return e.info(b.term).null
	}
	v, ok := e.external(b.operand)
	return ok && v.null
}

// defaultTenant is the tenant of a row whose INSERT does not set it.
func (e *engine) defaultTenant(row *instance, st *site, c *pgschema.Column) facts {
	t := e.column(row, c.Name)
	if f, ok := e.setsTenant(row.rel, c.Name); ok {
		v := e.outside(termInfo{source: Value, text: "trigger " + f})
		return facts{equal: []equation{{t, v, true}}}
	}
	for _, x := range []*pgschema.Expr{c.Default, c.Generated} {
		if x == nil {
			continue
		}
		v, ok := e.external(operand{x.Node, &scope{}})
		if !ok {
			st.unclear = "its default is not an expression that can be followed"
			return facts{}
		}
		st.missing = v.source == Constant && st.inst.table.Column == c.Name
		return facts{equal: []equation{{t, e.outside(v), true}}}
	}
	st.missing = c.Identity == 0
	return facts{}
}

// same says that a term is what a binding stands for, NULL included.
func (e *engine) same(t term, b binding) facts {
	if b.term != noTerm {
		return facts{equal: []equation{{t, b.term, true}}}
	}
	if choices := e.choices(&context{}, b.operand); choices != nil {
		var alternatives []alternative
		for _, c := range choices {
			f := c.when
			f.add(e.same(t, binding{operand: c.value}))
			alternatives = append(alternatives, alternative{facts: f})
		}
		return e.either(&context{}, alternatives)
	}
	v, ok := e.external(b.operand)
	switch {
	case ok && v.list:
		return facts{among: []membership{{term: t, of: []term{e.outside(v)}, null: true}}}
	case ok && v.null:
		return facts{among: []membership{{term: t, null: true}}}
	}
	var f facts
	if out := e.outputOf(b.operand); out != nil {
		// The subquery may have no row: then nothing is known but of the row that is not there.
		f = out.export.within(e, out.local)
	}
	f.equal = append(f.equal, equation{t, e.term(b.operand), true})
	return f
}

// conflict builds ON CONFLICT DO UPDATE: the existing row agrees with the new one in the columns of the
// unique key, and DO UPDATE … WHERE may say more of it. The row that it returns stands for both.
func (e *engine) conflict(n *pgast.InsertStmt, c *pgast.OnConflictClause, names []string, values *output, outer *scope, ctx *context) *instance {
	own := ctx.child()
	existing, st := e.target(n.GetRelation(), Conflict, outer, own)
	columns, ok := arbiter(existing.rel, c.GetInfer())
	if st != nil && !ok {
		st.unclear = "the constraint " + c.GetInfer().GetConname() + " is not known"
	}
	excluded := &instance{alias: "excluded", home: own, rel: existing.rel, proposed: true}
	own.facts.add(e.fill(excluded, &site{inst: excluded}, names, values, own))
	for _, name := range columns {
		own.facts.equal = append(own.facts.equal, equation{a: e.column(existing, name), b: e.column(excluded, name)})
	}
	s := outer.outside()
	s.enter(existing)
	if c.GetInfer().GetWhereClause() != nil {
		e.partialIndex(existing, columns, s, own)
	}
	s.items = append(s.items, excluded)
	e.condition(own, operand{c.GetWhereClause(), s}, true)
	assigned := e.assign(c.GetTargetList(), existing, s, own, true)
	if st != nil {
		st.upsert = &upsert{columns: columns, named: names, assigned: assigned, returning: n.GetReturningList(), existing: existing, excluded: excluded}
	}

	returned := &instance{alias: existing.alias, rel: existing.rel, table: existing.table, home: ctx}
	new := &instance{home: ctx, rel: existing.rel, proposed: true}
	ctx.facts.add(e.fill(new, &site{inst: new}, names, values, ctx))
	for _, name := range columns {
		ctx.facts.equal = append(ctx.facts.equal, equation{e.column(returned, name), e.column(new, name), true})
	}
	return returned
}

// partialIndex adds the predicate of the partial unique index that ON CONFLICT (columns) WHERE … means: the
// existing row satisfies it.
func (e *engine) partialIndex(existing *instance, columns []string, s *scope, ctx *context) {
	for _, x := range existing.rel.Indexes {
		if x.Unique && x.Where != nil && slices.Equal(slices.Sorted(slices.Values(x.Columns)), slices.Sorted(slices.Values(columns))) {
			e.condition(ctx, operand{x.Where.Node, s}, true)
			return
		}
	}
}

// upsert is what the rule on conflicts needs to know of one.
type upsert struct {
	// columns are those of the conflict target, named those that are inserted into.
	columns, named []string
	assigned       map[string]operand
	returning      []*pgast.Node
	existing       *instance
	excluded       *instance
}
