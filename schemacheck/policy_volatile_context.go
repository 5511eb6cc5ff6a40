package schemacheck

import (
	"fmt"
	"slices"
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

// immutableContext returns a function that is IMMUTABLE and reads what the session is, and that an expression calls
// itself or by another function, whose own plans keep the answer as well; nil when there is none.
func (p *pass) immutableContext(expr *pgschema.Expr) *pgschema.Function {
	if expr == nil {
		return nil
	}
	for _, f := range p.reachable(expr.Node) {
		if f.Volatility == 'i' && slices.ContainsFunc(append(p.reachableFrom(f), f), readsContext) {
			return f
		}
	}
	return nil
}

// reachable returns the functions of the schema that a tree calls, and those that these call in turn.
func (p *pass) reachable(trees ...*pgast.Node) []*pgschema.Function {
	var found []*pgschema.Function
	for len(trees) > 0 {
		pgast.Walk(trees[0], func(n any) bool {
			call, ok := n.(*pgast.FuncCall)
			if !ok {
				return true
			}
			for _, f := range p.called(call) {
				if !slices.Contains(found, f) {
					found = append(found, f)
					for _, stmt := range p.routine(f).statements {
						trees = append(trees, stmt.Node)
					}
				}
			}
			return true
		})
		trees = trees[1:]
	}
	return found
}

// reachableFrom returns the functions that a function calls, and those that these call in turn.
func (p *pass) reachableFrom(f *pgschema.Function) []*pgschema.Function {
	var trees []*pgast.Node
	for _, stmt := range p.routine(f).statements {
		trees = append(trees, stmt.Node)
	}
	return p.reachable(trees...)
}

// readsContext reports whether the body of a function reads a setting or the user.
func readsContext(f *pgschema.Function) bool {
	body := strings.ToLower(f.Body)
	for _, node := range f.BodyNodes {
		body += " " + strings.ToLower(node.Text)
	}
	return slices.ContainsFunc([]string{"current_setting", "current_user", "session_user", "current_role"}, func(word string) bool {
		return strings.Contains(body, word)
	})
}
