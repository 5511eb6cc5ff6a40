package shadow

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Scratch databases are named after the session that makes them, by its process and the microsecond of its start, and
// it stays open as long as they are used. So one whose session is gone was left behind by a run that was killed.

// ScratchName is the name, with a prefix, of a scratch database that the session of a connection makes.
func ScratchName(ctx context.Context, conn *pgx.Conn, prefix string) (name string, err error) {
	err = conn.QueryRow(ctx, "SELECT "+sessionName+" FROM pg_stat_activity WHERE pid = pg_backend_pid()", prefix).Scan(&name)
	return name, err
}

const sessionName = "$1 || pid || '_' || (extract(epoch FROM backend_start) * 1000000)::bigint"

const abandoned = `SELECT datname::text FROM pg_database WHERE starts_with(datname, $1) AND substr(datname, length($1) + 1) ~ '^[0-9]+_[0-9]+$'
	AND datname NOT IN (SELECT ` + sessionName + ` FROM pg_stat_activity WHERE backend_start IS NOT NULL)`

// DropAbandoned drops the scratch databases with a prefix whose session is gone, together with the roles that are marked
// as theirs, and returns their names. What others are connected to stays.
func DropAbandoned(ctx context.Context, conn *pgx.Conn, prefix string) (dropped []string, err error) {
	rows, err := conn.Query(ctx, abandoned, prefix)
	if err != nil {
		return nil, err
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		var refused *pgconn.PgError
		if _, err := conn.Exec(ctx, "DROP DATABASE "+quote(name)); errors.As(err, &refused) {
			continue // in use, or another run was faster
		} else if err != nil {
			return dropped, err
		}
		dropped = append(dropped, name)
		if err := dropMarked(ctx, conn, name); err != nil {
			return dropped, err
		}
	}
	return dropped, nil
}

// markOf is the comment on the roles that were made in a scratch database.
func markOf(database string) string { return "made by tenantvet in " + database }

// markRoles marks the roles that have been made since the database was, so that they can go with it.
func (d *Database) markRoles(ctx context.Context) error {
	if d.server != nil {
		return nil
	}
	made, foreign, err := d.newRoles(ctx, d.turn)
	if err != nil {
		return err
	}
	for _, role := range foreign {
		d.note("role %s appeared meanwhile and stays on the server: no migration names it", role)
	}
	for _, role := range made {
		if _, err := d.turn.Exec(ctx, fmt.Sprintf("COMMENT ON ROLE %s IS '%s'", quote(role), markOf(d.name))); err != nil {
			return err
		}
	}
	return nil
}

// newRoles are the roles of the server that were not there before: those that the migrations or this package made, and
// those of whoever else uses the server, which no migration names. Migrations may also put names together.
func (d *Database) newRoles(ctx context.Context, conn *pgx.Conn) (made, foreign []string, err error) {
	rows, err := conn.Query(ctx, "SELECT rolname::text FROM pg_roles WHERE NOT rolname = ANY ($1)", d.roles)
	if err != nil {
		return nil, nil, err
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	for _, name := range names {
		if dynamicRole.MatchString(d.applied) || slices.Contains(d.made, name) || strings.Contains(d.applied, strings.ToLower(name)) {
			made = append(made, name)
		} else {
			foreign = append(foreign, name)
		}
	}
	return made, foreign, err
}

// dynamicRole finds a role that is created by a statement in a text.
var dynamicRole = regexp.MustCompile(`\bexecute\b[^;]*\bcreate\s+(role|user|group)\b`)

func dropMarked(ctx context.Context, conn *pgx.Conn, database string) error {
	rows, err := conn.Query(ctx, "SELECT rolname::text FROM pg_roles WHERE shobj_description(oid, 'pg_authid') = $1", markOf(database))
	if err != nil {
		return err
	}
	roles, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	for _, role := range roles {
		var refused *pgconn.PgError
		if _, err := conn.Exec(ctx, "DROP ROLE "+quote(role)); err != nil && !errors.As(err, &refused) {
			return err // one that something depends on by now stays
		}
	}
	return nil
}
