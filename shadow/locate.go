package shadow

import (
	"slices"

	"github.com/tenantvet/tenantvet/pgschema"
)

// locate gives the objects of a live schema the origins that they have in the replayed one. What
// replay did not see, such as the work of dynamic SQL, takes the origin of what it belongs to.
func locate(live, replayed *pgschema.Schema) {
	live.Events = replayed.Events
	for name, ns := range live.Namespaces {
		if r := replayed.Namespaces[name]; r != nil {
			ns.Origin = r.Origin
			locateGrants(ns.Grants, r.Grants, r.Origin)
		}
	}
	for name, rel := range live.Relations {
		if r := replayed.Relations[name]; r != nil {
			locateRelation(rel, r)
		}
	}
	for _, f := range live.Functions {
		r := find(replayed.Functions, func(r *pgschema.Function) bool { return r.Name == f.Name && slices.Equal(r.Args, f.Args) })
		if r != nil {
			f.Origin, f.BodyOrigin = r.Origin, r.BodyOrigin
			locateGrants(f.Grants, r.Grants, r.Origin)
		}
	}
	for name, t := range live.Types {
		if r := replayed.Types[name]; r != nil {
			t.Origin = r.Origin
			locateGrants(t.Grants, r.Grants, r.Origin)
		}
	}
	for name, role := range live.Roles {
		if r := replayed.Roles[name]; r != nil {
			role.Origin = r.Origin
		}
	}
	for _, m := range live.Memberships {
		if r := find(replayed.Memberships, func(r *pgschema.Membership) bool { return r.Role == m.Role && r.Member == m.Member }); r != nil {
			m.Origin = r.Origin
		}
	}
	for _, p := range live.DefaultPrivileges {
		r := find(replayed.DefaultPrivileges, func(r *pgschema.DefaultPrivilege) bool {
			return r.Role == p.Role && r.Schema == p.Schema && r.Objects == p.Objects &&
				r.Grant.Privilege == p.Grant.Privilege && r.Grant.Grantee == p.Grant.Grantee
		})
		if r != nil {
			p.Grant.Origin = r.Grant.Origin
		}
	}
	for _, s := range live.SettingDefaults {
		if r := find(replayed.SettingDefaults, func(r *pgschema.SettingDefault) bool { return r.Role == s.Role && r.Name == s.Name }); r != nil {
			s.Origin = r.Origin
		}
	}
}

func locateRelation(rel, r *pgschema.Relation) {
	rel.Origin, rel.RowSecurityOrigin = r.Origin, r.RowSecurityOrigin
	if rel.RowSecurity && !r.RowSecurity {
		rel.RowSecurityOrigin = r.Origin
	}
	locateGrants(rel.Grants, r.Grants, r.Origin)
	for _, c := range rel.Columns {
		c.Origin = r.Origin
		if rc := r.Column(c.Name); rc != nil {
			c.Origin, c.NotNullOrigin = rc.Origin, rc.NotNullOrigin
			locateGrants(c.Grants, rc.Grants, rc.Origin)
		}
	}
	for _, c := range rel.Constraints {
		c.Origin = r.Origin
		if rc := find(r.Constraints, func(rc *pgschema.Constraint) bool { return rc.Name == c.Name }); rc != nil {
			c.Origin = rc.Origin
		}
	}
	for _, i := range rel.Indexes {
		i.Origin = r.Origin
		if ri := find(r.Indexes, func(ri *pgschema.Index) bool { return ri.Name == i.Name }); ri != nil {
			i.Origin = ri.Origin
		}
	}
	for _, p := range rel.Policies {
		p.Origin = r.Origin
		if rp := find(r.Policies, func(rp *pgschema.Policy) bool { return rp.Name == p.Name }); rp != nil {
			p.Origin = rp.Origin
		}
	}
	for _, t := range rel.Triggers {
		t.Origin = r.Origin
		if rt := find(r.Triggers, func(rt *pgschema.Trigger) bool { return rt.Name == t.Name }); rt != nil {
			t.Origin = rt.Origin
		}
	}
	for _, u := range rel.Rules {
		u.Origin = r.Origin
		if ru := find(r.Rules, func(ru *pgschema.Rule) bool { return ru.Name == u.Name }); ru != nil {
			u.Origin = ru.Origin
		}
	}
}

func locateGrants(live, replayed []*pgschema.Grant, otherwise pgschema.Origin) {
	for _, g := range live {
		g.Origin = otherwise
		r := find(replayed, func(r *pgschema.Grant) bool { return r.Privilege == g.Privilege && r.Grantee == g.Grantee })
		if r != nil {
			g.Origin = r.Origin
		}
	}
}

// find returns the first element that fits, or nil.
func find[T any](list []*T, fits func(*T) bool) *T {
	if i := slices.IndexFunc(list, fits); i >= 0 {
		return list[i]
	}
	return nil
}
