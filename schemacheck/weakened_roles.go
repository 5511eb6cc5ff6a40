package schemacheck

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/classify"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// rolesFreed reports statements after which row-level security that an earlier file enabled no longer binds a
// role of the application: an attribute, or membership in a role that has one or owns tables.
func (p *pass) rolesFreed() {
	if !p.relyOnRLS() {
		return
	}
	secured := slices.IndexFunc(p.schema.Events, func(e pgschema.Event) bool { return e.Detail == "enable row security" })
	if secured < 0 {
		return
	}
	for _, name := range p.logins() {
		attribute := p.roles.exempt(name)
		var freed *pgschema.Event
		for i, e := range p.schema.Events[secured:] {
			if e.Object.Name != name || e.Object.Schema != "" || e.Stmt.Source == p.schema.Events[secured].Stmt.Source {
				continue
			}
			switch n := pgast.Unwrap(e.Stmt.Node).(type) {
			case *pgast.AlterRoleStmt:
				if gives(n.Options, attribute) {
					freed = &p.schema.Events[secured+i]
				}
			case *pgast.GrantRoleStmt:
				p.joined(name, p.schema.Events[secured+i], p.schema.Events[secured])
			}
		}
		if freed == nil {
			continue
		}
		f := freedAt(name, *freed, p.schema.Events[secured],
			"role %s becomes %s, and no later migration takes that back: the policies that bound it until here do not any more", name, attribute)
		f.Fix = &finding.Fix{Message: "take the attribute away", Code: fmt.Sprintf("ALTER ROLE %s NO%s;", quote(name), attribute)}
		p.report(f)
	}
}

// gives reports whether the options of ALTER ROLE switch an attribute on.
func gives(options []*pgast.Node, attribute string) bool {
	return slices.ContainsFunc(options, func(n *pgast.Node) bool {
		o := n.GetDefElem()
		off := o.GetArg().GetBoolean() != nil && !o.GetArg().GetBoolean().GetBoolval()
		return attribute != "" && !off && strings.EqualFold(o.GetDefname(), attribute)
	})
}

// joined reports a membership that still stands and leads a role of the application past the policies.
func (p *pass) joined(name string, e, secured pgschema.Event) {
	role, _ := strings.CutPrefix(e.Detail, "grant ")
	if !slices.ContainsFunc(p.roles.memberships[name], func(m *pgschema.Membership) bool {
		return m.Role == role && m.Origin == e.Stmt.Position(0)
	}) {
		return
	}
	why := ""
	if attribute := p.roles.exempt(role); attribute != "" && p.roles.settable(name)[role] {
		why = "which is " + attribute
	} else if t := p.unforcedOf(role); t != nil && p.owns(session{role: name}, t) {
		why = fmt.Sprintf("which owns %s, whose row-level security is not forced", object(t))
	}
	if why == "" {
		return
	}
	f := freedAt(name, e, secured, "role %s becomes a member of %s, %s: the policies that bound it until here no longer do", name, role, why)
	f.Fix = &finding.Fix{Message: "let another login use that role", Code: fmt.Sprintf("REVOKE %s FROM %s;", quote(role), quote(name))}
	p.report(f)
}

// unforcedOf returns a table with rows of tenants that a role owns without being bound by its row-level
// security, or nil.
func (p *pass) unforcedOf(role string) *pgschema.Relation {
	for t := range p.owned() {
		if r := t.Relation; r.RowSecurity && !r.ForceRowSecurity && p.roles.owner(r) == role {
			return r
		}
	}
	return nil
}

func freedAt(role string, e, secured pgschema.Event, format string, args ...any) finding.Finding {
	f := finding.New("isolation-weakened", e.Stmt.Position(0), role, format, args...)
	f.Related = []finding.Related{{Position: secured.Stmt.Position(0), Message: "row-level security was first enabled here"}}
	return f
}

// handedOver reports the statement that gave a table whose row-level security an earlier file enabled to a role
// of the application.
func (p *pass) handedOver(t *classify.Table) {
	r := t.Relation
	if !r.RowSecurity {
		return
	}
	var enabled, changed *pgschema.Event
	for _, e := range p.history(r) {
		switch e.Detail {
		case "enable row security":
			enabled = &e
		case "change owner":
			changed = &e
		}
	}
	if enabled == nil || changed == nil || changed.Stmt.Source == enabled.Stmt.Source || p.position(changed.Stmt) < p.position(enabled.Stmt) {
		return
	}
	for _, s := range p.sessions {
		if !p.owns(s, r) {
			continue
		}
		f := weakened(r, changed, enabled.Stmt.Position(0), "row-level security was enabled here",
			"%s is handed over to %s, as which the application connects: it may switch row-level security off", object(r), p.roles.owner(r))
		if !r.ForceRowSecurity {
			f.Message = fmt.Sprintf("%s is handed over to %s, as which the application connects: row-level security does not bind it", object(r), p.roles.owner(r))
		}
		f.Fix = &finding.Fix{Message: "let a role that runs migrations own the table, and grant the application what it needs"}
		p.report(f)
		return
	}
}
