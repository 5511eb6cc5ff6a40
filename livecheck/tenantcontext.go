package livecheck

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/tenancy"
)

// newPlanners finds out as whom and with what settings statements are planned: one planner for each of
// the service's roles. The result says why there is none for a role, and what mends it.
func newPlanners(ctx context.Context, tx pgx.Tx, m *tenancy.Model, o StatementOptions) ([]*planner, finding.Result, error) {
	var result finding.Result
	skip := func(role, reason string) {
		what := "plans and probes"
		if role != "" {
			what += " as role " + role
		}
		result.Skipped = append(result.Skipped, finding.Skipped{What: what, Reason: reason})
	}
	s, err := readSession(ctx, tx)
	if err != nil {
		return nil, result, err
	}
	roles, refusal := s.roles(m, o)
	if refusal != "" {
		skip("", refusal)
		return nil, result, nil
	}
	var planners []*planner
	var others []string
	for i, role := range roles {
		if len(planners) == mostRoles || i == mostTried {
			others = roles[i:]
			skip(someOf(roles[i:], "more"), fmt.Sprintf("an audit takes on no more than %d roles of the service, and plans what others executed as the first: name others by --app-role", mostRoles))
			break
		}
		p, refusal, err := s.planner(ctx, tx, m, role, o)
		switch {
		case err != nil:
			return nil, result, err
		case refusal != "":
			skip(role, refusal)
		default:
			planners = append(planners, p)
		}
	}
	if len(planners) == 0 {
		return nil, result, nil
	}
	planners[0].others = others
	if err := planners[0].estimates(ctx, tx); err != nil {
		return nil, result, err
	}
	for _, p := range planners[1:] {
		p.leakproof, p.stale = planners[0].leakproof, planners[0].stale
	}
	return planners, result, nil
}

// mostRoles bounds the roles of the service as which statements are planned and probes tried, and mostTried
// those that are looked at for it: a service may have a role for each tenant.
const mostRoles, mostTried = 4, 16

// session is whom the connection is, and what it may do.
type session struct {
	user              string
	version           int
	superuser, bypass bool
	// quiet says that it may keep the audit out of pg_stat_statements, inner that this counts statements
	// inside of others too.
	quiet, inner bool
	// path is the search path, and pathSource where it comes from.
	path, pathSource string
}

func readSession(ctx context.Context, tx pgx.Tx) (s session, err error) {
	err = tx.QueryRow(ctx, `SELECT current_user::text, current_setting('server_version_num')::int, rolsuper, rolbypassrls,
			has_parameter_privilege(current_user, 'pg_stat_statements.track', 'SET'),
			coalesce(current_setting('pg_stat_statements.track', true), '') = 'all', p.setting, p.source
		FROM pg_roles, pg_settings p WHERE rolname = current_user AND p.name = 'search_path' `+marker, pgx.QueryExecModeExec).
		Scan(&s.user, &s.version, &s.superuser, &s.bypass, &s.quiet, &s.inner, &s.path, &s.pathSource)
	return s, err
}

// roles returns those to plan as: the service's, the connection's own first if it is one of them.
func (s session) roles(m *tenancy.Model, o StatementOptions) (roles []string, refusal string) {
	switch {
	case s.superuser && !o.AllowSuperuser:
		return nil, fmt.Sprintf("role %s is a superuser, and planning calls functions of the database with its rights: connect as a role without rights, which may SET ROLE to the service's, or say --allow-superuser", s.user)
	case s.superuser && len(m.Roles.App) == 0:
		return nil, fmt.Sprintf("no policy binds the superuser %s: name the role that the service connects as with --app-role", s.user)
	case len(m.Roles.App) == 0:
		return []string{s.user}, ""
	}
	roles = slices.Clone(m.Roles.App)
	if i := slices.Index(roles, s.user); i > 0 {
		roles = slices.Insert(slices.Delete(roles, i, i+1), 0, s.user)
	}
	return roles, ""
}

// planner returns one that plans as a role, or why there is none.
func (s session) planner(ctx context.Context, tx pgx.Tx, m *tenancy.Model, role string, o StatementOptions) (_ *planner, refusal string, err error) {
	become := "SET"
	if s.version < 160000 {
		become = "MEMBER"
	}
	var exists, may bool
	err = tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1),
		coalesce((SELECT pg_has_role(current_user, oid, $2) FROM pg_roles WHERE rolname = $1), false) `+marker, pgx.QueryExecModeExec, role, become).Scan(&exists, &may)
	switch {
	case err != nil:
		return nil, "", err
	case !exists:
		return nil, "the server has no role " + role, nil
	case !may && slices.Contains(m.Roles.App, s.user):
		return nil, fmt.Sprintf("role %s, another one of the service, may not take it on: audit as the role that --print-role makes", s.user), nil
	case !may:
		return nil, fmt.Sprintf("role %s may not take it on: GRANT %s TO %s;", s.user, quote(role), quote(s.user)), nil
	}
	path, err := s.pathOf(ctx, tx, role)
	if err != nil {
		return nil, "", err
	}
	p := &planner{prepares: s.version < 160000 || !s.quiet && !s.inner, quiet: s.quiet, role: role}
	if s.quiet {
		p.settings = append(p.settings, [2]string{"pg_stat_statements.track", "none"})
	}
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
	if role != s.user && (s.superuser || s.bypass) {
		unbound := *p
		unbound.settings = slices.DeleteFunc(slices.Clone(p.settings), func(s [2]string) bool { return s[0] == "role" })
		p.unbound = &unbound
	}
	err = tx.QueryRow(ctx, `SELECT rolsuper OR rolbypassrls OR EXISTS (SELECT FROM pg_class c
			WHERE c.relrowsecurity AND NOT c.relforcerowsecurity AND pg_has_role(r.oid, c.relowner, 'USAGE'))
		FROM pg_roles r WHERE rolname = $1 `+marker, pgx.QueryExecModeExec, role).Scan(&p.exempt)
	return p, "", err
}

// pathOf is the search path that a role of the service has: SET ROLE does not apply what ALTER ROLE … SET
// says of the role.
func (s session) pathOf(ctx context.Context, tx pgx.Tx, role string) (path string, err error) {
	err = tx.QueryRow(ctx, `SELECT substr(c, strpos(c, '=') + 1) FROM pg_db_role_setting s, unnest(s.setconfig) c
		WHERE (s.setdatabase = 0 OR s.setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database()))
		AND (s.setrole = 0 OR s.setrole = (SELECT oid FROM pg_roles WHERE rolname = $1)) AND c LIKE 'search_path=%'
		ORDER BY s.setrole <> 0 DESC, s.setdatabase <> 0 DESC LIMIT 1 `+marker, pgx.QueryExecModeExec, role).Scan(&path)
	switch {
	case err == nil:
		return path, nil
	case !errors.Is(err, pgx.ErrNoRows):
		return "", err
	case role != s.user && strings.HasSuffix(s.pathSource, "user"):
		return `"$user", public`, nil // what the service's connection has, not the auditor's
	}
	return s.path, nil
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
