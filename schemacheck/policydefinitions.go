package schemacheck

import (
	"strings"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// definition is what a policy said after one statement of a migration.
type definition struct {
	policy pgschema.Policy
	event  pgschema.Event
	// created is the text of its CREATE POLICY.
	created string
}

// definitions returns what a policy of a relation has said over time, the present last. A statement whose
// text is not known, such as a dynamic one, begins anew.
func (p *pass) definitions(r *pgschema.Relation, name string) []definition {
	var list []definition
	for _, e := range p.history(r) {
		switch n := pgast.Unwrap(e.Stmt.Node).(type) {
		case *pgast.CreatePolicyStmt:
			if n.PolicyName == name {
				d := definition{pgschema.Policy{Name: name, Command: n.CmdName, Permissive: n.Permissive}, e, e.Stmt.Text()}
				list = append(list, d.with(n.Qual, n.WithCheck))
			}
		case *pgast.AlterPolicyStmt:
			if n.PolicyName == name && len(list) > 0 {
				d := list[len(list)-1]
				d.event = e
				list = append(list, d.with(n.Qual, n.WithCheck))
			}
		default:
			if (e.Kind == "CreatePolicyStmt" || e.Kind == "AlterPolicyStmt") && e.Detail == name {
				list = nil
			}
		}
	}
	return list
}

func (d definition) with(using, check *pgast.Node) definition {
	if using != nil {
		d.policy.Using = &pgschema.Expr{Node: using, Stmt: d.event.Stmt}
	}
	if check != nil {
		d.policy.Check = &pgschema.Expr{Node: check, Stmt: d.event.Stmt}
	}
	return d
}

// droppedPolicy returns the name of the policy that a statement drops.
func droppedPolicy(e pgschema.Event) (string, bool) {
	name, ok := strings.CutPrefix(e.Detail, "drop policy ")
	return name, ok && e.Kind == "DropStmt"
}

func policyNamed(r *pgschema.Relation, name string) *pgschema.Policy {
	for _, policy := range r.Policies {
		if policy.Name == name {
			return policy
		}
	}
	return nil
}
