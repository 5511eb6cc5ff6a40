// Package isolationtest lets a service's own test prove that one tenant does not reach another's rows:
//
//	func TestTenantsAreIsolated(t *testing.T) {
//		pool := migratedDatabase(t) // as your other tests make it
//		isolationtest.Prove(t, pool, isolationtest.AppRole("app"))
//	}
//
// Prove copies the database, makes rows of two tenants in every table of the copy, and tries as the role of
// the service each way to read, change or detect the other's, in sessions with a tenant and without one.
// What crosses fails the test with the statements that did it. The copy is dropped; the database itself is
// read and nothing else, so its rows, sequences and statistics stay as they are.
//
// What a tenant is, is read from .tenantvet.yml in the folder of the test or above it; what that leaves
// open is inferred from the policies and the columns.
package isolationtest

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/tenantvet/tenantvet/pgschema/catalog"
	"github.com/tenantvet/tenantvet/pgschema/classify"
	"github.com/tenantvet/tenantvet/project"
	"github.com/tenantvet/tenantvet/prove"
)

// TB is what Prove needs of a *testing.T.
type TB interface {
	Helper()
	Context() context.Context
	Logf(format string, args ...any)
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// DB is the database to prove, by connections of a superuser unless Superuser names one.
type DB interface {
	*pgxpool.Pool | *pgx.Conn
}

// Prove fails the test for each way from one tenant to another, for each tenant's table that no row could
// be made for, and when nothing was proved at all, as of a database without tables. PostgreSQL copies a
// database only while nobody else is connected to it: Prove closes idle connections of a pool and waits
// some seconds for the others.
func Prove[D DB](t TB, db D, options ...Option) {
	t.Helper()
	var o settings
	for _, option := range options {
		option(&o)
	}
	report, classes, err := run(t.Context(), any(db), &o)
	if err != nil {
		t.Fatalf("isolationtest: %v", err)
		return
	}
	judge(t, report, classes, o.accepted)
}

// run proves a copy of the database.
func run(ctx context.Context, db any, o *settings) (_ *prove.Report, _ *classify.Classes, err error) {
	model, err := project.LoadModel(o.dir, o.model)
	if err != nil {
		return nil, nil, err
	}
	c, err := newCopy(ctx, db, o.superuser)
	if err != nil {
		return nil, nil, err
	}
	defer func() {
		if dropped := c.drop(context.WithoutCancel(ctx)); err == nil {
			err = dropped
		}
	}()
	conn, err := c.session(ctx, "")
	if err != nil {
		return nil, nil, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	schema, err := catalog.Read(ctx, conn)
	if err != nil {
		return nil, nil, fmt.Errorf("reading the catalog: %w", err)
	}
	read := project.OnServer(model, schema)
	role := ""
	if len(read.Model.Roles.App) > 0 {
		role = read.Model.Roles.App[0]
	}
	switch {
	case role == "":
		return nil, nil, fmt.Errorf("nobody says which role the service connects as: isolationtest.AppRole names it")
	case schema.Roles[role] == nil:
		return nil, nil, fmt.Errorf("the server has no role %s, which the service connects as", role)
	}
	if reaches, err := anyTable(ctx, conn, role); err != nil {
		return nil, nil, err
	} else if !reaches {
		return nil, nil, fmt.Errorf("nothing was proved: role %s may neither read nor write any table", role)
	}
	report, err := prove.Run(ctx, prove.Database{Session: c.session, Schema: schema, Classes: read.Classes, Model: read.Model, Role: role})
	return report, read.Classes, err
}

// anyTable reports whether a role, or one that it can become, has a right on any table or view.
func anyTable(ctx context.Context, conn *pgx.Conn, role string) (yes bool, err error) {
	err = conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, pg_roles r
		WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND pg_has_role($1, r.oid, 'MEMBER')
		AND (has_any_column_privilege(r.oid, c.oid, 'SELECT, INSERT, UPDATE') OR has_table_privilege(r.oid, c.oid, 'DELETE, TRUNCATE')))`, role).Scan(&yes)
	return yes, err
}
