package shadow

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
)

// settingsOf are those of ALTER DATABASE … SET and ALTER ROLE … IN DATABASE … SET.
const settingsOf = `SELECT coalesce(r.rolname::text, ''), split_part(entry, '=', 1), substr(entry, strpos(entry, '=') + 1)
	FROM pg_db_role_setting s CROSS JOIN unnest(s.setconfig) entry LEFT JOIN pg_roles r ON r.oid = s.setrole
	WHERE s.setdatabase = (SELECT oid FROM pg_database WHERE datname = $1)`

// CopySettings gives a database the settings of another that it was copied from, which CREATE DATABASE leaves
// behind. The connection is a superuser's, to any database of the server.
func CopySettings(ctx context.Context, conn *pgx.Conn, from, to string) error {
	rows, err := conn.Query(ctx, settingsOf, from)
	if err != nil {
		return err
	}
	type setting struct{ Role, Name, Value string }
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[setting])
	if err != nil {
		return err
	}
	for _, s := range found {
		whose := "DATABASE " + quote(to)
		if s.Role != "" {
			whose = "ROLE " + quote(s.Role) + " IN " + whose
		}
		// FROM CURRENT writes lists such as search_path as they are. The transaction ends what the setting does here.
		err := pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
			if _, err := tx.Exec(ctx, "SELECT set_config($1, $2, true)", s.Name, s.Value); err != nil {
				return err
			}
			_, err := tx.Exec(ctx, fmt.Sprintf("ALTER %s SET %s FROM CURRENT", whose, parameter(s.Name)))
			return err
		})
		if err != nil {
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
