package replay

import (
	"slices"

	"github.com/tenantvet/tenantvet/pgschema"
)

// Authority: what a role that a file has become by SET ROLE or SET SESSION AUTHORIZATION may do. Who runs
// the migrations is taken to have every right they need, as they did run.

// restricted reports whether the rights of the current role are known and limited.
func (r *replayer) restricted() bool {
	role := r.schema.Roles[r.now.role]
	return r.now.role != r.login && role != nil && !role.Superuser
}

// hasPrivilegesOf reports whether a role has the privileges of another without becoming it: since version
// 16 each grant says whether they are inherited, before the member does.
func (r *replayer) hasPrivilegesOf(member, other string) bool {
	for _, role := range r.privilegesOf(member) {
		// The one who runs the migrations is taken for the owner of the database.
		if role == other || other == "pg_database_owner" && role == r.now.session {
			return true
		}
	}
	return false
}

// privilegesOf returns the roles whose privileges a role has without becoming them, itself first.
func (r *replayer) privilegesOf(member string) []string {
	have := []string{member}
	for i := 0; i < len(have); i++ {
		for key, m := range r.members {
			inherits := m.Inherit
			if role := r.schema.Roles[key.member]; r.version < 16 && role != nil {
				inherits = role.Inherit
			}
			if key.member == have[i] && inherits && !slices.Contains(have, key.role) {
				have = append(have, key.role)
			}
		}
	}
	return have
}

// mayUse reports whether the current role finds objects in a schema along its search path.
func (r *replayer) mayUse(ns *pgschema.Namespace) bool {
	return !r.restricted() || r.hasPrivilegesOf(r.now.role, ns.Owner) || slices.ContainsFunc(ns.Grants, func(g *pgschema.Grant) bool {
		return g.Privilege == "usage" && (g.Grantee == "public" || r.hasPrivilegesOf(r.now.role, g.Grantee))
	})
}

// grantable returns those of some privileges that the current role may grant and revoke on an object: what
// others name in a GRANT is passed over with a warning (PostgreSQL manual, GRANT).
func (r *replayer) grantable(privileges []string, owner string, grants []*pgschema.Grant) []string {
	if !r.restricted() || r.hasPrivilegesOf(r.now.role, owner) {
		return privileges
	}
	var may []string
	for _, privilege := range privileges {
		if slices.ContainsFunc(grants, func(g *pgschema.Grant) bool {
			return g.Privilege == privilege && g.GrantOption && r.hasPrivilegesOf(r.now.role, g.Grantee)
		}) {
			may = append(may, privilege)
		}
	}
	return may
}
