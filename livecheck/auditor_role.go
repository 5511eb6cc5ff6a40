package livecheck

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/tenantvet/tenantvet/pgschema/classify"
	"github.com/tenantvet/tenantvet/project"
)

// auditorRole is the name of the role that an audit suggests for itself.
const auditorRole = "tenantvet_auditor"

// AuditorRole returns the SQL that makes the role with the least rights with which an audit of the
// database is whole. It may read the catalog, the statistics and whose a row is, and change to the
// service's roles, whom the policies bind; of the rows themselves it reads no more. A superuser runs
// the SQL: BYPASSRLS and SET ON PARAMETER are theirs to give.
func AuditorRole(ctx context.Context, conn *pgx.Conn, db *project.Database) (string, error) {
	m, roles := db.Model, db.Schema.Roles
	if len(m.Roles.App) == 0 {
		return "", errors.New("nobody says which role the service connects as, and the auditor plans and probes as that role: name it with --app-role")
	}
	for _, role := range m.Roles.App {
		if roles[role] == nil {
			return "", fmt.Errorf("the server has no role %s: name another with --app-role", role)
		}
	}
	var database string
	var major int
	err := conn.QueryRow(ctx, "SELECT current_database()::text, current_setting('server_version_num')::int / 10000 "+marker, pgx.QueryExecModeExec).
		Scan(&database, &major)
	if err != nil {
		return "", err
	}
	name := auditorRole
	if len(m.Roles.Auditor) > 0 {
		name = m.Roles.Auditor[0]
	}
	auditor := quote(name)
	var sql strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&sql, format+"\n", args...) }

	line("-- The role that tenantvet audit connects as, for PostgreSQL %d. A superuser runs this in database %s.", major, database)
	line("-- It has no password: psql sets one by \\password %s, and a password file keeps it off command lines.", name)
	verb := "CREATE"
	if roles[name] != nil {
		verb = "ALTER"
	}
	line("%s ROLE %s LOGIN NOINHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION BYPASSRLS CONNECTION LIMIT 20;", verb, auditor)
	for _, setting := range []string{
		"default_transaction_read_only = on", "statement_timeout = '30s'", "lock_timeout = '500ms'",
		"idle_in_transaction_session_timeout = '60s'", "search_path = pg_catalog", "application_name = 'tenantvet audit'",
	} {
		line("ALTER ROLE %s SET %s;", auditor, setting)
	}
	line("")
	line("-- The statements of all roles, and no entries of the audit's own among them.")
	of := func(inherit, set string) string {
		if major < 16 {
			return "" // NOINHERIT decides for all memberships
		}
		return fmt.Sprintf(" WITH INHERIT %s, SET %s", inherit, set)
	}
	line("GRANT pg_read_all_stats TO %s%s;", auditor, of("TRUE", "FALSE"))
	line("GRANT SET ON PARAMETER pg_stat_statements.track TO %s;", auditor)
	line("")
	line("-- Plans and probes run as the service's role. What that role may read, the auditor itself may not.")
	for _, role := range m.Roles.App {
		if role != name {
			line("GRANT %s TO %s%s;", quote(role), auditor, of("FALSE", "TRUE"))
		}
	}
	line("")
	line("-- Whose a row is, and nothing else of it.")
	line("GRANT CONNECT ON DATABASE %s TO %s;", quote(database), auditor)
	readable := identifying(db.Classes)
	for _, schema := range slices.Sorted(maps.Keys(readable)) {
		line("GRANT USAGE ON SCHEMA %s TO %s;", quote(schema), auditor)
	}
	for _, schema := range slices.Sorted(maps.Keys(readable)) {
		for _, columns := range slices.Sorted(maps.Keys(readable[schema])) {
			line("GRANT SELECT (%s) ON %s TO %s;", columns, strings.Join(readable[schema][columns], ", "), auditor)
		}
	}
	return sql.String(), nil
}

// identifying returns, by schema and by the list of their columns that tell the tenant of a row, the
// tables of tenants: of a child, and of its parent, the columns that lead from one to the other.
func identifying(classes *classify.Classes) map[string]map[string][]string {
	columns := map[*classify.Table][]string{}
	for _, t := range classes.Tables() {
		switch t.Class {
		case classify.Tenant, classify.Registry:
			columns[t] = append(columns[t], t.Columns...)
		case classify.Child:
			if t.Via != nil && t.Parent != nil {
				columns[t] = append(columns[t], t.Via.Columns...)
				columns[t.Parent] = append(columns[t.Parent], t.Via.RefColumns...)
			}
		}
	}
	tables := map[string]map[string][]string{}
	for _, t := range classes.Tables() {
		names := slices.Compact(slices.Sorted(slices.Values(columns[t])))
		if len(names) == 0 || t.Relation.Extension != "" {
			continue
		}
		for i, name := range names {
			names[i] = quote(name)
		}
		schema, list := t.Relation.Schema, strings.Join(names, ", ")
		if tables[schema] == nil {
			tables[schema] = map[string][]string{}
		}
		tables[schema][list] = append(tables[schema][list], quote(schema)+"."+quote(t.Relation.Name.Name))
	}
	return tables
}
