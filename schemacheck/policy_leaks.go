package schemacheck

import (
	"fmt"

	"github.com/tenantvet/tenantvet/sqlcheck"
)

var _ = register("policy-leaks", checkPolicyLeaks)

// checkPolicyLeaks looks for policies that let an application role past its tenant's rows.
func checkPolicyLeaks(p *pass) {
	for t := range p.owned() {
		for _, l := range p.policyLeaks(t) {
			switch {
			case l.verdict == sqlcheck.Undecided:
				p.undecided(l.at(), object(l.table.Relation), "policy",
					fmt.Sprintf("cannot tell whether policy %s confines rows to the tenant: %s", l.policy.Name, l.admission.Reason))
			case !l.admission.Unset:
				p.report(l.finding(p, "policy-leaks", fmt.Sprintf("policy %s of %s lets %s %s rows of other tenants: %s",
					l.policy.Name, object(t.Relation), l.session, l.verbs(), l.admission.Reason)))
			}
		}
	}
}
