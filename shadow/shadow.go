// Package shadow applies migrations to a throw-away PostgreSQL database and reads what they made of
// it: exact where replaying the files has to guess, such as at dynamic SQL and extensions.
//
// The database is on a private server, or a scratch database on a server that the user names. Either
// is gone when Close returns.
package shadow

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/shadow/server"
)

// Options say where the shadow database is made.
type Options struct {
	// DSN names a server, by a user who is superuser there; empty for a private server.
	DSN string
	// Version is the major version of a private server. Exactly says that no other will do.
	Version int
	Exactly bool
	// Template is a database of the named server that is copied; empty to begin with nothing.
	Template string
	// Owner is the role that runs the migrations; empty for one of shadow's own.
	Owner string
}

// defaultOwner runs the migrations where nobody says who does.
const defaultOwner = "tenantvet_owner"

// Database is an open shadow database.
type Database struct {
	// Result has what the reader should know: notes, what stayed undecided, what was passed over.
	Result finding.Result
	// Version is the major version of the server.
	Version int

	owner  string
	name   string
	server *server.Server // nil on a named server
	base   *pgx.ConnConfig
	roles  []string // of the server, before the shadow database was made
	// turn is the session that holds a named server for this database alone: roles belong to the whole server.
	turn *pgx.Conn

	made    []string // roles that no statement created
	applied string   // the text of all migrations, in lower case
	ready   bool     // the owner exists and owns the database
	missing []string // extensions
	// platform says that Supabase's schemas and roles are here, tools are the tables of migration tools that are.
	platform bool
	tools    []pgschema.Name
}

// Open starts the server and makes an empty database. The caller closes it.
func Open(ctx context.Context, opts Options) (*Database, error) {
	d := &Database{owner: opts.Owner}
	if d.owner == "" {
		d.owner = defaultOwner
	}
	if err := d.connect(ctx, opts); err != nil {
		return nil, err
	}
	if err := d.create(ctx, opts.Template); err != nil {
		d.Close()
		return nil, err
	}
	return d, nil
}

// connect finds the server.
func (d *Database) connect(ctx context.Context, opts Options) (err error) {
	dsn := opts.DSN
	if dsn == "" {
		if d.server, err = d.start(ctx, opts); err != nil {
			return err
		}
		dsn = d.server.DSN("postgres", server.Superuser)
	}
	if d.base, err = pgx.ParseConfig(dsn); err != nil {
		// The error repeats the DSN, which may hold a password.
		return errors.New("the DSN of the shadow server is neither a postgres:// URL nor a list of key=value pairs, or one of its values is invalid")
	}
	if d.base.ConnectTimeout == 0 {
		d.base.ConnectTimeout = 10 * time.Second
	}
	return nil
}

// largest is the size of a database, in bytes, above which it is no scratch database to be copied.
const largest = 512 << 20

// create makes the database.
func (d *Database) create(ctx context.Context, template string) error {
	if template != "" {
		d.base.Database = "postgres" // nobody may be connected to what is copied
	}
	conn, err := pgx.ConnectConfig(ctx, d.base.Copy())
	if err != nil {
		return fmt.Errorf("cannot connect to the shadow server: %w", err)
	}
	d.turn = conn
	if err := d.takeTurn(ctx); err != nil {
		return err
	}
	if err := d.begin(ctx); err != nil {
		return fmt.Errorf("cannot ask the shadow server: %w", err)
	}
	var superuser bool
	err = conn.QueryRow(ctx, `SELECT current_setting('server_version_num')::int / 10000, r.rolsuper, ARRAY(SELECT rolname::text FROM pg_roles)
		FROM pg_roles r WHERE r.rolname = current_user`).Scan(&d.Version, &superuser, &d.roles)
	if err != nil {
		return fmt.Errorf("cannot ask the shadow server: %w", err)
	}
	if !superuser {
		return fmt.Errorf("%s is no superuser of the shadow server: migrations run as one role, the service as another, and only a superuser can be both", d.base.User)
	}
	settings := template != ""
	if template == "" {
		template = "template0"
	}
	var size int64
	if err := conn.QueryRow(ctx, "SELECT pg_database_size($1)", template).Scan(&size); err != nil {
		return fmt.Errorf("cannot copy the database: %w", err)
	}
	if size > largest {
		return fmt.Errorf("database %s has %d MB: name a scratch database with the schema and few rows", template, size>>20)
	}
	if _, err := conn.Exec(ctx, "CREATE DATABASE "+d.name+" TEMPLATE "+quote(template)); err != nil {
		return fmt.Errorf("cannot make the shadow database: %w", err)
	}
	if settings {
		return CopySettings(ctx, conn, template, d.name)
	}
	return nil
}

// prefix begins the names of shadow databases.
const prefix = "tenantvet_shadow_"

// begin names the database and drops those of runs that were killed.
func (d *Database) begin(ctx context.Context) (err error) {
	if d.name, err = ScratchName(ctx, d.turn, prefix); err != nil || d.server != nil {
		return err
	}
	dropped, err := DropAbandoned(ctx, d.turn, prefix)
	for _, name := range dropped {
		d.note("database %s was left behind by a run that was killed, and is dropped", name)
	}
	return err
}

// turnKey is that of the advisory lock by which runs on one server wait for each other.
const turnKey = 0x74656e616e74 // "tenant"

// takeTurn waits until no other run uses a named server. The lock ends with the session.
func (d *Database) takeTurn(ctx context.Context) error {
	if d.server != nil {
		return nil
	}
	var free bool
	if err := d.turn.QueryRow(ctx, "SELECT pg_try_advisory_lock($1)", turnKey).Scan(&free); err != nil {
		return fmt.Errorf("cannot ask the shadow server: %w", err)
	}
	if free {
		return nil
	}
	d.note("another run used the server, and this one waited for it")
	if _, err := d.turn.Exec(ctx, "SELECT pg_advisory_lock($1)", turnKey); err != nil {
		return fmt.Errorf("another run uses the shadow server, and waiting for it failed: %w", err)
	}
	return nil
}

// Close ends the private server, or drops the database and the roles that were made on a named one.
// It does so also when the run was interrupted.
func (d *Database) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if d.turn != nil {
		defer d.turn.Close(ctx)
	}
	if d.server != nil {
		d.server.Close()
		return nil
	}
	if d.name == "" {
		return nil // nothing was made yet
	}
	conn, err := pgx.ConnectConfig(ctx, d.base.Copy())
	if err != nil {
		return fmt.Errorf("database %s stays on the shadow server: %w", d.name, err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, "DROP DATABASE IF EXISTS "+d.name+" WITH (FORCE)"); err != nil {
		return fmt.Errorf("database %s stays on the shadow server: %w", d.name, err)
	}
	made, _, err := d.newRoles(ctx, conn)
	if err != nil {
		return err
	}
	for _, role := range made {
		if _, err := conn.Exec(ctx, "DROP ROLE "+quote(role)); err != nil {
			return fmt.Errorf("role %s stays on the shadow server: %w", role, err)
		}
	}
	return nil
}

// note adds a line for the reader, once.
func (d *Database) note(format string, args ...any) {
	if line := "shadow: " + fmt.Sprintf(format, args...); !slices.Contains(d.Result.Notes, line) {
		d.Result.Notes = append(d.Result.Notes, line)
	}
}

func quote(name string) string { return pgx.Identifier{name}.Sanitize() }
