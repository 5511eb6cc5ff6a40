package schemacheck

import (
	"fmt"
	"slices"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
)

var _ = register("rls-no-policy", checkRLSNoPolicy)

// checkRLSNoPolicy looks for tables whose row-level security admits nobody: no policy, or none that
// is permissive.
func checkRLSNoPolicy(p *pass) {
	for t := range p.owned() {
		r := t.Relation
		if !r.RowSecurity || slices.ContainsFunc(r.Policies, func(policy *pgschema.Policy) bool { return policy.Permissive }) {
			continue
		}
		who := "nobody but the owner sees a row"
		if r.ForceRowSecurity {
			who = "an outage, as nobody sees a row, the owner included"
		}
		f := finding.New("rls-no-policy", r.RowSecurityOrigin, object(r),
			"row-level security of %s has no permissive policy: %s, and every INSERT fails", object(r), who)
		if n := len(r.Policies); n > 0 {
			f.Position = r.Policies[0].Origin
			f.Evidence = []string{fmt.Sprintf("restrictive policies only take rows away: %s", r.Policies[0].Name)}
		}
		if !p.reaches(r) {
			f.Severity = finding.Info
			f.Evidence = append(f.Evidence, "no application role has a privilege on the table")
		}
		f.Fix = &finding.Fix{Message: "add a policy on the tenant", Code: p.createPolicy(t)}
		p.report(f)
	}
}
