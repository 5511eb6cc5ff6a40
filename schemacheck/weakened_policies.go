package schemacheck

import (
	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/classify"
	"github.com/tenantvet/tenantvet/sqlcheck"
)

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
		f := weakened(r, &now.event, before.event.Stmt.Position(0), "it confined rows to the tenant here",
			"policy %s of %s is widened: it confined rows to the tenant, and now a session can %s rows of others", l.policy.Name, object(r), l.verbs())
		f.Evidence = []string{"now " + string(l.clauses[0]) + " (" + l.expr.Text + ")"}
		f.Fix = &finding.Fix{Message: "confine the policy to the tenant again", Code: l.alter(p)}
		p.report(f)
	}
}

// policyDropped reports the statement that dropped a policy which confined rows to the tenant: a restrictive
// one that alone confined what the permissive ones admit, or a permissive one in whose place another
// came that confines nothing.
func (p *pass) policyDropped(t *classify.Table) {
	r := t.Relation
	leaks := p.policyLeaks(t)
	if len(leaks) == 0 || leaks[0].verdict != sqlcheck.Unpinned {
		return
	}
	l := leaks[0]
	for _, e := range p.history(r) {
		was, ok := e.Removed.(*pgschema.Policy)
		if !ok || policyNamed(r, was.Name) != nil || was.Permissive && !p.definedAfter(r, l.policy, e) || !p.confines(r, was, l.commands[0], l.clauses[0]) {
			continue
		}
		if was.Permissive {
			f := weakened(r, &e, l.policy.Origin, "policy "+l.policy.Name+" comes in its place here",
				"policy %s of %s, which confined rows to the tenant, is dropped, and by %s in its place a session can %s rows of others",
				was.Name, object(r), l.policy.Name, l.verbs())
			f.Fix = &finding.Fix{Message: "confine the new policy to the tenant", Code: l.alter(p)}
			p.report(f)
			return
		}
		f := weakened(r, &e, was.Origin, "the policy was defined here",
			"restrictive policy %s of %s is dropped: what the policy %s admits is no longer confined to the tenant", was.Name, object(r), l.policy.Name)
		f.Fix = &finding.Fix{Message: "create the policy again"}
		if created := p.created(r, was.Name); created != "" {
			f.Fix.Code = created + ";"
		}
		p.report(f)
		return
	}
}

// definedAfter reports whether a policy was created after an event of its relation.
func (p *pass) definedAfter(r *pgschema.Relation, policy *pgschema.Policy, e pgschema.Event) bool {
	definitions := p.definitions(r, policy.Name)
	return len(definitions) > 0 && p.position(definitions[0].event.Stmt) > p.position(e.Stmt)
}

// created returns the text of the last CREATE POLICY of a name on a relation, or "".
func (p *pass) created(r *pgschema.Relation, name string) string {
	definitions := p.definitions(r, name)
	if len(definitions) == 0 {
		return ""
	}
	return definitions[len(definitions)-1].created
}

// confines reports whether a policy confines the rows of a command to the session's tenant.
func (p *pass) confines(r *pgschema.Relation, policy *pgschema.Policy, command string, c clause) bool {
	expr := expression(policy, command, c)
	return expr != nil && sqlcheck.Admits(p.database(), r, expr).Verdict == sqlcheck.Pinned
}
