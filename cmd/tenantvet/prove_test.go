package main

import (
	"bytes"
	"context"
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tenantvet/tenantvet/internal/pgtest"
)

// hidden leaves a table open by dynamic SQL that only a server can follow.
const hidden = `
-- .tenantvet.yml --
tenant:
  columns: [tenant_id]
  settings: [app.tenant_id]
roles:
  app: [app]
enforcement: rls
-- migrations/001_roles.up.sql --
CREATE ROLE app LOGIN;
-- migrations/002_notes.up.sql --
CREATE TABLE notes (
	id uuid NOT NULL DEFAULT gen_random_uuid(),
	tenant_id uuid NOT NULL,
	PRIMARY KEY (tenant_id, id)
);
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON notes USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT, INSERT, UPDATE, DELETE ON notes TO app;
DO $$ BEGIN
	IF length(version()) > 3 THEN
		EXECUTE 'ALTER TABLE ' || reverse('seton') || ' DISABLE ROW LEVEL SECURITY';
	END IF;
END $$;
`

func TestSchemaOnShadow(t *testing.T) {
	for _, major := range pgtest.Majors() {
		s := pgtest.Private(t, major)
		dir := lay(t, hidden)
		code, stdout, stderr := tenantvet(t, "schema", "-C", dir, "--shadow-dsn", s.DSN("postgres", pgtest.Superuser), "--format", "json")
		assert.Equal(t, 1, code, stderr)
		var report struct {
			Verdict  string
			Findings []struct {
				Rule, File string
				Line       int
			}
			Undecided []any
		}
		require.NoError(t, json.Unmarshal([]byte(stdout), &report))
		assert.Equal(t, "leaks", report.Verdict, "PostgreSQL %d", major)
		assert.Empty(t, report.Undecided)
		for _, f := range report.Findings {
			assert.Equal(t, "migrations/002_notes.up.sql", f.File, "%s has lost its place", f.Rule)
			assert.NotZero(t, f.Line)
		}
	}
}

func TestShadowNamesTheStatementThatFails(t *testing.T) {
	s := pgtest.Private(t, pgtest.Majors()[0])
	dir := lay(t, "-- migrations/001_a.up.sql --\nCREATE TABLE a (id int);\nALTER TABLE b ADD c int;\n")
	code, stdout, stderr := tenantvet(t, "schema", "-C", dir, "--shadow-dsn", s.DSN("postgres", pgtest.Superuser))
	assert.Equal(t, 2, code)
	assert.Empty(t, stdout)
	assert.Contains(t, stderr, filepath.Join("migrations", "001_a.up.sql")+`:2:1: relation "b" does not exist (SQLSTATE 42P01)`)
}

func TestProve(t *testing.T) {
	s := pgtest.Private(t, pgtest.Majors()[0])
	dsn := s.DSN("postgres", pgtest.Superuser)
	code, stdout, stderr := tenantvet(t, "prove", "-C", lay(t, hidden), "--shadow-dsn", dsn)
	assert.Equal(t, 1, code, stderr)
	assert.Contains(t, stdout, "public.notes select refuted")

	s.Exec(t, "postgres", "CREATE ROLE service LOGIN")
	s.Exec(t, "postgres", "CREATE DATABASE scratch")
	s.Exec(t, "scratch", `CREATE TABLE notes (id uuid NOT NULL, tenant_id uuid NOT NULL, PRIMARY KEY (tenant_id, id));
		ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
		CREATE POLICY tenant ON notes USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
		GRANT SELECT, INSERT, UPDATE, DELETE ON notes TO service`)
	code, stdout, stderr = tenantvet(t, "prove", "-C", t.TempDir(), "--dsn", s.DSN("scratch", pgtest.Superuser),
		"--app-role", "service", "--tenant-column", "tenant_id", "--setting", "app.tenant_id", "--format", "json")
	assert.Equal(t, 0, code, stderr)
	assert.Contains(t, stdout, `"verdict": "proved"`)
	s.Exec(t, "scratch", "DO $$ BEGIN ASSERT NOT EXISTS (SELECT FROM notes), 'rows in the given database'; END $$")
	s.Exec(t, "postgres", "DO $$ BEGIN ASSERT NOT EXISTS (SELECT FROM pg_database WHERE datname LIKE 'tenantvet%'), 'a copy stays'; END $$")
}

func TestProveRefusesWhatMakesNoSense(t *testing.T) {
	for name, args := range map[string][]string{
		"--format sarif: use text or json": {"--format", "sarif"},
		"give neither files nor":           {"--dsn", "host=x", "a.sql"},
		"no migrations are named or found": nil,
		"neither a postgres:// URL nor":    {"--dsn", "postgres://user:secret@[bad"},
	} {
		code, stdout, stderr := tenantvet(t, append([]string{"prove", "-C", t.TempDir()}, args...)...)
		assert.Equal(t, 2, code)
		assert.Empty(t, stdout)
		assert.Contains(t, stderr, name)
		assert.NotContains(t, stderr, "secret")
	}
}

// An interrupted run takes its database along.
func TestInterruptedProve(t *testing.T) {
	s := pgtest.Private(t, pgtest.Majors()[0])
	dir := lay(t, "-- migrations/001_a.up.sql --\nCREATE ROLE leftover;\n-- migrations/002_b.up.sql --\nCREATE TABLE a ();\nSELECT pg_sleep(60);\n")
	ctx, cancel := context.WithCancel(t.Context())
	var out, errs bytes.Buffer
	done := make(chan int)
	go func() {
		done <- run(ctx, []string{"prove", "-C", dir, "--app-role", "app", "--shadow-dsn", s.DSN("postgres", pgtest.Superuser)}, &out, &errs)
	}()
	s.Exec(t, "postgres", "DO $$ BEGIN WHILE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'leftover') LOOP PERFORM pg_sleep(0.02); COMMIT; END LOOP; END $$")
	cancel()
	assert.Equal(t, 2, <-done)
	assert.Equal(t, "tenantvet: interrupted\n", errs.String())
	s.Exec(t, "postgres", "DO $$ BEGIN ASSERT NOT EXISTS (SELECT FROM pg_database WHERE datname LIKE 'tenantvet%') AND NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'leftover'); END $$")
}
