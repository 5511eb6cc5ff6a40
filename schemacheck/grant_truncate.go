package schemacheck

import (
	"fmt"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
)

var _ = register("grant-truncate", checkGrantTruncate)

// checkGrantTruncate looks for application roles that may TRUNCATE rows of tenants: row-level
// security does not apply to it (PostgreSQL manual, 5.9).
func checkGrantTruncate(p *pass) {
	if !p.relyOnRLS() {
		return
	}
	for t := range p.owned() {
		r := t.Relation
		for _, s := range p.sessions {
			if !p.may(s, r, "truncate") || p.roles.exempt(s.role) != "" {
				continue
			}
			at, how := p.grantOrigin(s, r, "truncate")
			f := finding.New("grant-truncate", at, object(r),
				"%s may TRUNCATE %s, which removes the rows of every tenant: row-level security does not apply to it", s, object(r))
			f.Evidence = []string{how}
			f.Fix = &finding.Fix{
				Message: "revoke it; GRANT ALL includes TRUNCATE, so name the privileges that are needed",
				Code:    p.revoke(s, r, "truncate"),
			}
			p.report(f)
			break
		}
	}
}

// grantOrigin returns where a session got a privilege on a relation, and how.
func (p *pass) grantOrigin(s session, r *pgschema.Relation, privilege string) (finding.Position, string) {
	have := p.roles.privilegesOf(s.role)
	for _, g := range r.Grants {
		if g.Privilege == privilege && have[g.Grantee] && g.Grantee != p.roles.owner(r) {
			return g.Origin, fmt.Sprintf("%s is granted to %s", privilege, g.Grantee)
		}
	}
	return r.Origin, fmt.Sprintf("%s has the rights of the owner %s", s, p.roles.owner(r))
}

// revoke writes the REVOKE that takes a privilege from whichever role gives it to the session.
func (p *pass) revoke(s session, r *pgschema.Relation, privilege string) string {
	have := p.roles.privilegesOf(s.role)
	var roles []string
	for _, g := range r.Grants {
		if g.Privilege == privilege && have[g.Grantee] {
			roles = appendNew(roles, g.Grantee)
		}
	}
	if len(roles) == 0 {
		roles = []string{p.roles.owner(r)}
	}
	return fmt.Sprintf("REVOKE %s ON %s FROM %s;", upper(privilege), quoteName(r.Name), rolesList(roles))
}
