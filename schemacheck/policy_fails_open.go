package schemacheck

import "strings"

var _ = register("policy-fails-open", checkPolicyFailsOpen)

// unset is what every finding of the rule says.
const unset = "while no tenant is set"

// checkPolicyFailsOpen looks for policies that admit other tenants' rows while no tenant is set: the
// setting is NULL on a fresh connection and empty on one that a transaction with SET LOCAL has used.
func checkPolicyFailsOpen(p *pass) {
	for t := range p.owned() {
		for l := range p.leaksNamed(t, "policy-fails-open") {
			reason := l.admission.Reason
			if strings.HasSuffix(reason, "where true") || strings.HasSuffix(reason, "where false") {
				reason = "every row passes"
			}
			if !strings.Contains(reason, unset) {
				reason += ", " + unset
			}
			p.report(l.finding(p, "policy %s of %s lets %s %s rows of other tenants: %s",
				l.policy.Name, object(t.Relation), l.session, l.verbs(), reason))
		}
	}
}
