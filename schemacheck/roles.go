package schemacheck

import (
	"cmp"
	"maps"
	"slices"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/tenancy"
)

// newestRuntimeInherit is the last major version that decides at run time, by the attribute of the
// member, whether a member has a role's privileges; later ones keep that in each GRANT
// (PostgreSQL 16 release notes, E.1.2).
const newestRuntimeInherit = 15

// public is the pseudo-role that every role belongs to.
const public = "public"

type roleSet map[string]bool

// roles answers what a role may do in a schema.
type roles struct {
	schema *pgschema.Schema
	// version is the server's major version; 0, not known, counts as the newest.
	version int
	// defaultOwner owns what the schema names no owner of.
	defaultOwner string
	memberships  map[string][]*pgschema.Membership // by member
	inherited    map[string]roleSet
}

func newRoles(s *pgschema.Schema, m *tenancy.Model) *roles {
	r := &roles{
		schema: s, version: m.PGVersion,
		memberships: map[string][]*pgschema.Membership{}, inherited: map[string]roleSet{},
	}
	if len(m.Roles.Owner) > 0 {
		r.defaultOwner = m.Roles.Owner[0]
	}
	for _, owner := range m.Roles.Owner {
		// Who runs the migrations owns the database, unless somebody grants much by hand (manual, 22.5).
		r.memberships[owner] = append(r.memberships[owner], &pgschema.Membership{Role: "pg_database_owner", Member: owner, Inherit: true})
	}
	for _, membership := range s.Memberships {
		r.memberships[membership.Member] = append(r.memberships[membership.Member], membership)
	}
	return r
}

// platformRoles are roles that hosting platforms create with BYPASSRLS, or as superusers, outside any
// migration: PostgreSQL's own, Supabase's, Neon's, Google Cloud SQL's and Amazon RDS's.
var platformRoles = map[string]pgschema.Role{
	"postgres":            {BypassRLS: true, CreateRole: true, CreateDB: true, Login: true},
	"service_role":        {BypassRLS: true},
	"supabase_admin":      {Superuser: true},
	"supabase_auth_admin": {CreateRole: true, Login: true},
	"neon_superuser":      {BypassRLS: true, CreateRole: true, CreateDB: true},
	"cloudsqlsuperuser":   {CreateRole: true, CreateDB: true},
	"rds_superuser":       {},
}

// attributes returns the attributes of a role; a role that neither the schema nor a known platform
// creates has none but INHERIT, the defaults of CREATE ROLE.
func (r *roles) attributes(name string) pgschema.Role {
	if role := r.schema.Roles[name]; role != nil {
		return *role
	}
	role := platformRoles[name]
	role.Name, role.Inherit = name, true
	return role
}

// runtimeInherit reports whether the server is of the kind that newestRuntimeInherit describes.
func (r *roles) runtimeInherit() bool { return r.version > 0 && r.version <= newestRuntimeInherit }

// privilegesOf returns the roles whose privileges a role has without SET ROLE: itself, PUBLIC, and
// what it inherits (PostgreSQL manual, 22.3).
func (r *roles) privilegesOf(name string) roleSet {
	set, ok := r.inherited[name]
	if !ok {
		set = r.reach(name, func(m *pgschema.Membership) bool {
			if r.runtimeInherit() {
				return r.attributes(m.Member).Inherit
			}
			return m.Inherit
		})
		set[public] = true
		r.inherited[name] = set
	}
	return set
}

// settable returns the roles that a session of the role may become by SET ROLE, without itself.
func (r *roles) settable(name string) roleSet {
	set := r.reach(name, func(m *pgschema.Membership) bool { return r.runtimeInherit() || m.Set })
	delete(set, name)
	return set
}

// administered returns the roles that a session of the role may grant to itself, by the ADMIN option of a membership, with
// those it may then become; without itself and what it may become anyway.
func (r *roles) administered(name string) roleSet {
	settable := r.settable(name)
	set := roleSet{}
	for as := range r.reach(name, func(m *pgschema.Membership) bool { return m.Inherit || m.Set || r.runtimeInherit() }) {
		for _, m := range r.memberships[as] {
			if m.Admin && !settable[m.Role] && m.Role != name {
				set[m.Role] = true
				maps.Copy(set, r.settable(m.Role))
			}
		}
	}
	maps.DeleteFunc(set, func(role string, _ bool) bool { return role == name || settable[role] })
	return set
}

