package sqlcheck

import (
	"cmp"
	"slices"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// Analyze judges each reference to a tenant table in a statement. It never fails: what it cannot
// follow is undecided, with the reason.
func Analyze(db *Database, stmt *pgast.Statement, opts ...Option) *Analysis {
	var o options
	for _, opt := range opts {
		opt(&o)
	}
	e := newEngine(db, stmt)
	e.underRLS = o.scoped
	e.statement(stmt.Node)
	return e.analysis()
}

// AnalyzeUnset judges a statement as it runs in a session that has not set any custom setting: on a fresh
// connection, where they are NULL, and on one used before, where they are ”.
func AnalyzeUnset(db *Database, stmt *pgast.Statement) []*Analysis {
	var both []*Analysis
	for _, state := range []settingState{settingNull, settingEmpty} {
		e := newEngine(db, stmt)
		e.settings = state
		e.statement(stmt.Node)
		both = append(both, e.analysis())
	}
	return both
}

// statement builds a statement of any kind.
func (e *engine) statement(node *pgast.Node) {
	root, ctx := &scope{}, &context{}
	switch n := node.GetNode().(type) {
	case *pgast.Node_SelectStmt:
		if n.SelectStmt.GetOp() == pgast.SetOperation_SETOP_NONE && len(n.SelectStmt.GetValuesLists()) == 0 {
			e.level(n.SelectStmt, root.inner(), ctx) // nothing around it asks for its rows
			return
		}
		e.separate(n.SelectStmt, root, ctx, false)
	case *pgast.Node_InsertStmt, *pgast.Node_UpdateStmt, *pgast.Node_DeleteStmt, *pgast.Node_MergeStmt:
		e.modify(node, root, ctx.child())
	case *pgast.Node_ExplainStmt:
		e.statement(n.ExplainStmt.GetQuery())
	case *pgast.Node_PrepareStmt:
		e.statement(n.PrepareStmt.GetQuery())
	case *pgast.Node_DeclareCursorStmt:
		e.statement(n.DeclareCursorStmt.GetQuery())
	case *pgast.Node_CreateTableAsStmt:
		e.statement(n.CreateTableAsStmt.GetQuery())
	case *pgast.Node_CopyStmt:
		e.copy(n.CopyStmt, root, ctx)
	case *pgast.Node_TruncateStmt:
		for _, r := range n.TruncateStmt.GetRelations() {
			e.target(r.GetRangeVar(), Truncate, root, ctx)
		}
	case *pgast.Node_CallStmt:
		if call := n.CallStmt.GetFunccall(); call != nil {
			e.visitMessage(ctx, call, root)
		}
	case *pgast.Node_DoStmt:
		e.undecide(operand{}, -1, "", "do-block", "the body of a DO block is not followed")
	}
}

// copy is COPY table TO or FROM, or COPY (query) TO.
func (e *engine) copy(n *pgast.CopyStmt, s *scope, ctx *context) {
	if n.GetQuery() != nil {
		e.statement(n.GetQuery())
		return
	}
	if !n.GetIsFrom() {
		e.target(n.GetRelation(), Copy, s, ctx)
		return
	}
	row, st := e.target(n.GetRelation(), Insert, s, ctx)
	if st == nil {
		return
	}
	var names []string
	for _, a := range n.GetAttlist() {
		names = append(names, a.GetString_().GetSval())
	}
	if len(names) == 0 || slices.Contains(names, row.table.Column) {
		st.unclear = "the rows come from a file or from the client"
		return
	}
	ctx.facts.add(e.fill(row, st, names, &output{open: true}, ctx))
}

// analysis judges the references that were met.
func (e *engine) analysis() *Analysis {
	a := &Analysis{}
	e.complete = true
	byKey := map[siteKey]*Reference{}
	relations := map[siteKey]*pgschema.Relation{}
	for _, st := range e.sites {
		r := e.judge(st)
		known, ok := byKey[st.key]
		if !ok {
			byKey[st.key], relations[st.key] = r, st.inst.rel
			a.References = append(a.References, r)
			continue
		}
		if worse(r, known) {
			*known = *r
		}
	}
	for _, m := range e.moves {
		for _, r := range a.References {
			if r.site.inst == m.target && (r.Command == Update || r.Command == Conflict) {
				r.Moved = e.movedTo(m)
			}
		}
	}
	if e.exhausted() {
		e.undecide(operand{}, -1, "", "statement-too-large", "the statement is too large to follow")
	}
	slices.SortStableFunc(a.References, func(r, s *Reference) int { return r.Position.Compare(s.Position) })
	slices.SortFunc(e.undecided, func(u, v finding.Undecided) int {
		return cmp.Or(u.Position.Compare(v.Position), cmp.Compare(u.Object, v.Object), cmp.Compare(u.Reason, v.Reason))
	})
	a.Undecided = slices.Compact(e.undecided)
	return a
}

// worse reports whether one judgement of a reference says more against it than another: a reference in
// a view or WITH query is judged wherever that is used.
func worse(a, b *Reference) bool {
	rank := map[Verdict]int{Pinned: 0, Undecided: 1, Unpinned: 2}
	return rank[a.Verdict] > rank[b.Verdict] ||
		a.Verdict == Unpinned && b.Verdict == Unpinned && a.ByKey == nil && b.ByKey != nil ||
		a.Verdict == Pinned && b.Verdict == Pinned && a.List && !b.List
}
