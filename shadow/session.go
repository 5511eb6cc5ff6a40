package shadow

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// roleSettings are what ALTER ROLE … SET and ALTER DATABASE … SET give a session of a role when it
// logs in, the more specific ones last.
const roleSettings = `
SELECT split_part(entry, '=', 1), substr(entry, strpos(entry, '=') + 1)
FROM pg_db_role_setting s, unnest(s.setconfig) entry
WHERE s.setrole IN (0, coalesce((SELECT oid FROM pg_roles WHERE rolname = $1), 0))
AND s.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
ORDER BY s.setrole <> 0, s.setdatabase <> 0`

// Session opens a session of a role as if it had logged in, whether or not it can. The superuser can
// take it back with RESET SESSION AUTHORIZATION. An empty role gives a session of the superuser.
func (d *Database) Session(ctx context.Context, role string) (*pgx.Conn, error) {
	config := d.base.Copy()
	config.Database = d.name
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("cannot connect to the shadow database: %w", err)
	}
	if err := Become(ctx, conn, role); err != nil {
		conn.Close(context.WithoutCancel(ctx))
		return nil, err
	}
	return conn, nil
}

// Become makes a session of the superuser one of a role, as if that had logged in.
func Become(ctx context.Context, conn *pgx.Conn, role string) error {
	// The texts of errors are matched; psql's files may hold strings with backslashes either way.
	// The database may give its sessions a role, also the superuser's.
	if _, err := conn.Exec(ctx, "SET ROLE NONE; SET lc_messages = 'C'"); err != nil {
		return err
	}
	if role == "" {
		return nil
	}
	rows, err := conn.Query(ctx, roleSettings, role)
	if err != nil {
		return err
	}
	type setting struct{ Name, Value string }
	settings, err := pgx.CollectRows(rows, pgx.RowToStructByPos[setting])
	if err != nil {
		return err
	}
	taken := "none"
	for _, s := range settings {
		if s.Name == "role" {
			taken = s.Value
			continue
		}
		if _, err := conn.Exec(ctx, "SELECT set_config($1, $2, false)", s.Name, s.Value); err != nil {
			return fmt.Errorf("session of %s: %w", role, err)
		}
	}
	if _, err := conn.Exec(ctx, "SET SESSION AUTHORIZATION "+quote(role)); err != nil {
		return fmt.Errorf("session of %s: %w", role, err)
	}
	if taken == "none" {
		return nil
	}
	_, err = conn.Exec(ctx, "SET ROLE "+quote(taken))
	if refused := (*pgconn.PgError)(nil); errors.As(err, &refused) {
		return nil // a login only warns of a role that it may not take on
	}
	return err
}
