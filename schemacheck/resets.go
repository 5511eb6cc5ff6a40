package schemacheck

import (
	"maps"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
	"github.com/tenantvet/tenantvet/sqlcheck"
)

const resetting = "set_config"

// resets reports whether evaluating an expression sets a setting, itself or by a function: what reads the setting for
// the same or a later row then meets what the row put there, not what the session is.
func (p *pass) resets(node *pgast.Node) bool { return p.resetsBy(node, map[*pgschema.Function]bool{}) }

func (p *pass) resetsBy(node *pgast.Node, seen map[*pgschema.Function]bool) bool {
	found := false
	pgast.Walk(node, func(n any) bool {
		if call, ok := n.(*pgast.FuncCall); ok && !found {
			name := functionName(call)
			found = name == resetting || slices.ContainsFunc(p.functions[name], func(f *pgschema.Function) bool { return p.functionResets(f, seen) })
		}
		return !found
	})
	return found
}

func (p *pass) functionResets(f *pgschema.Function, seen map[*pgschema.Function]bool) bool {
	if seen[f] || f.Extension != "" {
		return false
	}
	seen[f] = true
	if len(f.BodyNodes) == 0 && mentions(f, resetting) {
		return true
	}
	return slices.ContainsFunc(p.routine(f).statements, func(stmt *pgast.Statement) bool { return p.resetsBy(stmt.Node, seen) })
}

// resetsBefore returns the BEFORE trigger that sets a setting for each row of a command, ahead of the policies that
// judge the new row (manual, CREATE POLICY), or nil.
func (p *pass) resetsBefore(r *pgschema.Relation, command string) *pgschema.Trigger {
	for _, trigger := range r.Triggers {
		if trigger.Disabled || trigger.Timing != "before" || !slices.Contains(trigger.Events, command) {
			continue
		}
		for _, f := range p.functions[trigger.Function.Name] {
			if f.Name == trigger.Function && p.functionResets(f, map[*pgschema.Function]bool{}) {
				return trigger
			}
		}
	}
	return nil
}

// resettingPolicy returns the policy of a relation that sets a setting when it is asked, or nil.
func (p *pass) resettingPolicy(r *pgschema.Relation) *pgschema.Policy {
	for _, policy := range r.Policies {
		for _, expr := range []*pgschema.Expr{policy.Using, policy.Check} {
			if expr != nil && p.resets(expr.Node) {
				return policy
			}
		}
	}
	return nil
}

// mayReset reports whether a function or policy of a schema may set a setting at all. Hardly any does, and to look into
// each policy takes longer.
func mayReset(s *pgschema.Schema) bool {
	inPolicy := func(e *pgschema.Expr) bool {
		return e != nil && (e.Text == "" || strings.Contains(strings.ToLower(e.Text), resetting))
	}
	return slices.ContainsFunc(s.Functions, func(f *pgschema.Function) bool { return f.Extension == "" && mentions(f, resetting) }) ||
		slices.ContainsFunc(slices.Collect(maps.Values(s.Relations)), func(r *pgschema.Relation) bool {
			return slices.ContainsFunc(r.Policies, func(policy *pgschema.Policy) bool { return inPolicy(policy.Using) || inPolicy(policy.Check) })
		})
}

// doubted is an answer after a look at what changes the settings that it rests on.
func (p *pass) doubted(a answer, r *pgschema.Relation, command string, c clause) answer {
	if a.verdict != sqlcheck.Pinned || a.expr == nil || !p.resetsAny {
		return a
	}
	if policy := p.resettingPolicy(r); policy != nil {
		a.verdict, a.admission.Reason = sqlcheck.Undecided, "policy "+policy.Name+" calls set_config, so that what the session is compared with may come from the row"
	} else if trigger := p.resetsBefore(r, command); c == withCheck && trigger != nil {
		a.verdict, a.admission.Reason = sqlcheck.Undecided, "trigger "+trigger.Name+" calls set_config before it judges the row"
	}
	return a
}
