package schemacheck

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/classify"
)

var _ = register("policy-write-gap", checkPolicyWriteGap)

// checkPolicyWriteGap looks for tables whose policies confine what a session reads but not what it writes, and,
// as a lesser thing, for commands that are granted but have no policy, so that PostgreSQL refuses them or
// changes no row without saying so (manual, CREATE POLICY).
func checkPolicyWriteGap(p *pass) {
	for t := range p.owned() {
		for l := range p.leaksNamed(t, "policy-write-gap") {
			p.report(l.finding(p, "policy %s of %s lets %s %s rows of other tenants, though it can read its own tenant's only: %s",
				l.policy.Name, object(t.Relation), l.session, l.verbs(), l.admission.Reason))
		}
		p.withoutPolicy(t)
	}
}

// withoutPolicy reports the commands that a session has the privilege for and a policy for others only.
func (p *pass) withoutPolicy(t *classify.Table) {
	r := t.Relation
	for _, s := range p.sessions {
		if s.assumed || !p.bound(s, r) || len(r.Policies) == 0 {
			continue
		}
		var refused []string
		for _, command := range dml {
			if p.may(s, r, command) && !p.hasPolicy(s, r, command) {
				refused = append(refused, command)
			}
		}
		if len(refused) == 0 || slices.Contains(refused, "select") {
			continue // rls-no-policy's and policy-role-mismatch's, or rows that are written and never read
		}
		p.report(p.refusedCommands(t, s, refused))
		return
	}
}

// hasPolicy reports whether a permissive policy admits any row to a command of a session.
func (p *pass) hasPolicy(s session, r *pgschema.Relation, command string) bool {
	return slices.ContainsFunc(r.Policies, func(policy *pgschema.Policy) bool {
		return policy.Permissive && p.applies(s, policy) && expression(policy, command, clausesOf[command][0]) != nil
	})
}

func (p *pass) refusedCommands(t *classify.Table, s session, commands []string) finding.Finding {
	r := t.Relation
	var names, code []string
	for _, command := range commands {
		names = append(names, upper(command))
		code = append(code, fmt.Sprintf("CREATE POLICY %s ON %s FOR %s\n    %s (%s);",
			quote("tenant_"+command), quoteName(r.Name), upper(command), clausesOf[command][0], p.isolates(t, quoteName(r.Name))))
	}
	f := finding.New("policy-write-gap", r.Policies[0].Origin, object(r),
		"%s may %s rows of %s, but no policy is for that: %s", s, joinAnd(names), object(r), consequence(commands))
	if p.isBlanket(s, r) {
		f.Severity = finding.Info
		f.Fix = &finding.Fix{Message: "revoke what the application is not to do, or add a policy for it"}
		return f
	}
	f.Severity = finding.Warning
	f.Fix = &finding.Fix{Message: "add a policy for what the application is to do", Code: strings.Join(code, "\n")}
	return f
}

// consequence says what becomes of commands without a policy.
func consequence(commands []string) string {
	insert := slices.Contains(commands, "insert")
	switch {
	case insert && len(commands) == 1:
		return "each INSERT fails"
	case insert:
		return "each INSERT fails, and the others change no row and report success"
	}
	return "it changes no row and reports success"
}

// isBlanket reports whether a session has every privilege on the rows of a table: that is how grants are written
// where policies alone decide, so that each is not meant.
func (p *pass) isBlanket(s session, r *pgschema.Relation) bool {
	return !slices.ContainsFunc(dml, func(privilege string) bool { return !p.may(s, r, privilege) })
}
