package schemacheck

import (
	"fmt"

	"github.com/tenantvet/tenantvet/finding"
)

var _ = register("setting-default-tenant", checkSettingDefaultTenant)

// checkSettingDefaultTenant looks for roles and databases that give each connection a tenant: what
// forgets to set one then works as that tenant instead of failing.
func checkSettingDefaultTenant(p *pass) {
	for _, d := range p.schema.SettingDefaults {
		if !p.model.IsTenantSetting(d.Name) || d.Value == "" || d.Role != "" && !p.connectsAs(d.Role) {
			continue
		}
		who, statement := "database "+d.Database, "DATABASE "+quote(d.Database)
		if d.Role != "" {
			who, statement = "role "+d.Role, "ROLE "+quote(d.Role)
			if d.Database != "" {
				statement += " IN DATABASE " + quote(d.Database)
			}
		}
		f := finding.New("setting-default-tenant", d.Origin, who,
			"each connection of %s begins with %s = %s: what forgets to set the tenant works as that one", who, d.Name, literal(d.Value))
		f.Fix = &finding.Fix{Message: "let a connection begin without a tenant", Code: fmt.Sprintf("ALTER %s RESET %s;", statement, d.Name)}
		p.report(f)
	}
}

// connectsAs reports whether a role is one that the application logs in as.
func (p *pass) connectsAs(role string) bool {
	for _, name := range p.logins() {
		if name == role {
			return true
		}
	}
	return false
}
