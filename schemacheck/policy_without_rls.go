package schemacheck

import (
	"fmt"

	"github.com/tenantvet/tenantvet/finding"
)

var _ = register("policy-without-rls", checkPolicyWithoutRLS)

// checkPolicyWithoutRLS looks for policies on tables whose row-level security is off: they have no
// effect (PostgreSQL manual, CREATE POLICY).
func checkPolicyWithoutRLS(p *pass) {
	for t := range p.owned() {
		r := t.Relation
		if r.RowSecurity || len(r.Policies) == 0 || !p.reaches(r) {
			continue
		}
		at, evidence := r.Policies[0].Origin, "row-level security was never enabled"
		if r.RowSecurityOrigin.IsValid() {
			at, evidence = r.RowSecurityOrigin, "row-level security was switched off"
		}
		f := finding.New("policy-without-rls", at, object(r),
			"policy %s of %s has no effect, because row-level security is off: a statement without a tenant predicate reaches the rows of every tenant",
			r.Policies[0].Name, object(r))
		if r.ForceRowSecurity {
			evidence += "; FORCE alone does nothing"
		}
		f.Evidence = []string{evidence}
		f.Fix = &finding.Fix{
			Message: "enable row-level security",
			Code:    fmt.Sprintf("ALTER TABLE %[1]s ENABLE ROW LEVEL SECURITY;\nALTER TABLE %[1]s FORCE ROW LEVEL SECURITY;", quoteName(r.Name)),
		}
		p.unless(f, r)
	}
}
