package livecheck

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/tenancy"
)

// newPlanner finds out as whom and with what settings statements are planned. It returns nil, and
// says in the result why and what mends it, when they cannot be planned as the service.
func newPlanner(ctx context.Context, tx pgx.Tx, m *tenancy.Model, o StatementOptions) (*planner, finding.Result, error) {
	var result finding.Result
	refuse := func(format string, args ...any) (*planner, finding.Result, error) {
		result.Skipped = append(result.Skipped, finding.Skipped{What: "plans of statements", Reason: fmt.Sprintf(format, args...)})
		return nil, result, nil
	}
	var user, path, pathSource string
	var version int
	var superuser, bypass, quiet, inner bool
	err := tx.QueryRow(ctx, `SELECT current_user::text, current_setting('server_version_num')::int, rolsuper, rolbypassrls,
			has_parameter_privilege(current_user, 'pg_stat_statements.track', 'SET'),
			coalesce(current_setting('pg_stat_statements.track', true), '') = 'all', p.setting, p.source
		FROM pg_roles, pg_settings p WHERE rolname = current_user AND p.name = 'search_path' `+marker, pgx.QueryExecModeExec).
		Scan(&user, &version, &superuser, &bypass, &quiet, &inner, &path, &pathSource)
	if err != nil {
		return nil, result, err
	}
	if superuser && !o.AllowSuperuser {
		return refuse("role %s is a superuser, and planning calls functions of the database with its rights: connect as a role without rights, which may SET ROLE to the service's, or say --allow-superuser", user)
	}
	role := user
	if len(m.Roles.App) > 0 && !slices.Contains(m.Roles.App, user) {
		role = m.Roles.App[0]
	} else if superuser && len(m.Roles.App) == 0 {
		return refuse("no policy binds the superuser %s: name the role that the service connects as with --app-role", user)
	}
	become := "SET"
	if version < 160000 {
		become = "MEMBER"
	}
	var exists, may bool
	err = tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1),
		coalesce((SELECT pg_has_role(current_user, oid, $2) FROM pg_roles WHERE rolname = $1), false) `+marker, pgx.QueryExecModeExec, role, become).Scan(&exists, &may)
	switch {
	case err != nil:
		return nil, result, err
	case !exists:
		return refuse("the server has no role %s", role)
	case !may:
		return refuse("role %s may not plan as the service's role: GRANT %s TO %s;", user, quote(role), quote(user))
	}
	// SET ROLE does not apply what ALTER ROLE … SET says of the role.
	var own *string
	err = tx.QueryRow(ctx, `SELECT substr(c, strpos(c, '=') + 1) FROM pg_db_role_setting s, unnest(s.setconfig) c
		WHERE (s.setdatabase = 0 OR s.setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database()))
		AND (s.setrole = 0 OR s.setrole = (SELECT oid FROM pg_roles WHERE rolname = $1)) AND c LIKE 'search_path=%'
		ORDER BY s.setrole <> 0 DESC, s.setdatabase <> 0 DESC LIMIT 1 `+marker, pgx.QueryExecModeExec, role).Scan(&own)
	switch {
	case err != nil && err != pgx.ErrNoRows:
		return nil, result, err
	case own != nil:
		path = *own
	case role != user && strings.HasSuffix(pathSource, "user"):
		path = `"$user", public` // what the service's connection has, not the auditor's
	}
	p := &planner{prepares: version < 160000 || !quiet && !inner}
	if quiet {
		p.settings = append(p.settings, [2]string{"pg_stat_statements.track", "none"})
	}
	p.quiet, p.role = quiet, role
	p.settings = append(p.settings, [2]string{"statement_timeout", planTimeout}, [2]string{"lock_timeout", lockTimeout})
	if p.prepares {
		// With NULL for each parameter, pruning would remove every partition.
		p.settings = append(p.settings, [2]string{"plan_cache_mode", "force_generic_plan"}, [2]string{"enable_partition_pruning", "off"})
	}
	p.settings = append(p.settings, [2]string{"role", role}, [2]string{"search_path", path})
	for _, name := range m.Settings {
		p.settings = append(p.settings, [2]string{name, o.tenant(m.ColumnType)})
	}
	for name := range strings.SplitSeq(path, ",") {
		name = strings.Trim(strings.TrimSpace(name), `"`)
		if name == "$user" {
			name = role
		}
		p.path = append(p.path, name)
	}
	if role != user && (superuser || bypass) {
		unbound := *p
		unbound.settings = slices.DeleteFunc(slices.Clone(p.settings), func(s [2]string) bool { return s[0] == "role" })
		p.unbound = &unbound
	}
	err = tx.QueryRow(ctx, `SELECT rolsuper OR rolbypassrls OR EXISTS (SELECT FROM pg_class c
			WHERE c.relrowsecurity AND NOT c.relforcerowsecurity AND pg_has_role(r.oid, c.relowner, 'USAGE'))
		FROM pg_roles r WHERE rolname = $1 `+marker, pgx.QueryExecModeExec, role).Scan(&p.exempt)
	if err != nil {
		return nil, result, err
	}
	return p, result, p.estimates(ctx, tx)
}

// estimates reads what the planner's choice rests on, beside the indexes.
func (p *planner) estimates(ctx context.Context, tx pgx.Tx) error {
	rows, err := tx.Query(ctx, `SELECT o.oprname || ' ' || format_type(o.oprleft, NULL) FROM pg_operator o JOIN pg_proc f ON f.oid = o.oprcode
		WHERE f.proleakproof AND o.oprleft = o.oprright `+marker, pgx.QueryExecModeExec)
	if err != nil {
		return err
	}
	operators, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	p.leakproof = map[string]bool{}
	for _, o := range operators {
		p.leakproof[o] = true
	}
	rows, err = tx.Query(ctx, `SELECT n.nspname::text, c.relname::text, c.reltuples, pg_stat_get_live_tuples(c.oid)
		FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'm') AND n.nspname !~ '^pg_'
		AND (c.reltuples < 0 OR abs(pg_stat_get_live_tuples(c.oid) - c.reltuples) > 1000 + c.reltuples) `+marker, pgx.QueryExecModeExec)
	if err != nil {
		return err
	}
	p.stale = map[pgschema.Name]string{}
	var name pgschema.Name
	var size float64
	var live int64
	_, err = pgx.ForEachRow(rows, []any{&name.Schema, &name.Name, &size, &live}, func() error {
		p.stale[name] = fmt.Sprintf("statistics were taken of %.0f rows, and there are about %d", size, live)
		if size < 0 {
			p.stale[name] = "the table was never analyzed"
		}
		return nil
	})
	return err
}

// tenant returns the tenant that statements are planned for. It need not exist: the planner then
// expects the average, and no large tenant hides the index of the others.
func (o StatementOptions) tenant(columnType string) string {
	switch {
	case o.Tenant != "":
		return o.Tenant
	case columnType == "uuid" || columnType == "":
		return "7e4a0c1e-0000-4000-8000-00000000a0d1"
	case strings.Contains(columnType, "int") || columnType == "numeric":
		return "2147483"
	}
	return "tenantvet"
}
