package schemacheck

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

var _ = register("notify-exposes-rows", checkNotifyExposesRows)

// checkNotifyExposesRows looks for triggers of tenant tables that send what is in a row by NOTIFY: any
// session of the database may LISTEN on any channel.
func checkNotifyExposesRows(p *pass) {
	if !p.relyOnRLS() {
		return
	}
	for t := range p.owned() {
		for _, trigger := range t.Relation.Triggers {
			for _, f := range p.schema.Functions {
				if f.Name != trigger.Function || f.Returns != "trigger" || trigger.Disabled || !mentions(f, "pg_notify") {
					continue
				}
				if at, ok := p.notifiesRow(f); ok {
					p.report(notifiedRow(t.Relation, trigger, f, at))
				}
			}
		}
	}
}

func notifiedRow(r *pgschema.Relation, trigger *pgschema.Trigger, f *pgschema.Function, at finding.Position) finding.Finding {
	g := finding.New("notify-exposes-rows", trigger.Origin, object(r),
		"trigger %s of %s sends the content of rows by NOTIFY: every session of the database may LISTEN, whatever its tenant", trigger.Name, object(r))
	g.Related = []finding.Related{{Position: at, Message: fmt.Sprintf("pg_notify in %s", functionObject(f))}}
	g.Fix = &finding.Fix{Message: "send the key of the row alone, and let the listener read the row under its tenant"}
	return g
}

// notifiesRow returns where a trigger function calls pg_notify with a payload that holds a row or a column
// that is no key.
func (p *pass) notifiesRow(f *pgschema.Function) (at finding.Position, ok bool) {
	body := p.routine(f)
	for _, stmt := range body.statements {
		pgast.Walk(stmt.Node, func(n any) bool {
			call, isCall := n.(*pgast.FuncCall)
			if isCall && functionName(call) == "pg_notify" && len(call.Args) == 2 && body.carriesContent(call.Args[1]) {
				at, ok = stmt.Position(0), true
			}
			return !ok
		})
	}
	return at, ok
}

// carriesContent reports whether an expression holds the row of a trigger, or a column of it that is no
// key.
func (r *routine) carriesContent(node *pgast.Node) bool {
	carries := false
	pgast.Walk(node, func(n any) bool {
		switch n := n.(type) {
		case *pgast.ColumnRef:
			carries = carries || slices.Contains([]string{"new", "old"}, n.Fields[0].GetString_().GetSval())
		case *pgast.ParamRef:
			if name, field, ok := strings.Cut(r.names[max(0, int(n.Number)-1)], "."); ok && (name == "new" || name == "old") {
				carries = carries || !isReference(field)
			}
		}
		return true
	})
	return carries
}
