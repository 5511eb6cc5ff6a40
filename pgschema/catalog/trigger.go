package catalog

import (
	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// Bits of pg_trigger.tgtype.
const (
	triggerRow     = 1 << 0
	triggerBefore  = 1 << 1
	triggerInsert  = 1 << 2
	triggerDelete  = 1 << 3
	triggerUpdate  = 1 << 4
	triggerTrunc   = 1 << 5
	triggerInstead = 1 << 6
)

func (r *reader) queueTriggers() {
	if !r.found.triggers {
		return
	}
	r.ask(`SELECT t.tgrelid, t.tgname, fn.nspname, f.proname, t.tgtype, t.tgenabled IN ('D', 'R'), t.tgattr, `+
		r.printed("t.tgrelid", "CASE WHEN t.tgqual IS NOT NULL THEN pg_get_triggerdef(t.oid) END")+`
		FROM pg_trigger t JOIN pg_proc f ON f.oid = t.tgfoid JOIN pg_namespace fn ON fn.oid = f.pronamespace
		WHERE NOT t.tgisinternal ORDER BY t.tgrelid, t.oid`, func(w *row) {
		oid := w.oid()
		rel := r.relations[oid]
		if rel == nil {
			return
		}
		t := &pgschema.Trigger{Name: w.text(), Function: pgschema.Name{Schema: w.text(), Name: w.text()}, Timing: "after"}
		bits := w.int()
		t.Disabled = w.flag()
		if columns := w.columns(); len(columns) > 0 {
			t.Columns = r.names(oid, columns)
		}
		t.ForRow = bits&triggerRow != 0
		switch {
		case bits&triggerBefore != 0:
			t.Timing = "before"
		case bits&triggerInstead != 0:
			t.Timing = "instead of"
		}
		for _, e := range []struct {
			bit  int
			name string
		}{{triggerInsert, "insert"}, {triggerDelete, "delete"}, {triggerUpdate, "update"}, {triggerTrunc, "truncate"}} {
			if bits&e.bit != 0 {
				t.Events = append(t.Events, e.name)
			}
		}
		if definition := w.text(); definition != "" {
			// The server prints a condition on NEW and OLD only within the whole definition.
			t.When = r.statement(definition, subject{kind: "trigger", name: t.Name, on: rel.Relation})
			t.When.Node = t.When.Node.GetCreateTrigStmt().GetWhenClause()
			if t.When.Node != nil {
				if text, err := pgast.DeparseExpr(t.When.Node); err == nil {
					t.When.Text = text
				}
			}
		}
		rel.Triggers = append(rel.Triggers, t)
	})
}

var ruleEvents = map[byte]string{'1': "select", '2': "update", '3': "insert", '4': "delete"}

func (r *reader) queueRules() {
	if !r.found.rules {
		return
	}
	r.ask(`SELECT w.ev_class, w.rulename, w.ev_type, w.is_instead, `+r.printed("w.ev_class", "pg_get_ruledef(w.oid)")+`
		FROM pg_rewrite w WHERE w.ev_class >= `+firstUser+` AND w.rulename <> '_RETURN' ORDER BY w.ev_class, w.oid`, func(w *row) {
		rel := r.relations[w.oid()]
		if rel == nil {
			return
		}
		rule := &pgschema.Rule{Name: w.text(), Event: ruleEvents[w.letter()], Instead: w.flag()}
		rel.Rules = append(rel.Rules, rule)
		definition := w.text()
		if definition == "" {
			return
		}
		whole := r.statement(definition, subject{kind: "rule", name: rule.Name, on: rel.Relation})
		n := whole.Node.GetRuleStmt()
		if n.GetWhereClause() != nil {
			rule.Where = &pgschema.Expr{Text: definition, Node: n.WhereClause}
		}
		for _, a := range n.GetActions() {
			rule.Actions = append(rule.Actions, &pgschema.Expr{Text: definition, Node: a})
		}
	})
}
