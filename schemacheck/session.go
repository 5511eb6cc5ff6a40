package schemacheck

import (
	"maps"
	"slices"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// dml are the privileges by which an application works on rows.
var dml = []string{"select", "insert", "update", "delete"}

// session is a role that serves tenants.
type session struct {
	// role is "" when neither model nor schema says who connects.
	role string
	// assumed says that the schema gives the role no privilege on any row and never did, so that its
	// GRANTs must be elsewhere: it is taken to read and write every table.
	assumed bool
	// caller is the role of the caller where role is that of the owner of a view: policies are for the
	// one, and current_user is the other.
	caller string
}

// user is the role that current_user gives.
func (s session) user() string {
	if s.caller != "" {
		return s.caller
	}
	return s.role
}

func (s session) known() bool { return s.role != "" }

// String names the session in a message.
func (s session) String() string {
	if s.known() {
		return "role " + s.role
	}
	return "the application's role"
}

// findSessions returns the application roles of the model, else the roles that tenant tables are
// granted to or have policies for, else one unknown role. A login role without privileges of its
// own, which each request leaves by SET ROLE, stands for the roles it may become.
func (p *pass) findSessions() []session {
	names := p.model.Roles.App
	if len(names) == 0 {
		names = p.tenantRoles()
	}
	if len(names) == 0 {
		return []session{{assumed: true}}
	}
	var sessions []session
	for _, name := range names {
		if p.reachesRows(name) {
			sessions = append(sessions, session{role: name})
			continue
		}
		worker := false
		for _, other := range slices.Sorted(maps.Keys(p.roles.settable(name))) {
			if p.roles.exempt(other) == "" && p.reachesRows(other) {
				sessions, worker = append(sessions, session{role: other}), true
			}
		}
		sessions = append(sessions, session{role: name, assumed: !worker && !p.granting(name)})
	}
	return sessions
}

// granting reports whether the files say what a role may do with tables, be it nothing in the end.
func (p *pass) granting(name string) bool {
	for _, d := range p.schema.DefaultPrivileges {
		if d.Objects == "tables" && d.Grant.Grantee == name {
			return true
		}
	}
	return slices.ContainsFunc(p.schema.Events, func(e pgschema.Event) bool {
		n := e.Stmt.Node.GetGrantStmt()
		return n.GetObjtype() == pgast.ObjectType_OBJECT_TABLE && slices.ContainsFunc(n.GetGrantees(), func(g *pgast.Node) bool {
			return g.GetRoleSpec().GetRolename() == name
		})
	})
}

// reachesRows reports whether a role has a privilege on the rows of any table or view.
func (p *pass) reachesRows(name string) bool {
	for _, r := range p.schema.Relations {
		if r.Kind == pgschema.Sequence {
			continue
		}
		for _, privilege := range dml {
			if p.roles.mayAny(name, r, privilege) {
				return true
			}
		}
	}
	return false
}

// tenantRoles returns the roles that have privileges on rows of tenants, or policies made for them,
// and are neither owners of such tables, nor exempt from row-level security, nor another kind of
// role in the model.
func (p *pass) tenantRoles() []string {
	names := roleSet{}
	others := slices.Concat(p.model.Roles.Owner, p.model.Roles.Analytics, p.model.Roles.Auditor, []string{public, ""})
	for t := range p.owned() {
		others = append(others, p.roles.owner(t.Relation))
		for _, g := range t.Relation.Grants {
			if slices.Contains(dml, g.Privilege) {
				names[g.Grantee] = true
			}
		}
		for _, policy := range t.Relation.Policies {
			for _, role := range policy.Roles {
				names[role] = true
			}
		}
	}
	maps.DeleteFunc(names, func(name string, _ bool) bool {
		return slices.Contains(others, name) || p.roles.exempt(name) != ""
	})
	return slices.Sorted(maps.Keys(names))
}

// may reports whether a session has a privilege on a relation or one of its columns.
func (p *pass) may(s session, r *pgschema.Relation, privilege string) bool {
	if s.assumed && slices.Contains(dml, privilege) {
		return true
	}
	return s.known() && p.roles.mayAny(s.role, r, privilege)
}

// mayColumn is may for one column.
func (p *pass) mayColumn(s session, r *pgschema.Relation, column, privilege string) bool {
	if s.assumed && slices.Contains(dml, privilege) {
		return true
	}
	return s.known() && p.roles.mayColumn(s.role, r, column, privilege)
}

// reaches reports whether any session has a privilege on rows of a relation.
func (p *pass) reaches(r *pgschema.Relation) bool {
	return slices.ContainsFunc(p.sessions, func(s session) bool {
		return slices.ContainsFunc(dml, func(privilege string) bool { return p.may(s, r, privilege) })
	})
}

// owns reports whether a session has the rights of a relation's owner.
func (p *pass) owns(s session, r *pgschema.Relation) bool {
	return s.known() && p.roles.owns(s.role, r)
}
