package schemacheck

import (
	"fmt"

	"github.com/tenantvet/tenantvet/finding"
)

var _ = register("app-role-owns-table", checkAppRoleOwnsTable)

// checkAppRoleOwnsTable looks for forced tables whose owner the application is: it is bound, but may
// end that by one ALTER TABLE. Unforced ones are rls-not-forced's.
func checkAppRoleOwnsTable(p *pass) {
	for t := range p.owned() {
		r := t.Relation
		if !r.RowSecurity || !r.ForceRowSecurity || isPart(r) {
			continue
		}
		for _, s := range p.sessions {
			if !p.owns(s, r) {
				continue
			}
			owner := p.roles.owner(r)
			f := finding.New("app-role-owns-table", r.Origin, object(r),
				"%s has the rights of the owner %s of %s: it may switch row-level security off or give itself TRUNCATE", s, owner, object(r))
			f.Fix = &finding.Fix{Message: fmt.Sprintf("let a role that runs migrations own the table, and grant %s what it needs", s.role)}
			p.report(f)
			break
		}
	}
}
