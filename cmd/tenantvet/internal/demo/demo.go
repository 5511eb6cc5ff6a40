// Package demo is a small service's database on a private server: a schema with some ways from one tenant
// to another, rows of tenants of very different size, and the statements that the service executed.
package demo

import (
	"context"
	_ "embed"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/tenantvet/tenantvet/livecheck"
	"github.com/tenantvet/tenantvet/pgschema/catalog"
	"github.com/tenantvet/tenantvet/project"
	"github.com/tenantvet/tenantvet/shadow/server"
)

var (
	//go:embed schema.sql
	schema string
	//go:embed rows.sql
	rows string
)

// Names in the demo.
const (
	AppRole  = "shop_app"
	Setting  = "app.tenant_id"
	database = "shop"
	auditor  = "tenantvet_auditor"
)

// Major versions that the demo runs on.
const oldest, newest = 15, 18

// Demo is a running server with the demo's database.
type Demo struct{ server *server.Server }

// Start starts a server, of the newest version that is installed, and fills it. The caller closes it.
func Start(ctx context.Context) (_ *Demo, err error) {
	started, err := start(ctx)
	if err != nil {
		return nil, err
	}
	d := &Demo{server: started}
	defer func() {
		if err != nil {
			d.Close()
		}
	}()
	if err := d.as(ctx, server.Superuser, "postgres", func(conn *pgx.Conn) error { return run(ctx, conn, "CREATE DATABASE "+database) }); err != nil {
		return nil, err
	}
	if err := d.as(ctx, server.Superuser, database, func(conn *pgx.Conn) error { return fill(ctx, conn) }); err != nil {
		return nil, fmt.Errorf("fill the demo: %w", err)
	}
	if err := d.as(ctx, AppRole, database, func(conn *pgx.Conn) error { return work(ctx, conn) }); err != nil {
		return nil, fmt.Errorf("run the demo's statements: %w", err)
	}
	return d, nil
}

// Major is the major version of the server.
func (d *Demo) Major() int { return d.server.Major }

// DSN names the database, as the role that audits it.
func (d *Demo) DSN() string { return d.server.DSN(database, auditor) }

// Close ends the server and removes its files.
func (d *Demo) Close() { d.server.Close() }

// start starts a server. pg_stat_statements belongs to every distribution of it; where it is missing
// nevertheless, the audit says so.
func start(ctx context.Context) (*server.Server, error) {
	bin, major, err := binaries(ctx)
	if err != nil {
		return nil, err
	}
	s, err := server.Start(ctx, bin, major, "shared_preload_libraries=pg_stat_statements")
	if err == nil || ctx.Err() != nil {
		return s, err
	}
	return server.Start(ctx, bin, major)
}

// binaries finds the newest server that is installed, or fetches one.
func binaries(ctx context.Context) (bin string, major int, err error) {
	cache := server.CacheDir()
	for major := newest; major >= oldest; major-- {
		if bin, ok := server.Find(major, cache); ok {
			return bin, major, nil
		}
	}
	if bin, err = server.Fetch(ctx, newest, cache); err != nil {
		return "", 0, fmt.Errorf("no PostgreSQL from %d to %d is installed, and %d could not be fetched: %w", oldest, newest, newest, err)
	}
	return bin, newest, nil
}

// as runs something on a connection of a role.
func (d *Demo) as(ctx context.Context, role, database string, do func(*pgx.Conn) error) error {
	conn, err := pgx.Connect(ctx, d.server.DSN(database, role))
	if err != nil {
		return err
	}
	return errors.Join(do(conn), conn.Close(context.WithoutCancel(ctx)))
}

// run sends a script.
func run(ctx context.Context, conn *pgx.Conn, script string) error {
	_, err := conn.PgConn().Exec(ctx, script).ReadAll()
	return err
}

// fill makes schema, rows, statistics and the role that audits.
func fill(ctx context.Context, conn *pgx.Conn) error {
	for _, script := range []string{schema, rows} {
		if err := run(ctx, conn, script); err != nil {
			return err
		}
	}
	if err := run(ctx, conn, "VACUUM ANALYZE"); err != nil {
		return err
	}
	read, err := catalog.Read(ctx, conn)
	if err != nil {
		return err
	}
	model, err := project.LoadModel("", Options())
	if err != nil {
		return err
	}
	role, err := livecheck.AuditorRole(ctx, conn, project.OnServer(model, read))
	if err != nil {
		return err
	}
	if err := run(ctx, conn, role); err != nil {
		return err
	}
	if err := run(ctx, conn, "CREATE EXTENSION pg_stat_statements"); err != nil {
		return nil // the audit says that it is missing, and what mends it
	}
	return run(ctx, conn, "SELECT pg_stat_statements_reset()")
}

// Options are the tenancy model of the demo, whatever the folder says that the tool is started in.
func Options() project.Options {
	return project.Options{NoConfig: true, TenantColumns: []string{"tenant_id"}, Settings: []string{Setting}, AppRoles: []string{AppRole}}
}
