package schemacheck

import (
	"fmt"
	"slices"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
)

var _ = register("setting-default-tenant", checkSettingDefaultTenant)

// checkSettingDefaultTenant looks for roles and databases that give each connection a tenant: what
// forgets to set one then works as that tenant instead of failing.
func checkSettingDefaultTenant(p *pass) {
	for _, d := range p.schema.SettingDefaults {
		if p.beginsAsAnother(d) {
			p.undecided(d.Origin, d.Name, "setting", fmt.Sprintf("connections of the application begin as role %s, whose rights are not judged as theirs", d.Value))
		}
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

// beginsAsAnother reports whether connections of the application begin as a role that the model does not call one of its
// own.
func (p *pass) beginsAsAnother(d *pgschema.SettingDefault) bool {
	return d.Name == "role" && d.Value != "" && d.Value != "none" && (d.Role == "" || p.connectsAs(d.Role)) &&
		!slices.ContainsFunc(p.sessions, func(s session) bool { return s.role == d.Value })
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
