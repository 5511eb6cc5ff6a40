package main

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/tenantvet/tenantvet/internal/pgtest"
)

func TestAudit(t *testing.T) {
	pgtest.EachMajor(t, func(t *testing.T, s *pgtest.Server) {
		db := s.Database(t, `
			CREATE EXTENSION pg_stat_statements;
			CREATE TABLE invoices (id uuid NOT NULL, tenant_id uuid NOT NULL, PRIMARY KEY (tenant_id, id));
			CREATE TABLE notes (id uuid NOT NULL, tenant_id uuid NOT NULL, PRIMARY KEY (tenant_id, id));
			ALTER TABLE invoices ENABLE ROW LEVEL SECURITY;
			ALTER TABLE invoices FORCE ROW LEVEL SECURITY;
			CREATE POLICY tenant ON invoices USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)`)
		app := db.Role(t, "LOGIN")
		db.Exec(t, "GRANT SELECT ON ALL TABLES IN SCHEMA public TO "+app)

		code, stdout, stderr := tenantvet(t, "audit", db.DSN(pgtest.Superuser), "-C", t.TempDir())
		assert.Equal(t, 1, code, stderr)
		assert.Contains(t, stdout, "error[connection-bypasses-rls]")
		assert.Contains(t, stdout, "public.notes: error[rls-disabled]")

		assert.NoError(t, db.ExecAs(app, "SELECT id FROM notes"))
		code, stdout, _ = tenantvet(t, "audit", db.DSN(app), "-C", t.TempDir())
		assert.Equal(t, 1, code)
		assert.NotContains(t, stdout, "connection-bypasses-rls")

		db.Exec(t, "DROP EXTENSION pg_stat_statements")
		code, stdout, _ = tenantvet(t, "audit", db.DSN(app), "-C", t.TempDir())
		assert.Equal(t, 2, code, "the report is not whole")
		assert.Contains(t, stdout, "public.notes: error[rls-disabled]", "what is known is told")
		assert.Contains(t, stdout, "CREATE EXTENSION pg_stat_statements;")
	})
}

func TestAuditJudgesWhatRan(t *testing.T) {
	pgtest.EachMajor(t, func(t *testing.T, s *pgtest.Server) {
		db := s.Database(t, `
			CREATE EXTENSION pg_stat_statements;
			CREATE TABLE invoices (id uuid NOT NULL, tenant_id uuid NOT NULL, PRIMARY KEY (tenant_id, id));
			CREATE TABLE notes (id uuid NOT NULL, tenant_id uuid NOT NULL, PRIMARY KEY (tenant_id, id));
			ALTER TABLE invoices ENABLE ROW LEVEL SECURITY;
			CREATE POLICY tenant ON invoices USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)`)
		app := db.Role(t, "LOGIN")
		db.Exec(t, "GRANT SELECT ON ALL TABLES IN SCHEMA public TO "+app)
		assert.NoError(t, db.ExecAs(app, "SELECT id FROM notes; SELECT id FROM invoices"))

		const password = "hunter2hunter2"
		code, stdout, stderr := tenantvet(t, "audit", db.DSN(app)+" password="+password, "-C", t.TempDir(), "--app-role", app, "--show", "all")
		assert.Equal(t, 1, code, stderr)
		assert.Contains(t, stdout, "public.notes: error[statement-unscoped]")
		assert.NotContains(t, stdout, "public.invoices: error[statement-unscoped]", "the policy is in the plan")
		assert.NotContains(t, stdout+stderr, password)
	})
}

func TestAuditCannotConnect(t *testing.T) {
	const password = "hunter2hunter2"
	for name, dsn := range map[string]string{
		"nobody there": fmt.Sprintf("postgres://app:%s@127.0.0.1:1/app", password),
		"broken URL":   fmt.Sprintf("postgres://app:%s@127.0.0.1:port/app", password),
		"broken pairs": fmt.Sprintf("host=127.0.0.1 password=%s sslmode=perhaps", password),
		"no DSN":       password,
	} {
		t.Run(name, func(t *testing.T) {
			code, stdout, stderr := tenantvet(t, "audit", dsn)
			assert.Equal(t, 2, code)
			assert.Empty(t, stdout)
			assert.NotEmpty(t, stderr)
			assert.NotContains(t, stderr, password)
		})
	}
}
