package sqlcheck

import (
	"slices"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/classify"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// move is an assignment to the tenant column of an existing row.
type move struct {
	table    *classify.Table
	target   *instance
	value    operand
	ctx      *context
	location int32
	conflict bool
}

// modify builds a statement that reads or changes rows; its output is that of RETURNING.
func (e *engine) modify(n *pgast.Node, s *scope, ctx *context) *output {
	switch n := n.GetNode().(type) {
	case *pgast.Node_SelectStmt:
		return e.joined(n.SelectStmt, s, ctx, false)
	case *pgast.Node_InsertStmt:
		return e.insert(n.InsertStmt, s, ctx)
	case *pgast.Node_UpdateStmt:
		return e.update(n.UpdateStmt, s, ctx)
	case *pgast.Node_DeleteStmt:
		return e.delete(n.DeleteStmt, s, ctx)
	case *pgast.Node_MergeStmt:
		return e.mergeStatement(n.MergeStmt, s, ctx)
	}
	return &output{open: true}
}

// target makes the instance of the table that a statement changes.
func (e *engine) target(n *pgast.RangeVar, command Command, s *scope, ctx *context) (*instance, *site) {
	rel := e.db.Schema.Lookup(n.GetSchemaname(), n.GetRelname())
	if rel == nil || rel.Query != nil && !rel.IsTable() {
		return e.relation(n, &scope{at: s.at}, ctx), nil
	}
	i := e.stored(rel, n, s, ctx)
	i.proposed = command == Insert
	if command == Update || command == Delete {
		e.guard(i, command, s, ctx)
	}
	return i, e.referTo(i, command, n, s)
}

func (e *engine) update(n *pgast.UpdateStmt, outer *scope, ctx *context) *output {
	s := outer.inner()
	finish := e.with(n.GetWithClause(), s, ctx)
	target, _ := e.target(n.GetRelation(), Update, s, ctx)
	s.enter(target)
	e.from(n.GetFromClause(), s, ctx)
	e.currentOf(n.GetWhereClause(), s)
	e.condition(ctx, operand{n.GetWhereClause(), s}, true)
	assigned := e.assign(n.GetTargetList(), target, s, ctx, false)
	finish()
	return e.returning(n.GetReturningList(), e.after(target, assigned), s, ctx)
}

func (e *engine) delete(n *pgast.DeleteStmt, outer *scope, ctx *context) *output {
	s := outer.inner()
	finish := e.with(n.GetWithClause(), s, ctx)
	target, _ := e.target(n.GetRelation(), Delete, s, ctx)
	s.enter(target)
	e.from(n.GetUsingClause(), s, ctx)
	e.currentOf(n.GetWhereClause(), s)
	e.condition(ctx, operand{n.GetWhereClause(), s}, true)
	finish()
	return e.returning(n.GetReturningList(), target, s, ctx)
}

// currentOf is WHERE CURRENT OF cursor: the row that a cursor found, whose query is not at hand.
func (e *engine) currentOf(where *pgast.Node, s *scope) {
	if where.GetCurrentOfExpr() != nil {
		e.blind = true
	}
}

// assign visits the SET list of an update and returns the assigned columns.
func (e *engine) assign(list []*pgast.Node, target *instance, s *scope, ctx *context, conflict bool) map[string]operand {
	assigned := map[string]operand{}
	for _, n := range list {
		t := n.GetResTarget()
		value := operand{t.GetVal(), s}
		if m := value.node.GetMultiAssignRef(); m != nil {
			if row := m.GetSource().GetRowExpr(); row != nil && int(m.GetColno()) <= len(row.GetArgs()) {
				value.node = row.GetArgs()[m.GetColno()-1]
			} else {
				e.visit(ctx, operand{m.GetSource(), s})
			}
		}
		e.visit(ctx, value)
		assigned[t.GetName()] = value
		if tbl := target.table; belongs(tbl) && t.GetName() == tbl.Column && len(t.GetIndirection()) == 0 {
			e.moves = append(e.moves, move{tbl, target, value, ctx, t.GetLocation(), conflict})
		}
	}
	return assigned
}

// after makes the instance of a changed row, as RETURNING sees it.
func (e *engine) after(target *instance, assigned map[string]operand) *instance {
	if len(assigned) == 0 || target.rel == nil {
		return target
	}
	row := &instance{alias: target.alias, home: target.home, columns: []outColumn{}}
	for _, name := range target.names() {
		b, _ := e.find(target, name)
		if value, ok := assigned[name]; ok {
			b = binding{operand: value}
		}
		row.columns = append(row.columns, outColumn{name, b})
	}
	return row
}

// returning builds RETURNING, where the changed row stands for the target.
func (e *engine) returning(list []*pgast.Node, row *instance, s *scope, ctx *context) *output {
	if len(list) == 0 {
		return &output{inner: ctx}
	}
	own := s.outside()
	own.add(visible(row))
	if len(s.items) > 1 {
		own.items = append(own.items, s.items[1:]...)
		own.segments = append(own.segments, s.segments[1:]...)
	}
	columns, open := e.targets(list, own, ctx)
	l := &level{sel: &pgast.SelectStmt{}, scope: own, ctx: ctx, columns: columns, open: open}
	return e.exported(l, ctx.parent, false)
}

// arbiter returns the columns of the unique key that ON CONFLICT names; ok is false when it is not
// known.
func arbiter(rel *pgschema.Relation, n *pgast.InferClause) (columns []string, ok bool) {
	if n.GetConname() != "" {
		for _, c := range rel.Constraints {
			if c.Name == n.GetConname() {
				return c.Columns, true
			}
		}
		for _, x := range rel.Indexes {
			if x.Name == n.GetConname() {
				return x.Columns, true
			}
		}
		// PostgreSQL names a primary key table_pkey and a unique key table_columns_key by default.
		for _, c := range rel.Constraints {
			if c.Name == "" && c.Kind == pgschema.PrimaryKey && n.GetConname() == rel.Name.Name+"_pkey" {
				return c.Columns, true
			}
		}
		return nil, false
	}
	for _, item := range n.GetIndexElems() {
		if name := item.GetIndexElem().GetName(); name != "" {
			columns = append(columns, name)
		}
	}
	return columns, true
}

// setsTenant reports whether a trigger gives each inserted row its tenant: one whose function assigns
// NEW.column. The name of the trigger's function is returned.
func (e *engine) setsTenant(rel *pgschema.Relation, column string) (string, bool) {
	for _, t := range rel.Triggers {
		if t.Timing != "before" || !t.ForRow || t.Disabled || !slices.Contains(t.Events, "insert") {
			continue
		}
		for _, f := range e.db.indexed().functions[t.Function.Name] {
			if f.Name == t.Function && assignsNew(f.Body, column) {
				return f.Name.String(), true
			}
		}
	}
	return "", false
}

// assignsNew reports whether a PL/pgSQL body has NEW.column := or NEW.column = as a statement, or
// selects INTO it.
func assignsNew(body, column string) bool {
	var previous [4]string
	start := true
	for l := range pgast.Lexemes(body) {
		word := l.Word
		if word == "" {
			word = body[l.Start:l.End]
		}
		// word follows previous[3]; look for [;|begin|then|else|into] new . column [:= | = | ; | from]
		if previous[1] == "new" && previous[2] == "." && previous[3] == column {
			before := previous[0]
			if before == "into" || (word == ":" || word == "=") && (start || slices.Contains(statementStarts, before)) {
				return true
			}
		}
		start = previous[1] == ""
		previous = [4]string{previous[1], previous[2], previous[3], word}
	}
	return false
}

var statementStarts = []string{";", "begin", "then", "else", "loop", ""}
