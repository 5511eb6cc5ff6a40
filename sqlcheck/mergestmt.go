package sqlcheck

import (
	"slices"

	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// mergeStatement builds MERGE (PostgreSQL manual, MERGE): the source is joined to the target, matched pairs
// update or delete, source rows without a match insert. Whether a source row has a match depends on
// the target rows that ON admits, so with a NOT MATCHED action ON alone must pin the target.
func (e *engine) mergeStatement(n *pgast.MergeStmt, outer *scope, ctx *context) *output {
	s := outer.inner()
	finish := e.with(n.GetWithClause(), s, ctx)
	first := len(e.sites)
	source := e.fromItem(n.GetSourceRelation(), s, ctx)
	sources := slices.Clone(e.sites[first:])
	target, st := e.target(n.GetRelation(), Update, s, ctx)
	s.enter(target)
	s.add(source)
	bySource := s.outside()
	bySource.add(source)

	var targetContexts, sourceContexts []*context
	for _, w := range n.GetMergeWhenClauses() {
		when := w.GetMergeWhenClause()
		pair := ctx.child()
		e.condition(pair, operand{n.GetJoinCondition(), s}, true)
		e.condition(pair, operand{when.GetCondition(), s}, true)
		if when.GetCommandType() == pgast.CmdType_CMD_NOTHING {
			continue // but its condition decides which rows are left to the clauses that follow
		}
		targetContexts = append(targetContexts, pair)
		if when.GetMatched() {
			e.assign(when.GetTargetList(), target, s, pair, false)
			sourceContexts = append(sourceContexts, pair)
			continue
		}
		alone := ctx.child()
		e.condition(alone, operand{when.GetCondition(), bySource}, true)
		sourceContexts = append(sourceContexts, alone)
		e.mergeInsert(n, when, bySource, alone)
	}
	if len(targetContexts) == 0 {
		pair := ctx.child()
		e.condition(pair, operand{n.GetJoinCondition(), s}, true)
		targetContexts = []*context{pair}
	}
	if st != nil {
		st.contexts = targetContexts
	}
	for _, from := range sources {
		if from.inst.home == ctx && len(sourceContexts) > 0 {
			from.contexts = sourceContexts
		}
	}
	finish()
	return &output{}
}

// mergeInsert is WHEN NOT MATCHED THEN INSERT.
func (e *engine) mergeInsert(n *pgast.MergeStmt, when *pgast.MergeWhenClause, s *scope, ctx *context) {
	row, st := e.target(n.GetRelation(), Insert, s, ctx)
	if row.rel == nil {
		return
	}
	var values *output
	if len(when.GetValues()) > 0 {
		values = &output{}
		for k, v := range when.GetValues() {
			e.visit(ctx, operand{v, s})
			values.columns = append(values.columns, outColumn{valuesColumn(k), binding{operand: operand{v, s}}})
		}
	}
	if st == nil {
		st = &site{inst: row}
	}
	ctx.facts.add(e.fill(row, st, insertColumns(when.GetTargetList(), row), values, ctx))
}
