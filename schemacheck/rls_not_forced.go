package schemacheck

import (
	"fmt"

	"github.com/tenantvet/tenantvet/finding"
)

var _ = register("rls-not-forced", checkRLSNotForced)

// checkRLSNotForced looks for tables whose owner row-level security does not bind (PostgreSQL
// manual, 5.9). It is a leak where the application has the owner's rights, by name or by
// inheritance; where it is known to be another role, FORCE is hardening.
func checkRLSNotForced(p *pass) {
	for t := range p.owned() {
		r := t.Relation
		if !r.RowSecurity || r.ForceRowSecurity {
			continue
		}
		owner := p.roles.owner(r)
		f := finding.New("rls-not-forced", r.RowSecurityOrigin, object(r),
			"row-level security of %s does not bind its owner%s: whatever connects with the owner's rights reaches the rows of every tenant",
			object(r), named(owner))
		known := owner != ""
		for _, s := range p.sessions {
			known = known && s.known()
			if p.owns(s, r) {
				f.Severity = finding.Error
				f.Message = fmt.Sprintf("row-level security of %s does not bind %s, which has the rights of the owner %s: it reaches the rows of every tenant",
					object(r), s, owner)
				f.Evidence = append(f.Evidence, p.whyOwner(s, owner))
			}
		}
		if known && f.Severity != finding.Error {
			f.Severity = finding.Info
			f.Evidence = append(f.Evidence, fmt.Sprintf("the application connects as another role than the owner %s", owner))
		}
		f.Fix = &finding.Fix{
			Message: "force it; backfills that run as the owner then see no row and change none unless they set the tenant or run as a role with BYPASSRLS",
			Code:    fmt.Sprintf("ALTER TABLE %s FORCE ROW LEVEL SECURITY;", quoteName(r.Name)),
		}
		p.unless(f, r)
	}
}

// whyOwner says how a session comes by the owner's rights.
func (p *pass) whyOwner(s session, owner string) string {
	switch {
	case s.role == owner:
		return fmt.Sprintf("the application connects as the owner %s", owner)
	case p.roles.attributes(s.role).Superuser:
		return fmt.Sprintf("%s is a superuser", s)
	}
	return fmt.Sprintf("%s is a member of the owner %s and inherits its rights", s, owner)
}

func named(role string) string {
	if role == "" {
		return ""
	}
	return " " + role
}
