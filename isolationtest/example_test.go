package isolationtest_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/tenantvet/tenantvet/internal/pgtest"
	"github.com/tenantvet/tenantvet/isolationtest"
)

// In a test, t is the *testing.T and the database is the one that the test's helpers migrate, given as a
// *pgxpool.Pool or a *pgx.Conn.
func ExampleProve() {
	t := &printer{}
	defer t.end()
	conn := migratedDatabase(t, `
		CREATE TABLE notes (id uuid PRIMARY KEY, tenant_id uuid NOT NULL, body text NOT NULL);
		CREATE TABLE drafts (id uuid PRIMARY KEY, tenant_id uuid NOT NULL, body text NOT NULL);
		ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
		ALTER TABLE drafts ENABLE ROW LEVEL SECURITY;
		CREATE POLICY tenant ON notes USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
		CREATE POLICY reads ON drafts FOR SELECT USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
		CREATE POLICY deletes ON drafts FOR DELETE USING (true);
		CREATE ROLE app LOGIN;
		GRANT SELECT, INSERT, UPDATE ON notes TO app;
		GRANT SELECT, DELETE ON drafts TO app;`)

	isolationtest.Prove(t, conn, isolationtest.AppRole("app"))
	// Output:
	// public.drafts delete crosses tenants: rows of tenant B in public.drafts are changed or gone in a session of tenant A
	//     BEGIN;
	//     SET LOCAL app.tenant_id = 'aaaaaaaa-0000-4000-8000-000000000001';
	//     DELETE FROM public.drafts;
}

// printer prints the failures of a test, as an example has no *testing.T.
type printer struct {
	testing.TB
	cleanups []func()
}

func (*printer) Helper()                        {}
func (*printer) Context() context.Context       { return context.Background() }
func (*printer) Logf(string, ...any)            {}
func (*printer) Errorf(format string, a ...any) { fmt.Printf(format, a...) }
func (*printer) Fatalf(format string, a ...any) { fmt.Printf(format, a...) }
func (*printer) Fatal(a ...any)                 { fmt.Println(a...) }
func (p *printer) Cleanup(f func())             { p.cleanups = append(p.cleanups, f) }

func (p *printer) end() {
	for _, f := range p.cleanups {
		f()
	}
}

func migratedDatabase(t *printer, schema string) *pgx.Conn {
	s := pgtest.Private(t, pgtest.Majors()[0])
	s.Exec(t, "postgres", schema)
	conn, err := pgx.Connect(t.Context(), s.DSN("postgres", pgtest.Superuser))
	if err != nil {
		t.Fatal(err)
	}
	return conn
}