// reach follows the memberships of a role that satisfy a condition.
func (r *roles) reach(name string, follow func(*pgschema.Membership) bool) roleSet {
	set := roleSet{name: true}
	for queue := []string{name}; len(queue) > 0; queue = queue[1:] {
		for _, m := range r.memberships[queue[0]] {
			if !set[m.Role] && follow(m) {
				set[m.Role] = true
				queue = append(queue, m.Role)
			}
		}
	}
	return set
}

// exempt returns the attribute by which row-level security does not bind a role, or "".
func (r *roles) exempt(name string) string {
	switch role := r.attributes(name); {
	case role.Superuser:
		return "SUPERUSER"
	case role.BypassRLS:
		return "BYPASSRLS"
	}
	return ""
}

// owner returns the owner of a relation, or "" when neither schema nor model says.
func (r *roles) owner(rel *pgschema.Relation) string { return r.orDefault(rel.Owner) }

// orDefault returns an owner, or the one of what the schema names no owner of.
func (r *roles) orDefault(owner string) string { return cmp.Or(owner, r.defaultOwner) }

// owns reports whether a role has the rights of a relation's owner.
func (r *roles) owns(name string, rel *pgschema.Relation) bool {
	owner := r.owner(rel)
	return owner != "" && (r.privilegesOf(name)[owner] || r.attributes(name).Superuser)
}

// may reports whether a role has a privilege on a whole relation, and USAGE on its schema.
func (r *roles) may(name string, rel *pgschema.Relation, privilege string) bool {
	return r.mayUse(name, rel.Schema) && (r.granted(name, rel.Grants, privilege) ||
		r.ownsPrivilege(name, rel, privilege) || r.predefined(name, privilege))
}

// mayColumn reports whether a role has a privilege on a column.
func (r *roles) mayColumn(name string, rel *pgschema.Relation, column, privilege string) bool {
	if r.may(name, rel, privilege) {
		return true
	}
	c := rel.Column(column)
	return c != nil && r.mayUse(name, rel.Schema) && r.granted(name, c.Grants, privilege)
}

// mayAny reports whether a role has a privilege on a relation or on one of its columns.
func (r *roles) mayAny(name string, rel *pgschema.Relation, privilege string) bool {
	return r.may(name, rel, privilege) || r.mayUse(name, rel.Schema) &&
		slices.ContainsFunc(rel.Columns, func(c *pgschema.Column) bool { return r.granted(name, c.Grants, privilege) })
}

func (r *roles) granted(name string, grants []*pgschema.Grant, privilege string) bool {
	have := r.privilegesOf(name)
	return slices.ContainsFunc(grants, func(g *pgschema.Grant) bool {
		return g.Privilege == privilege && have[g.Grantee]
	})
}

// ownsPrivilege reports whether a role has a privilege as owner.
func (r *roles) ownsPrivilege(name string, rel *pgschema.Relation, privilege string) bool {
	return r.attributes(name).Superuser || r.owns(name, rel) && !slices.Contains(rel.OwnerRevoked, privilege)
}

// predefined reports whether a predefined role gives a privilege on every table (manual, 22.5).
func (r *roles) predefined(name, privilege string) bool {
	have := r.privilegesOf(name)
	switch privilege {
	case "select":
		return have["pg_read_all_data"]
	case "insert", "update", "delete":
		return have["pg_write_all_data"]
	}
	return false
}

// mayUse reports whether a role has USAGE on a schema. A schema that these files do not create, and
// public, are taken to be usable.
func (r *roles) mayUse(name, schema string) bool {
	namespace := r.schema.Namespaces[schema]
	if namespace == nil || schema == public || !namespace.Origin.IsValid() && len(namespace.Grants) == 0 {
		return true
	}
	have := r.privilegesOf(name)
	return have[namespace.Owner] || r.attributes(name).Superuser || have["pg_read_all_data"] ||
		have["pg_write_all_data"] || r.granted(name, namespace.Grants, "usage")
}
