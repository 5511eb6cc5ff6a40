package schemacheck

import (
	"fmt"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
)

var _ = register("setting-default-tenant", checkSettingDefaultTenant)

// checkSettingDefaultTenant looks for roles and databases that give each connection a tenant: what
// forgets to set one then works as that tenant instead of failing.
func checkSettingDefaultTenant(p *pass) {
	for _, d := range p.schema.SettingDefaults {
		if !p.model.IsTenantSetting(d.Name) || d.Value == "" || d.Role != "" && !p.connectsAs(d.Role) {
			continue
		}
		who, statement := beginning(d)
		f := finding.New("setting-default-tenant", d.Origin, who,
			"each connection of %s begins with %s = %s: what forgets to set the tenant works as that one", who, d.Name, literal(d.Value))
		f.Fix = &finding.Fix{Message: "let a connection begin without a tenant", Code: fmt.Sprintf("ALTER %s RESET %s;", statement, d.Name)}
		p.report(f)
	}
}

// beginning says whose connections a default concerns, and what ALTER changes it.
func beginning(d *pgschema.SettingDefault) (who, object string) {
	switch {
	case d.System:
		return "the server", "SYSTEM"
	case d.Role != "" && d.Database != "":
		return "role " + d.Role, "ROLE " + quote(d.Role) + " IN DATABASE " + quote(d.Database)
	case d.Role != "":
		return "role " + d.Role, "ROLE " + quote(d.Role)
	case d.Database != "":
		return "database " + d.Database, "DATABASE " + quote(d.Database)
	}
	return "every role", "ROLE ALL"
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
