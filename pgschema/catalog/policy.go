package catalog

import (
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

var commands = map[string]string{"*": "all", "r": "select", "a": "insert", "w": "update", "d": "delete"}

func (r *reader) queuePolicies() {
	r.ask(`SELECT p.oid, p.polrelid, p.polname::text, p.polcmd::text, p.polpermissive,
			CASE WHEN p.polroles = '{0}' THEN '{public}' ELSE
				ARRAY(SELECT CASE WHEN u.role = 0 THEN 'public' ELSE pg_get_userbyid(u.role)::text END
				FROM unnest(p.polroles) WITH ORDINALITY u(role, ord) ORDER BY u.ord) END,
			`+policyUsing.digest("p")+`, `+policyCheck.digest("p")+`
		FROM pg_policy p ORDER BY p.polrelid, p.oid`, func(row pgx.Rows) error {
		var id, oid uint32
		var command string
		var using, check *string
		p := &pgschema.Policy{}
		if err := row.Scan(&id, &oid, &p.Name, &command, &p.Permissive, &p.Roles, &using, &check); err != nil {
			return err
		}
		rel := r.relations[oid]
		if rel == nil {
			return nil
		}
		object := fmt.Sprintf("policy %q on %s", p.Name, rel.Name)
		p.Command = commands[command]
		r.later(policyUsing, id, oid, using, object, func(e *pgschema.Expr) { p.Using = e })
		r.later(policyCheck, id, oid, check, object, func(e *pgschema.Expr) { p.Check = e })
		rel.Policies = append(rel.Policies, p)
		return nil
	})
}

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
	r.ask(`SELECT t.tgrelid, t.tgname::text, fn.nspname::text, f.proname::text, t.tgtype::int, t.tgenabled = 'D',
			ARRAY(SELECT a.attname::text FROM unnest(t.tgattr::int2[]) WITH ORDINALITY u(num, ord)
				JOIN pg_attribute a ON a.attrelid = t.tgrelid AND a.attnum = u.num ORDER BY u.ord),
			coalesce(`+r.printed("t.tgrelid", "CASE WHEN t.tgqual IS NOT NULL THEN pg_get_triggerdef(t.oid) END")+`, '')
		FROM pg_trigger t JOIN pg_proc f ON f.oid = t.tgfoid JOIN pg_namespace fn ON fn.oid = f.pronamespace
		WHERE NOT t.tgisinternal ORDER BY t.tgrelid, t.oid`, func(row pgx.Rows) error {
		var oid uint32
		var bits int
		var definition string
		t := &pgschema.Trigger{}
		if err := row.Scan(&oid, &t.Name, &t.Function.Schema, &t.Function.Name, &bits, &t.Disabled, &t.Columns, &definition); err != nil {
			return err
		}
		rel := r.relations[oid]
		if rel == nil {
			return nil
		}
		t.ForRow, t.Timing = bits&triggerRow != 0, "after"
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
		if definition != "" {
			// The server prints a condition on NEW and OLD only within the whole definition.
			t.When = r.statement(definition, fmt.Sprintf("trigger %q on %s", t.Name, rel.Name))
			t.When.Node = t.When.Node.GetCreateTrigStmt().GetWhenClause()
			if t.When.Node != nil {
				if text, err := pgast.DeparseExpr(t.When.Node); err == nil {
					t.When.Text = text
				}
			}
		}
		rel.Triggers = append(rel.Triggers, t)
		return nil
	})
}

var ruleEvents = map[string]string{"1": "select", "2": "update", "3": "insert", "4": "delete"}

func (r *reader) queueRules() {
	r.ask(`SELECT w.ev_class, w.rulename::text, w.ev_type::text, w.is_instead, coalesce(`+r.printed("w.ev_class", "pg_get_ruledef(w.oid)")+`, '')
		FROM pg_rewrite w JOIN pg_class c ON c.oid = w.ev_class JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE USER_SCHEMAS AND w.rulename <> '_RETURN' ORDER BY w.ev_class, w.oid`, func(row pgx.Rows) error {
		var oid uint32
		var event, definition string
		rule := &pgschema.Rule{}
		if err := row.Scan(&oid, &rule.Name, &event, &rule.Instead, &definition); err != nil {
			return err
		}
		rel := r.relations[oid]
		if rel == nil {
			return nil
		}
		rule.Event = ruleEvents[event]
		rel.Rules = append(rel.Rules, rule)
		if definition == "" {
			return nil
		}
		whole := r.statement(definition, fmt.Sprintf("rule %q on %s", rule.Name, rel.Name))
		n := whole.Node.GetRuleStmt()
		if n.GetWhereClause() != nil {
			rule.Where = &pgschema.Expr{Text: definition, Node: n.WhereClause}
		}
		for _, a := range n.GetActions() {
			rule.Actions = append(rule.Actions, &pgschema.Expr{Text: definition, Node: a})
		}
		return nil
	})
}
