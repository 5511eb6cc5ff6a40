package schemacheck

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
)

var _ = register("policy-role-mismatch", checkPolicyRoleMismatch)

// checkPolicyRoleMismatch looks for tables whose policies are all made for other roles than those that serve
// tenants: without a permissive policy for it, a role sees no row (PostgreSQL manual, CREATE POLICY).
func checkPolicyRoleMismatch(p *pass) {
	for t := range p.owned() {
		r := t.Relation
		i := slices.IndexFunc(r.Policies, func(policy *pgschema.Policy) bool { return policy.Permissive })
		if !r.RowSecurity || i < 0 {
			continue
		}
		if s, ok := p.shutOut(r); ok {
			policy := r.Policies[i]
			f := finding.New("policy-role-mismatch", policy.Origin, object(r),
				"%s may use %s, but no policy of the table is for it: it sees no row and every INSERT fails", s, object(r))
			f.Evidence = []string{fmt.Sprintf("policy %s is for %s", policy.Name, strings.Join(policy.Roles, ", "))}
			f.Fix = &finding.Fix{
				Message: "make the policy for that role too",
				Code:    fmt.Sprintf("ALTER POLICY %s ON %s TO %s;", quote(policy.Name), quoteName(r.Name), rolesList(append(slices.Clone(policy.Roles), s.role))),
			}
			p.report(f)
		}
	}
}

// shutOut returns a session that has privileges on the rows of a table and no policy, where no other
// session has one.
func (p *pass) shutOut(r *pgschema.Relation) (session, bool) {
	var out session
	for _, s := range p.sessions {
		if s.assumed || !slices.ContainsFunc(dml, func(privilege string) bool { return p.may(s, r, privilege) }) {
			continue
		}
		if !p.bound(s, r) || slices.ContainsFunc(r.Policies, func(policy *pgschema.Policy) bool { return policy.Permissive && p.applies(s, policy) }) {
			return session{}, false
		}
		out = s
	}
	return out, out.known()
}
