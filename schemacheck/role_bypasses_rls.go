package schemacheck

import (
	"fmt"
	"maps"
	"slices"

	"github.com/tenantvet/tenantvet/finding"
)

var _ = register("role-bypasses-rls", checkRoleBypassesRLS)

// hostRoles are predefined roles that reach the server's files or processes, and by them every row
// (PostgreSQL manual, 22.5).
var hostRoles = []string{"pg_execute_server_program", "pg_read_server_files", "pg_write_server_files"}

// checkRoleBypassesRLS looks for application roles that row-level security does not bind, or that
// can become one that it does not bind.
func checkRoleBypassesRLS(p *pass) {
	if !p.relyOnRLS() || !p.hasOwned() {
		return
	}
	for _, name := range p.logins() {
		role := p.roles.attributes(name)
		if attribute := p.roles.exempt(name); attribute != "" {
			f := finding.New("role-bypasses-rls", role.Origin, name,
				"role %s is %s: no policy binds it, so each of its statements reaches the rows of every tenant", name, attribute)
			f.Fix = &finding.Fix{Message: "take the attribute away", Code: fmt.Sprintf("ALTER ROLE %s NO%s;", quote(name), attribute)}
			p.report(f)
			continue
		}
		p.checkSetRole(name)
		if role.CreateRole && p.roles.runtimeInherit() {
			f := finding.New("role-bypasses-rls", role.Origin, name,
				"role %s has CREATEROLE: up to PostgreSQL 15 it may grant itself any role that is no superuser, the owner of the tables included", name)
			f.Evidence = []string{fmt.Sprintf("the model names PostgreSQL %d; 16 restricts CREATEROLE to roles it administers", p.roles.version)}
			f.Fix = &finding.Fix{Message: "provision roles with another one", Code: fmt.Sprintf("ALTER ROLE %s NOCREATEROLE;", quote(name))}
			p.report(f)
		}
	}
}

// checkSetRole looks at the roles that an application role may become. BYPASSRLS is not inherited,
// but SET ROLE takes it; what an owner or a wider policy gives a role needs SET ROLE as well, which
// no application issues by accident: a hint.
func (p *pass) checkSetRole(name string) {
	settable := p.roles.settable(name)
	for _, other := range slices.Sorted(maps.Keys(settable)) {
		if attribute := p.roles.exempt(other); attribute != "" {
			p.report(p.setRole(name, other, fmt.Sprintf("is %s: no policy binds it then", attribute)))
		} else if slices.Contains(hostRoles, other) {
			p.report(p.setRole(name, other, "reaches the files or processes of the server, and with them every row"))
		}
	}
	for _, other := range slices.Sorted(maps.Keys(p.roles.administered(name))) {
		attribute := p.roles.exempt(other)
		if attribute == "" {
			continue
		}
		f := p.setRole(name, other, fmt.Sprintf("is %s: no policy binds it then", attribute))
		f.Message = fmt.Sprintf("role %s may grant itself %s, which is %s: no policy binds it then", name, other, attribute)
		f.Evidence = []string{fmt.Sprintf("GRANT %s TO %s WITH SET TRUE;", quote(other), quote(name)), f.Evidence[0]}
		p.report(f)
	}
}

func (p *pass) setRole(name, other, why string) finding.Finding {
	f := finding.New("role-bypasses-rls", p.membershipOrigin(name, other), name, "role %s may become %s, which %s", name, other, why)
	f.Evidence = []string{fmt.Sprintf("SET ROLE %s;", quote(other))}
	f.Fix = &finding.Fix{
		Message: "let another login use that role",
		Code:    fmt.Sprintf("REVOKE %s FROM %s;", quote(other), quote(name)),
	}
	return f
}

// membershipOrigin returns where a role became a member of another, directly or through others.
func (p *pass) membershipOrigin(name, other string) finding.Position {
	for _, m := range p.roles.memberships[name] {
		if m.Role == other || p.roles.settable(m.Role)[other] {
			return m.Origin
		}
	}
	return finding.Position{}
}

// logins are the application roles that connect: the model's, else those that sessions have.
func (p *pass) logins() []string {
	if len(p.model.Roles.App) > 0 {
		return p.model.Roles.App
	}
	var names []string
	for _, s := range p.sessions {
		if s.known() {
			names = append(names, s.role)
		}
	}
	return names
}

// hasOwned reports whether the schema holds any table with rows of tenants.
func (p *pass) hasOwned() bool {
	for range p.owned() {
		return true
	}
	return false
}
