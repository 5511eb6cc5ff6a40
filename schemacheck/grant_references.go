package schemacheck

import (
	"fmt"
	"maps"
	"slices"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
)

var _ = register("grant-references", checkGrantReferences)

// checkGrantReferences looks for application roles that may refer to a tenant table by a foreign key
// of their own: its checks see all rows, so it tells which keys exist in other tenants (PostgreSQL
// manual, 5.9). Without a schema to create a table in, the privilege is of no use.
func checkGrantReferences(p *pass) {
	if !p.relyOnRLS() {
		return
	}
	for t := range p.owned() {
		r := t.Relation
		for _, s := range p.sessions {
			if !s.known() || p.owns(s, r) || !p.may(s, r, "references") {
				continue
			}
			at, how := p.grantOrigin(s, r, "references")
			f := finding.New("grant-references", at, object(r),
				"%s has REFERENCES on %s: a foreign key of its own tells which keys exist in other tenants", s, object(r))
			f.Evidence = []string{how}
			if where := p.createsTables(s); where != "" {
				f.Evidence = append(f.Evidence, fmt.Sprintf("%s may create tables in schema %s", s, where))
			} else {
				f.Severity = finding.Info
				f.Evidence = append(f.Evidence, fmt.Sprintf("%s may create tables in no schema, so it cannot use the privilege", s))
			}
			f.Fix = &finding.Fix{Message: "revoke it", Code: p.revoke(s, r, "references")}
			p.report(f)
			break
		}
	}
}

// createsTables returns a schema in which a session may create tables, or "". Up to PostgreSQL 14
// everyone may in public.
func (p *pass) createsTables(s session) string {
	have := p.roles.privilegesOf(s.role)
	for _, name := range slices.Sorted(maps.Keys(p.schema.Namespaces)) {
		namespace := p.schema.Namespaces[name]
		if have[namespace.Owner] || p.roles.granted(s.role, namespace.Grants, "create") || name == public && p.publicIsOpen(namespace) {
			return name
		}
	}
	return ""
}

func (p *pass) publicIsOpen(namespace *pgschema.Namespace) bool {
	return p.roles.version > 0 && p.roles.version < 15 && !namespace.Origin.IsValid() && len(namespace.Grants) == 0
}
