package catalog

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/pgschema"
)

func (r *reader) queueRoles() {
	r.ask(`SELECT oid, rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolinherit, rolcanlogin FROM pg_roles`, func(w *row) {
		id, name := w.oid(), w.text()
		r.roles[id] = name
		if !ofSystem(name) {
			r.schema.Roles[name] = &pgschema.Role{
				Name: name, Superuser: w.flag(), BypassRLS: w.flag(), CreateRole: w.flag(), CreateDB: w.flag(), Inherit: w.flag(), Login: w.flag(),
			}
		}
	})
	// Before version 16 whether a member inherits is an attribute of the member, and SET ROLE is
	// always allowed.
	options := "NULL, true"
	if r.version >= 16 {
		options = "bool_or(g.inherit_option), bool_or(g.set_option)"
	}
	r.ask(`SELECT g.roleid, g.member, bool_or(g.admin_option), `+options+` FROM pg_auth_members g GROUP BY g.roleid, g.member`, func(w *row) {
		m := &pgschema.Membership{Role: r.roles[w.oid()], Member: r.roles[w.oid()], Admin: w.flag(), Inherit: w.flag(), Set: w.flag()}
		if m.Role == "" || r.schema.Roles[m.Member] == nil {
			return
		}
		if r.version < 16 {
			m.Inherit = r.schema.Roles[m.Member].Inherit
		}
		r.schema.Memberships = append(r.schema.Memberships, m)
	})
	r.ask(`SELECT s.setrole, d.datname, u.setting
		FROM pg_db_role_setting s LEFT JOIN pg_database d ON d.oid = s.setdatabase, unnest(s.setconfig) u(setting)
		WHERE s.setdatabase = 0 OR d.datname = current_database() ORDER BY 1, 2, 3`, func(w *row) {
		d := &pgschema.SettingDefault{}
		if role := w.oid(); role != 0 {
			d.Role = r.role(role)
		}
		d.Database = w.text()
		d.Name, d.Value, _ = strings.Cut(w.text(), "=")
		r.schema.SettingDefaults = append(r.schema.SettingDefaults, d)
	})
}

// sortMemberships puts them in order of their names.
func (r *reader) sortMemberships() {
	slices.SortFunc(r.schema.Memberships, func(a, b *pgschema.Membership) int {
		return cmp.Or(strings.Compare(a.Role, b.Role), strings.Compare(a.Member, b.Member))
	})
}

// ofSystem reports whether a role is one of those that PostgreSQL has by itself.
func ofSystem(role string) bool { return strings.HasPrefix(role, "pg_") }

// role names a role as pg_get_userbyid does.
func (r *reader) role(oid uint32) string {
	if name, ok := r.roles[oid]; ok {
		return name
	}
	return fmt.Sprintf("unknown (OID=%d)", oid)
}

// grantee names a role that privileges and policies are for.
func (r *reader) grantee(oid uint32) string {
	if oid == 0 {
		return "public"
	}
	return r.role(oid)
}
