package schemacheck

import (
	"fmt"
	"slices"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/sqlcheck"
)

var _ = register("matview-exposes-tenants", checkMatviewExposesTenants)

// checkMatviewExposesTenants looks for materialized views over tenant tables that the application
// reads: they hold what their owner saw at the last REFRESH, and cannot have row-level security.
func checkMatviewExposesTenants(p *pass) {
	if !p.relyOnRLS() {
		return
	}
	for view, s := range p.readable(pgschema.MaterializedView) {
		i := slices.IndexFunc(p.holdsRows(view), func(r *pgschema.Relation) bool { return !p.readsAll(s, r) })
		if i < 0 {
			continue
		}
		f := finding.New("matview-exposes-tenants", view.Origin, object(view),
			"materialized view %s holds rows of %s of every tenant, and %s reads all of it: a materialized view cannot have row-level security",
			object(view), object(p.holdsRows(view)[i]), s)
		p.weigh(&f, s)
		f.Fix = &finding.Fix{
			Message: "let the application read it through a view that names the tenant",
			Code:    fmt.Sprintf("REVOKE ALL ON %s FROM %s;", quoteName(view.Name), p.holders(view, "select")),
		}
		p.report(f)
	}
}

// holdsRows returns the tables of tenants whose rows a materialized view, or a table made of a query, holds.
func (p *pass) holdsRows(r *pgschema.Relation) (tables []*pgschema.Relation) {
	for _, ref := range p.analyze(r).References {
		if ref.Verdict != sqlcheck.Pinned || ref.By != sqlcheck.Never {
			tables = append(tables, ref.Relation)
		}
	}
	return tables
}

// holders lists the roles by which sessions have a privilege on a relation.
func (p *pass) holders(r *pgschema.Relation, privilege string) string {
	var roles []string
	for _, s := range p.sessions {
		if !s.known() {
			continue
		}
		have := p.roles.privilegesOf(s.role)
		for _, g := range r.Grants {
			if g.Privilege == privilege && have[g.Grantee] {
				roles = appendNew(roles, g.Grantee)
			}
		}
	}
	if len(roles) == 0 {
		return "PUBLIC"
	}
	return rolesList(roles)
}
