package catalog

import (
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/tenantvet/tenantvet/pgschema"
)

func (r *reader) queueRoles() {
	r.ask(`SELECT rolname::text, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolinherit, rolcanlogin
		FROM pg_roles WHERE rolname !~ '^pg_'`, func(row pgx.Rows) error {
		role := &pgschema.Role{}
		err := row.Scan(&role.Name, &role.Superuser, &role.BypassRLS, &role.CreateRole, &role.CreateDB, &role.Inherit, &role.Login)
		r.schema.Roles[role.Name] = role
		return err
	})
	// Before version 16 whether a member inherits is an attribute of the member, and SET ROLE is
	// always allowed.
	options := "bool_or(m.rolinherit), true"
	if r.version >= 16 {
		options = "bool_or(g.inherit_option), bool_or(g.set_option)"
	}
	r.ask(`SELECT pg_get_userbyid(g.roleid)::text, pg_get_userbyid(g.member)::text, bool_or(g.admin_option), `+options+`
		FROM pg_auth_members g JOIN pg_roles m ON m.oid = g.member JOIN pg_roles o ON o.oid = g.roleid
		WHERE m.rolname !~ '^pg_' GROUP BY g.roleid, g.member ORDER BY 1, 2`, func(row pgx.Rows) error {
		m := &pgschema.Membership{}
		err := row.Scan(&m.Role, &m.Member, &m.Admin, &m.Inherit, &m.Set)
		r.schema.Memberships = append(r.schema.Memberships, m)
		return err
	})
	r.ask(`SELECT coalesce(pg_get_userbyid(nullif(s.setrole, 0))::text, ''), coalesce(d.datname::text, ''), u.setting
		FROM pg_db_role_setting s LEFT JOIN pg_database d ON d.oid = s.setdatabase, unnest(s.setconfig) u(setting)
		WHERE s.setdatabase = 0 OR d.datname = current_database() ORDER BY 1, 2, 3`, func(row pgx.Rows) error {
		var setting string
		d := &pgschema.SettingDefault{}
		err := row.Scan(&d.Role, &d.Database, &setting)
		d.Name, d.Value, _ = strings.Cut(setting, "=")
		r.schema.SettingDefaults = append(r.schema.SettingDefaults, d)
		return err
	})
}
