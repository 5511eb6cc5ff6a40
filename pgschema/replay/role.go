package replay

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

type membershipKey struct{ role, member string }

// createRole applies CREATE ROLE, USER and GROUP.
func (r *replayer) createRole(n *pgast.CreateRoleStmt) error {
	if r.schema.Roles[n.Role] != nil {
		return fmt.Errorf("role %q exists already at this point", n.Role)
	}
	role := &pgschema.Role{
		Name: n.Role, Inherit: true, Login: n.StmtType == pgast.RoleStmtType_ROLESTMT_USER, Origin: r.here(),
	}
	r.schema.Roles[n.Role] = role
	setRoleAttributes(role, n.Options)
	// Since version 16 who creates a role without being superuser administers it. A role that may not
	// create any did not: a superuser ran the statement.
	if creator := r.schema.Roles[r.now.role]; r.version >= 16 && creator != nil && creator.CreateRole && !creator.Superuser {
		r.addMember(n.Role, creator.Name, &pgschema.Membership{Admin: true})
	}
	for _, node := range n.Options {
		o := node.GetDefElem()
		for _, other := range r.roleNames(o.GetArg().GetList().GetItems()) {
			switch o.Defname {
			case "addroleto":
				r.addMember(other, n.Role, r.newMembership(n.Role))
			case "rolemembers":
				r.addMember(n.Role, other, r.newMembership(other))
			case "adminmembers":
				m := r.newMembership(other)
				m.Admin = true
				r.addMember(n.Role, other, m)
			}
		}
	}
	r.event("CreateRoleStmt", pgschema.Name{Name: n.Role}, "create role")
	return nil
}

func setRoleAttributes(role *pgschema.Role, options []*pgast.Node) {
	for _, node := range options {
		o := node.GetDefElem()
		switch o.GetDefname() {
		case "superuser":
			role.Superuser = optionBool(o)
		case "bypassrls":
			role.BypassRLS = optionBool(o)
		case "createrole":
			role.CreateRole = optionBool(o)
		case "createdb":
			role.CreateDB = optionBool(o)
		case "inherit":
			role.Inherit = optionBool(o)
		case "canlogin":
			role.Login = optionBool(o)
		}
	}
}

// alterRole applies ALTER ROLE and ALTER GROUP … ADD/DROP USER.
func (r *replayer) alterRole(n *pgast.AlterRoleStmt) error {
	name := r.roleName(n.Role)
	for _, node := range n.Options {
		o := node.GetDefElem()
		if o.GetDefname() != "rolemembers" {
			continue
		}
		for _, member := range r.roleNames(o.GetArg().GetList().GetItems()) {
			if n.Action < 0 && !r.takeMembership(name, member, &pgast.GrantRoleStmt{}) {
				continue
			}
			if n.Action < 0 {
				delete(r.members, membershipKey{name, member})
			} else {
				r.addMember(name, member, r.newMembership(member))
			}
		}
	}
	role := r.schema.Roles[name]
	if role == nil {
		return fmt.Errorf("role %q does not exist at this point", name)
	}
	before := *role
	if setRoleAttributes(role, n.Options); *role != before {
		role.Origin = r.here()
	}
	r.event("AlterRoleStmt", pgschema.Name{Name: name}, "alter role")
	return nil
}

func (r *replayer) dropRole(n *pgast.DropRoleStmt) error {
	for _, name := range r.roleNames(n.Roles) {
		if r.schema.Roles[name] == nil {
			if !n.MissingOk {
				r.skip(0, "role %q does not exist at this point", name)
			}
			continue
		}
		if r.roleInUse(name) {
			r.skip(0, "role %q cannot be dropped because it owns objects or has privileges", name)
			continue
		}
		delete(r.schema.Roles, name)
		for key := range r.members {
			if key.role == name || key.member == name {
				delete(r.members, key)
			}
		}
		r.schema.SettingDefaults = slices.DeleteFunc(r.schema.SettingDefaults, func(d *pgschema.SettingDefault) bool { return d.Role == name })
	}
	return nil
}

// roleInUse reports whether a role owns something, was granted something or is named by a policy.
func (r *replayer) roleInUse(name string) bool {
	used := false
	r.everyOwner(func(owner *string, _ []*pgschema.Grant) { used = used || *owner == name })
	r.everyGrant(func(_ string, grants *[]*pgschema.Grant) {
		used = used || slices.ContainsFunc(*grants, func(g *pgschema.Grant) bool { return g.Grantee == name || r.grantors[g] == name })
	})
	for _, rel := range r.schema.Relations {
		for _, p := range rel.Policies {
			used = used || slices.Contains(p.Roles, name)
		}
	}
	for key, acl := range r.defaults {
		used = used || key.role == name || slices.ContainsFunc(acl.grants, func(g *pgschema.Grant) bool { return g.Grantee == name })
	}
	return used
}

// newMembership has the options that GRANT role TO member gives without WITH (PostgreSQL manual,
// GRANT): since version 16 INHERIT follows the member's attribute.
func (r *replayer) newMembership(member string) *pgschema.Membership {
	inherit := true
	if role := r.schema.Roles[member]; role != nil {
		inherit = role.Inherit
	}
	return &pgschema.Membership{Inherit: inherit, Set: true}
}

// addMember enters a membership; a second grant of the same by another grantor adds its options.
func (r *replayer) addMember(role, member string, m *pgschema.Membership) {
	key := membershipKey{role, member}
	m.Role, m.Member, m.Origin = role, member, r.here()
	if old := r.members[key]; old != nil {
		old.Admin, old.Inherit, old.Set = old.Admin || m.Admin, old.Inherit || m.Inherit, old.Set || m.Set
		return
	}
	r.members[key] = m
	r.schema.Memberships = append(r.schema.Memberships, m)
}

