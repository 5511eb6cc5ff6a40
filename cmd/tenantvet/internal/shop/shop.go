// Package shop is what the demo of an audit looks at: the database of a small service on a private server,
// with some ways from one tenant to another, rows of tenants of very different size, and the statements
// that the service executed.
package shop

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

// Names in it.
const (
	AppRole  = "shop_app"
	Setting  = "app.tenant_id"
	database = "shop"
	auditor  = "tenantvet_auditor"
)

// Major versions that it runs on.
const oldest, newest = 15, 18

// Shop is a running server with the shop's database.
type Shop struct{ server *server.Server }

// Start starts a server, of the newest version that is installed, and fills it. The caller closes it.
func Start(ctx context.Context) (_ *Shop, err error) {
	started, err := start(ctx)
	if err != nil {
		return nil, err
	}
	s := &Shop{server: started}
	defer func() {
		if err != nil {
			s.Close()
		}
	}()
	if err := s.as(ctx, server.Superuser, "postgres", func(conn *pgx.Conn) error { return run(ctx, conn, "CREATE DATABASE "+database) }); err != nil {
		return nil, err
	}
	if err := s.as(ctx, server.Superuser, database, func(conn *pgx.Conn) error { return fill(ctx, conn) }); err != nil {
		return nil, fmt.Errorf("fill the shop: %w", err)
	}
	if err := s.as(ctx, AppRole, database, func(conn *pgx.Conn) error { return work(ctx, conn) }); err != nil {
		return nil, fmt.Errorf("run the shop's statements: %w", err)
	}
	return s, nil
}

// DSN names the database, as the role that audits it.
func (s *Shop) DSN() string { return s.server.DSN(database, auditor) }

// Close ends the server and removes its files.
func (s *Shop) Close() { s.server.Close() }

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
func (s *Shop) as(ctx context.Context, role, database string, do func(*pgx.Conn) error) error {
	conn, err := pgx.Connect(ctx, s.server.DSN(database, role))
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

// Options are the tenancy model of the shop, whatever the folder says that the tool is started in.
func Options() project.Options {
	return project.Options{NoConfig: true, TenantColumns: []string{"tenant_id"}, Settings: []string{Setting}, AppRoles: []string{AppRole}}
}
