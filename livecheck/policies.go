package livecheck

import (
	"slices"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/sqlcheck"
)

// policiesOf returns what binds a principal on a table of a server, where all roles are known: the role
// that statements are planned as, or the owner of a view or SECURITY DEFINER function.
func policiesOf(schema *pgschema.Schema, session string) func(reader, user sqlcheck.Principal, r *pgschema.Relation, command sqlcheck.Command) (sqlcheck.Policies, bool) {
	return func(reader, _ sqlcheck.Principal, r *pgschema.Relation, command sqlcheck.Command) (bind sqlcheck.Policies, bound bool) {
		role := session
		if reader.Owner {
			role = reader.Role
		}
		if !isBound(schema, role, r) {
			return bind, false
		}
		for _, p := range r.Policies {
			applies := slices.ContainsFunc(p.Roles, func(name string) bool { return name == "public" || inherits(schema, role, name, maxMemberships) })
			switch {
			case p.Command != "all" && p.Command != string(command) || p.Using == nil || !applies:
			case p.Permissive:
				bind.Permissive = append(bind.Permissive, p.Using)
			default:
				bind.Restrictive = append(bind.Restrictive, p.Using)
			}
		}
		return bind, true
	}
}

// isBound reports whether the policies of a table bind a role (PostgreSQL manual, 5.9).
func isBound(schema *pgschema.Schema, role string, r *pgschema.Relation) bool {
	attributes := schema.Roles[role]
	exempt := attributes != nil && (attributes.Superuser || attributes.BypassRLS)
	return r.RowSecurity && !exempt && (r.ForceRowSecurity || !inherits(schema, role, r.Owner, maxMemberships))
}

// maxMemberships bounds how far memberships of memberships are followed; a catalog has no loops.
const maxMemberships = 16

// inherits reports whether a role has the rights of another: it is that role, or a member that inherits.
func inherits(schema *pgschema.Schema, role, of string, depth int) bool {
	if role == of {
		return true
	}
	return depth > 0 && slices.ContainsFunc(schema.Memberships, func(m *pgschema.Membership) bool {
		return m.Member == role && m.Inherit && inherits(schema, m.Role, of, depth-1)
	})
}
