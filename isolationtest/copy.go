package isolationtest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/tenantvet/tenantvet/shadow"
)

// largest is the size of a database, in bytes, above which it is none for tests.
const largest = 1 << 30

// prefix begins the names of copies.
const prefix = "isolationtest_"

// scratch is a copy of a database.
type scratch struct {
	name  string
	admin *pgx.Conn // a superuser's, on the database that is copied
	base  *pgx.ConnConfig
	// release gives the admin connection back, or closes it.
	release func()
}

// newCopy copies the database of a pool or of a connection.
func newCopy(ctx context.Context, db any, superuser string) (_ *scratch, err error) {
	c := &scratch{}
	if err := c.connect(ctx, db, superuser); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			c.release()
		}
	}()
	var user, source string
	var super bool
	var size int64
	err = c.admin.QueryRow(ctx, `SELECT current_user::text, current_database()::text, rolsuper, pg_database_size(current_database())
		FROM pg_roles WHERE rolname = current_user`).Scan(&user, &source, &super, &size)
	switch {
	case err != nil:
		return nil, err
	case !super:
		return nil, fmt.Errorf("%s is no superuser, and only one can open sessions of the service's role and make rows in spite of policies: isolationtest.Superuser(dsn) names one", user)
	case size > largest:
		return nil, fmt.Errorf("database %s has %d MB: prove one that has the schema and few rows", source, size>>20)
	}
	if _, err := shadow.DropAbandoned(ctx, c.admin, prefix); err != nil {
		return nil, err
	}
	if c.name, err = shadow.ScratchName(ctx, c.admin, prefix); err != nil {
		return nil, err
	}
	if _, err := c.admin.Exec(ctx, fmt.Sprintf("CREATE DATABASE %s TEMPLATE %s", c.name, quote(source))); err != nil {
		return nil, c.refused(ctx, err)
	}
	if err := shadow.CopySettings(ctx, c.admin, source, c.name); err != nil {
		return nil, errors.Join(err, c.drop(context.WithoutCancel(ctx)))
	}
	return c, nil
}

// connect takes a connection out of what was given, or makes the superuser's.
func (c *scratch) connect(ctx context.Context, db any, superuser string) error {
	var acquire func() (*pgx.Conn, func(), error)
	switch db := db.(type) {
	case *pgxpool.Pool:
		db.Reset() // nobody else may be connected
		c.base = db.Config().ConnConfig
		acquire = func() (*pgx.Conn, func(), error) {
			conn, err := db.Acquire(ctx)
			if err != nil {
				return nil, nil, err
			}
			return conn.Conn(), conn.Release, nil
		}
	case *pgx.Conn:
		c.base = db.Config()
		acquire = func() (*pgx.Conn, func(), error) { return db, func() {}, nil }
	}
	if superuser != "" {
		source := c.base.Database
		config, err := pgx.ParseConfig(superuser)
		if err != nil {
			return errors.New("the DSN of the superuser is neither a postgres:// URL nor a list of key=value pairs, or one of its values is invalid")
		}
		config.Database, c.base = source, config
		acquire = func() (*pgx.Conn, func(), error) {
			conn, err := pgx.ConnectConfig(ctx, config.Copy())
			return conn, func() { conn.Close(context.WithoutCancel(ctx)) }, err
		}
	}
	var err error
	c.admin, c.release, err = acquire()
	return err
}

// refused says who keeps the database from being copied.
func (c *scratch) refused(ctx context.Context, err error) error {
	const inUse = "55006"
	var pg *pgconn.PgError
	if !errors.As(err, &pg) || pg.Code != inUse {
		return fmt.Errorf("copying the database: %w", err)
	}
	var others string
	_ = c.admin.QueryRow(ctx, `SELECT coalesce(string_agg(DISTINCT concat_ws(' ', usename::text, nullif(application_name, '')), ', '), '')
		FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`).Scan(&others) // the reason stands without them
	if others != "" {
		others = " (" + others + ")"
	}
	return fmt.Errorf("others are connected to the database%s, and PostgreSQL copies none in use: release connections before Prove, or give it a database of its own", others)
}

// session opens a session of a role in the copy, the superuser's when the role is empty.
func (c *scratch) session(ctx context.Context, role string) (*pgx.Conn, error) {
	config := c.base.Copy()
	config.Database = c.name
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	if err := shadow.Become(ctx, conn, role); err != nil {
		conn.Close(context.WithoutCancel(ctx))
		return nil, err
	}
	return conn, nil
}

// drop ends the copy.
func (c *scratch) drop(ctx context.Context) error {
	defer c.release()
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if _, err := c.admin.Exec(ctx, "DROP DATABASE IF EXISTS "+c.name+" WITH (FORCE)"); err != nil {
		return fmt.Errorf("database %s stays on the server: %w", c.name, err)
	}
	return nil
}

func quote(name string) string { return pgx.Identifier{name}.Sanitize() }
