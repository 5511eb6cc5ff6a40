package schemacheck

import (
	"fmt"
	"strings"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

var _ = register("policy-volatile-context", checkPolicyVolatileContext)

// checkPolicyVolatileContext looks for policies that learn the tenant from a function marked IMMUTABLE:
// the planner evaluates it once, so a prepared plan keeps the first tenant (measured on PostgreSQL 15
// to 18).
func checkPolicyVolatileContext(p *pass) {
	for t := range p.owned() {
		if !t.Relation.RowSecurity {
			continue
		}
		for _, policy := range t.Relation.Policies {
			for _, expr := range []*pgschema.Expr{policy.Using, policy.Check} {
				if f := p.immutableContext(expr); f != nil {
					p.report(p.keptContext(t.Relation, policy, f))
					break
				}
			}
		}
	}
}

func (p *pass) keptContext(r *pgschema.Relation, policy *pgschema.Policy, f *pgschema.Function) finding.Finding {
	g := finding.New("policy-volatile-context", f.Origin, functionObject(f),
		"policy %s of %s asks %s for the tenant, which is IMMUTABLE: a prepared plan keeps the answer and serves the next tenant with the rows of the first",
		policy.Name, object(r), functionObject(f))
	g.Related = []finding.Related{{Position: policy.Origin, Message: "policy " + policy.Name}}
	g.Fix = &finding.Fix{Message: "mark it STABLE", Code: fmt.Sprintf("ALTER FUNCTION %s STABLE;", signature(f))}
	return g
}

// immutableContext returns a function that an expression calls, is IMMUTABLE, and reads what the
// session is; nil when there is none.
func (p *pass) immutableContext(expr *pgschema.Expr) *pgschema.Function {
	if expr == nil {
		return nil
	}
	var found *pgschema.Function
	pgast.Walk(expr.Node, func(n any) bool {
		if call, ok := n.(*pgast.FuncCall); ok {
			for _, f := range p.called(call) {
				if f.Volatility == 'i' && readsContext(f) {
					found = f
				}
			}
		}
		return true
	})
	return found
}

// readsContext reports whether the body of a function reads a setting or the user.
func readsContext(f *pgschema.Function) bool {
	body := strings.ToLower(f.Body)
	for _, node := range f.BodyNodes {
		body += " " + strings.ToLower(node.Text)
	}
	for _, word := range []string{"current_setting", "current_user", "session_user", "current_role"} {
		if strings.Contains(body, word) {
			return true
		}
	}
	return false
}
