package replay

import (
	"fmt"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

func policy(rel *pgschema.Relation, name string) *pgschema.Policy {
	for _, p := range rel.Policies {
		if p.Name == name {
			return p
		}
	}
	return nil
}

func (r *replayer) createPolicy(n *pgast.CreatePolicyStmt) error {
	rel, err := r.relation(n.Table)
	if err != nil {
		return err
	}
	if policy(rel, n.PolicyName) != nil {
		return fmt.Errorf("policy %q for table %q exists already at this point", n.PolicyName, rel.Name)
	}
	p := &pgschema.Policy{
		Name: n.PolicyName, Command: n.CmdName, Permissive: n.Permissive, Roles: r.roleNames(n.Roles), Origin: r.here(),
	}
	rel.Policies = append(rel.Policies, p)
	r.definePolicy(rel, p, n.Table, n.Qual, n.WithCheck)
	r.event("CreatePolicyStmt", rel.Name, p.Name)
	return nil
}

func (r *replayer) alterPolicy(n *pgast.AlterPolicyStmt) error {
	rel, err := r.relation(n.Table)
	if err != nil {
		return err
	}
	p := policy(rel, n.PolicyName)
	if p == nil {
		return fmt.Errorf("policy %q for table %q does not exist at this point", n.PolicyName, rel.Name)
	}
	if len(n.Roles) > 0 {
		p.Roles = r.roleNames(n.Roles)
	}
	p.Origin = r.here()
	r.definePolicy(rel, p, n.Table, n.Qual, n.WithCheck)
	r.event("AlterPolicyStmt", rel.Name, p.Name)
	return nil
}

// definePolicy sets the expressions that the statement gives.
func (r *replayer) definePolicy(rel *pgschema.Relation, p *pgschema.Policy, table *pgast.RangeVar, qual, check *pgast.Node) {
	text := r.textFrom(table.GetLocation())
	if qual != nil {
		p.Using = r.expr(qual, groupAfter(text, "using"))
		r.use(rel, p, p.Using)
	}
	if check != nil {
		p.Check = r.expr(check, groupAfter(text, "with", "check"))
		r.use(rel, p, p.Check)
	}
}
