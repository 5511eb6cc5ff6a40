package schemacheck

import (
	"fmt"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/classify"
	"github.com/tenantvet/tenantvet/sqlcheck"
)

var _ = register("isolation-weakened", checkIsolationWeakened)

// checkIsolationWeakened looks for the statements by which a table that was isolated no longer is. What
// a later migration restored is left alone.
func checkIsolationWeakened(p *pass) {
	for t := range p.owned() {
		if !p.reaches(t.Relation) {
			continue
		}
		p.switchedOff(t.Relation)
		p.policyWidened(t)
		p.policyDropped(t)
	}
}

// switchedOff reports the statement that took ENABLE or FORCE back.
func (p *pass) switchedOff(r *pgschema.Relation) {
	var enabled, forced, disabled, unforced *pgschema.Event
	for _, e := range p.history(r) {
		switch e.Detail {
		case "enable row security":
			enabled = &e
		case "force row security":
			forced = &e
		case "disable row security":
			disabled = &e
		case "no force row security":
			unforced = &e
		}
	}
	table := quoteName(r.Name)
	if !r.RowSecurity && enabled != nil && disabled != nil {
		f := weakened(r, disabled, enabled, "row-level security was enabled here",
			"row-level security of %s is switched off, and no later migration restores it: policies no longer keep its tenants apart", object(r))
		f.Fix = &finding.Fix{
			Message: "switch it on again; a backfill that must see every row runs as a role with BYPASSRLS instead",
			Code:    fmt.Sprintf("ALTER TABLE %s ENABLE ROW LEVEL SECURITY;", table),
		}
		p.report(f)
		return
	}
	if !r.RowSecurity || r.ForceRowSecurity || forced == nil || unforced == nil {
		return
	}
	f := weakened(r, unforced, forced, "row-level security was forced here",
		"row-level security of %s no longer binds its owner, and no later migration restores it", object(r))
	if owner := p.roles.owner(r); owner != "" && p.apartFrom(r) {
		f.Severity = finding.Info
		f.Evidence = append(f.Evidence, "the application connects as another role than the owner "+owner)
	}
	f.Fix = &finding.Fix{
		Message: "force it again, in the same migration as the backfill that needed it off",
		Code:    fmt.Sprintf("ALTER TABLE %s FORCE ROW LEVEL SECURITY;", table),
	}
	p.report(f)
}

// apartFrom reports whether every session is known not to have the rights of a table's owner.
func (p *pass) apartFrom(r *pgschema.Relation) bool {
	for _, s := range p.sessions {
		if !s.known() || p.owns(s, r) {
			return false
		}
	}
	return true
}

// policyWidened reports the statement that gave a policy that confined rows to the tenant an expression
// that does not.
func (p *pass) policyWidened(t *classify.Table) {
	r := t.Relation
	for _, l := range p.policyLeaks(t) {
		definitions := p.definitions(r, l.policy.Name)
		if l.verdict != sqlcheck.Unpinned || len(definitions) < 2 {
			continue
		}
		now, before := definitions[len(definitions)-1], definitions[len(definitions)-2]
		if now.event.Stmt.Position(0) != l.policy.Origin || !p.confines(r, &before.policy, l.commands[0], l.clauses[0]) {
			continue
		}
		f := weakened(r, &now.event, &before.event, "it confined rows to the tenant here",
			"policy %s of %s is widened: it confined rows to the tenant, and now a session can %s rows of others", l.policy.Name, object(r), l.verbs())
		f.Evidence = []string{"now " + string(l.clauses[0]) + " (" + l.expr.Text + ")"}
		f.Fix = &finding.Fix{Message: "confine the policy to the tenant again", Code: l.alter(p)}
		p.report(f)
	}
}

// policyDropped reports the statement that dropped a restrictive policy which alone confined what the
// permissive ones admit.
func (p *pass) policyDropped(t *classify.Table) {
	r := t.Relation
	leaks := p.policyLeaks(t)
	if len(leaks) == 0 || leaks[0].verdict != sqlcheck.Unpinned {
		return
	}
	l := leaks[0]
	for _, e := range p.history(r) {
		name, ok := droppedPolicy(e)
		if !ok || policyNamed(r, name) != nil {
			continue
		}
		definitions := p.definitions(r, name)
		if len(definitions) == 0 {
			continue
		}
		last := definitions[len(definitions)-1]
		if last.policy.Permissive || !p.confines(r, &last.policy, l.commands[0], l.clauses[0]) {
			continue
		}
		f := weakened(r, &e, &last.event, "the policy was defined here",
			"restrictive policy %s of %s is dropped: what the policy %s admits is no longer confined to the tenant", name, object(r), l.policy.Name)
		f.Fix = &finding.Fix{Message: "create the policy again", Code: last.created + ";"}
		p.report(f)
		return
	}
}

// confines reports whether a policy confines the rows of a command to the session's tenant.
func (p *pass) confines(r *pgschema.Relation, policy *pgschema.Policy, command string, c clause) bool {
	expr := expression(policy, command, c)
	return expr != nil && sqlcheck.Admits(p.database(), r, expr).Verdict == sqlcheck.Pinned
}

func weakened(r *pgschema.Relation, e, before *pgschema.Event, was, format string, args ...any) finding.Finding {
	f := finding.New("isolation-weakened", e.Stmt.Position(0), object(r), format, args...)
	f.Related = []finding.Related{{Position: before.Stmt.Position(0), Message: was}}
	return f
}