// grantRole applies GRANT role TO role and its REVOKE.
func (r *replayer) grantRole(n *pgast.GrantRoleStmt) error {
	for _, granted := range n.GrantedRoles {
		role := granted.GetAccessPriv().GetPrivName()
		for _, member := range r.roleNames(n.GranteeRoles) {
			if n.IsGrant {
				r.giveMembership(role, member, n)
				r.grantMembership(role, member, n.Opt)
				r.event("GrantRoleStmt", pgschema.Name{Name: member}, "grant "+role)
			} else if r.takeMembership(role, member, n) {
				r.revokeMembership(role, member, n.Opt)
			}
		}
	}
	return nil
}

func (r *replayer) grantMembership(role, member string, options []*pgast.Node) {
	old := r.members[membershipKey{role, member}]
	m := r.newMembership(member)
	if old != nil {
		*m = *old
	}
	for _, node := range options {
		o := node.GetDefElem()
		switch o.GetDefname() {
		case "admin":
			m.Admin = optionBool(o)
		case "inherit":
			m.Inherit = optionBool(o)
		case "set":
			m.Set = optionBool(o)
		}
	}
	if old != nil {
		old.Admin, old.Inherit, old.Set, old.Origin = m.Admin, m.Inherit, m.Set, r.here()
		return
	}
	r.addMember(role, member, m)
}

func (r *replayer) revokeMembership(role, member string, options []*pgast.Node) {
	m := r.members[membershipKey{role, member}]
	if m == nil {
		return
	}
	if len(options) == 0 {
		delete(r.members, membershipKey{role, member})
		return
	}
	for _, node := range options {
		switch node.GetDefElem().GetDefname() {
		case "admin":
			m.Admin = false
		case "inherit":
			m.Inherit = false
		case "set":
			m.Set = false
		}
	}
	m.Origin = r.here()
}

// renameRole brings a role to another name wherever it is named.
func (r *replayer) renameRole(from, to string) error {
	role := r.schema.Roles[from]
	if role == nil {
		return fmt.Errorf("role %q does not exist at this point", from)
	}
	if r.schema.Roles[to] != nil {
		return fmt.Errorf("role %q exists already at this point", to)
	}
	delete(r.schema.Roles, from)
	role.Name = to
	r.schema.Roles[to] = role
	replace := func(name *string) {
		if *name == from {
			*name = to
		}
	}
	for key, m := range r.members {
		if key.role == from || key.member == from {
			delete(r.members, key)
			replace(&m.Role)
			replace(&m.Member)
			r.members[membershipKey{m.Role, m.Member}] = m
		}
	}
	r.renameGrantor(from, to)
	for _, d := range r.schema.SettingDefaults {
		replace(&d.Role)
	}
	for _, acl := range r.defaults {
		acl.rename(from, to)
	}
	r.everyOwner(func(owner *string, _ []*pgschema.Grant) { replace(owner) })
	r.everyGrant(func(_ string, grants *[]*pgschema.Grant) {
		for _, g := range *grants {
			replace(&g.Grantee)
		}
	})
	for _, rel := range r.schema.Relations {
		for _, p := range rel.Policies {
			for i := range p.Roles {
				replace(&p.Roles[i])
			}
		}
	}
	replace(&r.now.role)
	return nil
}

// alterRoleSet applies ALTER ROLE … SET and RESET.
func (r *replayer) alterRoleSet(n *pgast.AlterRoleSetStmt) error {
	role := ""
	if n.Role != nil {
		role = r.roleName(n.Role)
	}
	return r.setSettingDefault(pgschema.SettingDefault{Role: role, Database: n.Database}, n.Setstmt)
}

// alterSystem applies ALTER SYSTEM to custom settings; the others change no schema.
func (r *replayer) alterSystem(n *pgast.AlterSystemStmt) error {
	if !isCustom(n.GetSetstmt().GetName()) && n.GetSetstmt().GetKind() != pgast.VariableSetKind_VAR_RESET_ALL {
		return nil
	}
	return r.setSettingDefault(pgschema.SettingDefault{System: true}, n.Setstmt)
}

// setSettingDefault keeps the default that new sessions get where the given entry says.
func (r *replayer) setSettingDefault(entry pgschema.SettingDefault, n *pgast.VariableSetStmt) error {
	entry.Name = strings.ToLower(n.GetName())
	together := func(d *pgschema.SettingDefault) bool {
		return d.Role == entry.Role && d.Database == entry.Database && d.System == entry.System
	}
	same := func(d *pgschema.SettingDefault) bool { return together(d) && d.Name == entry.Name }
	switch n.GetKind() {
	case pgast.VariableSetKind_VAR_RESET_ALL:
		r.schema.SettingDefaults = slices.DeleteFunc(r.schema.SettingDefaults, together)
	case pgast.VariableSetKind_VAR_RESET, pgast.VariableSetKind_VAR_SET_DEFAULT:
		r.schema.SettingDefaults = slices.DeleteFunc(r.schema.SettingDefaults, same)
	default:
		if r.unknownCurrent(n) {
			return &undecidedError{code: "setting", reason: fmt.Sprintf("the value that %s has at this point is not known", entry.Name)}
		}
		entry.Value, entry.Origin = r.settingValue(n), r.here()
		r.schema.SettingDefaults = slices.DeleteFunc(r.schema.SettingDefaults, same)
		r.schema.SettingDefaults = append(r.schema.SettingDefaults, &entry)
	}
	return nil
}
