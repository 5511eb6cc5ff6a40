package schemacheck

import (
	"fmt"

	"github.com/tenantvet/tenantvet/sqlcheck"
)

var _ = register("policy-leaks", checkPolicyLeaks)

// checkPolicyLeaks looks for policies that let an application role past its tenant's rows.
func checkPolicyLeaks(p *pass) {
	for t := range p.owned() {
		for l := range p.leaksNamed(t, "policy-leaks") {
			if l.verdict == sqlcheck.Undecided {
				p.undecided(l.at(), object(l.table.Relation), "policy",
					fmt.Sprintf("cannot tell whether policy %s confines rows to the tenant: %s", l.policy.Name, l.admission.Reason))
				continue
			}
			p.report(l.finding(p, "policy %s of %s lets %s %s rows of other tenants: %s",
				l.policy.Name, object(t.Relation), l.session, l.verbs(), l.admission.Reason))
		}
	}
}
