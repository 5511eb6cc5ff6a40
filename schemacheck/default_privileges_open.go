package schemacheck

import (
	"slices"

	"github.com/tenantvet/tenantvet/finding"
)

var _ = register("default-privileges-open", checkDefaultPrivilegesOpen)

// checkDefaultPrivilegesOpen looks for default privileges that hand each future table to an
// application role before anyone has enabled row-level security on it.
func checkDefaultPrivilegesOpen(p *pass) {
	if !p.relyOnRLS() {
		return
	}
	for _, d := range p.schema.DefaultPrivileges {
		if d.Objects != "tables" || !slices.Contains(append([]string{"truncate"}, dml...), d.Grant.Privilege) || !p.concerns(d.Grant.Grantee) {
			continue
		}
		scope := "every schema"
		if d.Schema != "" {
			scope = "schema " + d.Schema
		}
		f := finding.New("default-privileges-open", d.Grant.Origin, d.Grant.Grantee,
			"each future table in %s is granted to %s at once: until its row-level security is enabled, and on every partition, it shows the rows of all tenants", scope, d.Grant.Grantee)
		f.Fix = &finding.Fix{Message: "grant on each table in the migration that protects it"}
		p.report(f)
		return
	}
}

// concerns reports whether a grant to a role reaches a session.
func (p *pass) concerns(grantee string) bool {
	return slices.ContainsFunc(p.sessions, func(s session) bool {
		return s.known() && p.roles.privilegesOf(s.role)[grantee]
	})
}
