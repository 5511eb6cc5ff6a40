package shadow

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
)

// settingsOf are those of ALTER DATABASE … SET and ALTER ROLE … IN DATABASE … SET, with their values as literals. Of a
// list of names each is one (variable_is_guc_list_quote in pg_dump's dumputils.c; its other lists are the server's alone).
const settingsOf = `SELECT coalesce(r.rolname::text, ''), name, CASE
		WHEN name IN ('local_preload_libraries', 'search_path', 'session_preload_libraries', 'temp_tablespaces') THEN coalesce((
			SELECT string_agg(quote_literal(CASE WHEN item[1] LIKE '"%' THEN replace(substr(item[1], 2, length(item[1]) - 2), '""', '"') ELSE item[1] END), ', ' ORDER BY n)
			FROM regexp_matches(value, '"(?:[^"]|"")*"|[^,\s]+', 'g') WITH ORDINALITY AS items (item, n)), quote_literal(''))
		ELSE quote_literal(value) END
	FROM pg_db_role_setting s CROSS JOIN unnest(s.setconfig) entry LEFT JOIN pg_roles r ON r.oid = s.setrole
	CROSS JOIN LATERAL (SELECT split_part(entry, '=', 1), substr(entry, strpos(entry, '=') + 1)) AS parts (name, value)
	WHERE s.setdatabase = (SELECT oid FROM pg_database WHERE datname = $1)`

// CopySettings gives a database the settings of another that it was copied from, which CREATE DATABASE leaves
// behind. None of them is set here, where a role or a timeout would end the copying. The connection is a superuser's,
// to any database of the server.
func CopySettings(ctx context.Context, conn *pgx.Conn, from, to string) error {
	rows, err := conn.Query(ctx, settingsOf, from)
	if err != nil {
		return err
	}
	type setting struct{ Role, Name, Literal string }
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[setting])
	if err != nil {
		return err
	}
	for _, s := range found {
		whose := "DATABASE " + quote(to)
		if s.Role != "" {
			whose = "ROLE " + quote(s.Role) + " IN " + whose
		}
		if _, err := conn.Exec(ctx, fmt.Sprintf("ALTER %s SET %s TO %s", whose, parameter(s.Name), s.Literal)); err != nil {
			return fmt.Errorf("setting %s of database %s: %w", s.Name, from, err)
		}
	}
	return nil
}

// parameter quotes the parts of a setting's name.
func parameter(name string) string {
	parts := strings.Split(name, ".")
	for i := range parts {
		parts[i] = quote(parts[i])
	}
	return strings.Join(parts, ".")
}
