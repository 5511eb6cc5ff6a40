package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tenantvet/tenantvet/internal/pgtest"
)

// The role that is printed audits everything, and reads nothing of a row but whose it is.
func TestPrintedRole(t *testing.T) {
	pgtest.EachMajor(t, func(t *testing.T, s *pgtest.Server) {
		db := s.Database(t, `
			CREATE EXTENSION pg_stat_statements;
			CREATE SCHEMA billing;
			CREATE TABLE billing.invoices (id uuid NOT NULL, tenant_id uuid NOT NULL, note text, PRIMARY KEY (tenant_id, id), UNIQUE (id));
			CREATE TABLE billing.lines (invoice_id uuid NOT NULL REFERENCES billing.invoices (id), n int, note text, PRIMARY KEY (invoice_id, n));
			ALTER TABLE billing.invoices ENABLE ROW LEVEL SECURITY;
			CREATE POLICY tenant ON billing.invoices USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
			ALTER TABLE billing.lines ENABLE ROW LEVEL SECURITY;
			CREATE POLICY tenant ON billing.lines USING (EXISTS (SELECT FROM billing.invoices i WHERE i.id = invoice_id));
			INSERT INTO billing.invoices SELECT gen_random_uuid(), gen_random_uuid(), 'secret' FROM generate_series(1, 2);
			INSERT INTO billing.lines SELECT id, 1, 'secret' FROM billing.invoices`)
		app := db.Role(t, "LOGIN")
		db.Exec(t, "GRANT USAGE ON SCHEMA billing TO "+app+"; GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA billing TO "+app)
		require.NoError(t, db.ExecAs(app, "SELECT note FROM billing.invoices"))

		auditor := app + "_auditor"
		dir := t.TempDir()
		model := "tenant:\n  columns: [tenant_id]\nroles:\n  app: [" + app + "]\n  auditor: [" + auditor + "]\n"
		require.NoError(t, os.WriteFile(filepath.Join(dir, ".tenantvet.yml"), []byte(model), 0o600))
		code, sql, stderr := tenantvet(t, "audit", "--print-role", db.DSN(app), "-C", dir)
		require.Equal(t, 0, code, stderr)
		t.Cleanup(func() { db.Exec(t, "DROP OWNED BY "+auditor+"; DROP ROLE "+auditor) })
		db.Exec(t, sql)

		code, stdout, stderr := tenantvet(t, "audit", db.DSN(auditor), "-C", dir, "--show", "all")
		assert.NotEqual(t, 2, code, stdout+stderr)
		assert.NotContains(t, stdout, "connection-bypasses-rls")
		assert.NotContains(t, stdout, "skipped")
		assert.NotContains(t, stdout, "GRANT", "nothing is missing")
		assert.NotContains(t, stdout, "vacuous", "the auditor sees whose rows there are")
		assert.Contains(t, stdout, "probes: 10 proved")

		for _, allowed := range []string{
			"SELECT tenant_id FROM billing.invoices", "SELECT invoice_id FROM billing.lines", "BEGIN; SET LOCAL ROLE " + app,
		} {
			assert.NoError(t, db.ExecAs(auditor, allowed), allowed)
		}
		for _, refused := range []string{
			"SELECT note FROM billing.invoices", "SELECT * FROM billing.invoices", "SELECT note FROM billing.lines",
			"BEGIN READ WRITE; INSERT INTO billing.invoices VALUES (gen_random_uuid(), gen_random_uuid())",
			"BEGIN READ WRITE; UPDATE billing.invoices SET tenant_id = tenant_id", "BEGIN READ WRITE; CREATE ROLE other",
		} {
			assert.ErrorContains(t, db.ExecAs(auditor, refused), "42501", refused)
		}

		_, again, _ := tenantvet(t, "audit", "--print-role", db.DSN(app), "-C", dir)
		assert.Contains(t, again, "ALTER ROLE \""+auditor+"\" LOGIN")
		db.Exec(t, again)
	})
}

func TestPrintRoleNeedsTheServicesRole(t *testing.T) {
	db := pgtest.Start(t, 15).Database(t, "CREATE TABLE invoices (id int, tenant_id uuid)")
	code, stdout, stderr := tenantvet(t, "audit", "--print-role", db.DSN(pgtest.Superuser), "-C", t.TempDir())
	assert.Equal(t, 2, code)
	assert.Empty(t, stdout)
	assert.Contains(t, stderr, "--app-role")
	code, _, stderr = tenantvet(t, "audit", "--print-role", db.DSN(pgtest.Superuser), "-C", t.TempDir(), "--app-role", "nobody_of_that_name")
	assert.Equal(t, 2, code)
	assert.Contains(t, strings.TrimSpace(stderr), "the server has no role nobody_of_that_name")
}
