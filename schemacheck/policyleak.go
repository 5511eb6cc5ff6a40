package schemacheck

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/classify"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
	"github.com/tenantvet/tenantvet/sqlcheck"
)

// policyLeak is a policy expression that does not confine some commands of a session.
type policyLeak struct {
	answer
	table    *classify.Table
	session  session
	commands []string
	// clauses are the clauses that the expression fills for these commands.
	clauses []clause
	// rule is the one that tells of it, opening the condition that does it where that makes the name.
	rule    string
	opening *pgast.Node
	// signed says that the condition rests on a token that the client cannot change.
	signed bool
}

// policyLeaks asks each question that row-level security answers for a table, and returns the
// answers that are not "pinned", one for each expression.
func (p *pass) policyLeaks(t *classify.Table) []*policyLeak {
	if leaks, ok := p.leaks[t]; ok {
		return leaks
	}
	var leaks []*policyLeak
	for _, s := range p.sessions {
		if !p.bound(s, t.Relation) {
			continue
		}
		for _, command := range dml {
			// A new row of the registry is a new tenant, not another one's.
			if !p.may(s, t.Relation, command) || command == "insert" && t.Class == classify.Registry {
				continue
			}
			for _, c := range clausesOf[command] {
				if c == withCheck && !p.writesTenant(s, t, command) {
					continue
				}
				a := p.policies(s, t.Relation, command, c)
				if a.verdict == sqlcheck.Pinned && !p.admitsEmpty(t, &a) {
					continue
				}
				leaks = addLeak(leaks, &policyLeak{answer: a, table: t, session: s, commands: []string{command}, clauses: []clause{c}})
			}
		}
	}
	p.nameLeaks(leaks)
	p.leaks[t] = leaks
	return leaks
}

func addLeak(leaks []*policyLeak, l *policyLeak) []*policyLeak {
	for _, other := range leaks {
		if other.expr == l.expr {
			other.commands = appendNew(other.commands, l.commands[0])
			other.clauses = appendNew(other.clauses, l.clauses[0])
			return leaks
		}
	}
	return append(leaks, l)
}

func appendNew[T comparable](list []T, v T) []T {
	if slices.Contains(list, v) {
		return list
	}
	return append(list, v)
}

func (l *policyLeak) at() finding.Position {
	return cmp.Or(l.admission.Position, l.policy.Origin)
}

// verbs says what the session can do to other tenants' rows.
func (l *policyLeak) verbs() string {
	words := map[string]string{"select": "see", "insert": "create", "update": "change", "delete": "delete"}
	var verbs []string
	for _, command := range l.commands {
		if command == "update" && !slices.Contains(l.clauses, using) {
			verbs = append(verbs, "turn its own into")
			continue
		}
		verbs = append(verbs, words[command])
	}
	return joinAnd(verbs)
}

func joinAnd(words []string) string {
	if n := len(words); n > 1 {
		return strings.Join(words[:n-1], ", ") + " and " + words[n-1]
	}
	return strings.Join(words, "")
}

func (l *policyLeak) finding(p *pass, format string, args ...any) finding.Finding {
	f := finding.New(l.rule, l.at(), object(l.table.Relation), format, args...)
	f.Evidence = []string{describe(l.policy)}
	if l.expr == l.policy.Using {
		f.Evidence = append(f.Evidence, "USING ("+l.expr.Text+")")
		if slices.Contains(l.clauses, withCheck) {
			f.Evidence = append(f.Evidence, "no WITH CHECK: USING judges new rows too")
		}
	} else {
		f.Evidence = append(f.Evidence, "WITH CHECK ("+l.expr.Text+")")
	}
	if stamp := p.idleStamp(l.table); stamp != nil && l.expr != l.policy.Using {
		f.Evidence = append(f.Evidence, fmt.Sprintf("%s would set the tenant of new rows, but no trigger of the table calls it", functionObject(stamp)))
	}
	if others := otherPolicies(l.table.Relation, l.policy); others != "" {
		f.Evidence = append(f.Evidence, others)
	}
	f.Fix = &finding.Fix{Message: "confine the policy to the tenant", Code: l.alter(p)}
	return f
}

// otherPolicies reminds of how permissive policies combine, when there are several.
func otherPolicies(r *pgschema.Relation, policy *pgschema.Policy) string {
	var names []string
	for _, other := range r.Policies {
		if other != policy && other.Permissive {
			names = append(names, other.Name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return "a row needs to pass only one permissive policy; the others are " + strings.Join(names, ", ")
}

func (l *policyLeak) alter(p *pass) string {
	c := withCheck
	if l.expr == l.policy.Using {
		c = using
	}
	table := quoteName(l.table.Relation.Name)
	return fmt.Sprintf("ALTER POLICY %s ON %s\n    %s (%s);", quote(l.policy.Name), table, c, p.isolates(l.table, table))
}
