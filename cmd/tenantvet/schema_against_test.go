package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tenantvet/tenantvet/internal/pgtest"
)

// migrations is written as people write, which is not how a server prints it.
const migrations = `
CREATE TYPE state AS ENUM ('open', 'done');
CREATE TABLE account (id bigserial PRIMARY KEY, name varchar(80) NOT NULL CHECK (length(name) BETWEEN 1 AND 80));
CREATE TABLE task (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, account_id bigint NOT NULL REFERENCES account ON DELETE CASCADE,
	state state NOT NULL DEFAULT 'open', kind text DEFAULT 'x' CHECK (kind IN ('x', 'y')), due timestamptz DEFAULT now() + interval '1 day',
	meta jsonb NOT NULL DEFAULT '{}', weight int DEFAULT -1);
CREATE UNIQUE INDEX task_kind ON task (account_id, lower(kind) DESC) WHERE state <> 'done';
ALTER TABLE task ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON task USING (account_id = (SELECT current_setting('app.account', true)::bigint) AND (kind LIKE 'x%' OR due IS NOT NULL));
CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN NEW.due := now(); RETURN NEW; END$$;
CREATE TRIGGER stamp BEFORE INSERT OR UPDATE OF due ON task FOR EACH ROW WHEN (NEW.weight > 0) EXECUTE FUNCTION stamp();
CREATE VIEW open_task AS SELECT t.id, a.name FROM task t JOIN account a ON a.id = t.account_id WHERE t.state = 'open';
ALTER TABLE task RENAME weight TO priority;
ALTER TABLE task RENAME kind TO label;
`

func TestSchemaAgainstServer(t *testing.T) {
	pgtest.EachMajor(t, func(t *testing.T, s *pgtest.Server) {
		db := s.Database(t, migrations, "CREATE TABLE schema_migrations (version bigint, dirty bool)")
		file := filepath.Join(t.TempDir(), "schema.sql")
		require.NoError(t, os.WriteFile(file, []byte(migrations), 0o600))
		args := []string{"schema", file, "--against", db.DSN(pgtest.Superuser), "--format", "json"}
		result, _ := audited(t, args...)
		assert.Empty(t, messagesOf(result.Findings, "schema-drift"))
		for _, u := range result.Undecided {
			if u.Code == "matrix" {
				continue // who reads the view is not said
			}
			assert.Equal(t, "expression-reworded", u.Code, "%v", u)
			assert.Equal(t, "view public.open_task", u.Object)
		}

		db.Exec(t, `ALTER POLICY own ON task USING (true); ALTER TABLE task ALTER label SET DEFAULT 'y', DISABLE ROW LEVEL SECURITY;
			DROP INDEX task_kind; ALTER TABLE account ADD note text, ALTER name DROP NOT NULL; CREATE TABLE extra (id int)`)
		result, _ = audited(t, args...)
		messages := messagesOf(result.Findings, "schema-drift")
		require.Len(t, messages, 3, "one for each table: %q", messages)
		for _, f := range result.Findings {
			if f.Rule == "schema-drift" && f.Object != "" && f.File != "" {
				assert.Equal(t, "schema.sql", filepath.Base(f.File))
				assert.NotZero(t, f.Line)
			}
		}
		assert.Contains(t, messages[2]+messages[1]+messages[0], "public.extra")
	})
}

func TestSchemaAgainstServerExactly(t *testing.T) {
	db := pgtest.Start(t, 15).Database(t, migrations)
	file := filepath.Join(t.TempDir(), "schema.sql")
	require.NoError(t, os.WriteFile(file, []byte(migrations), 0o600))
	args := []string{"schema", file, "--against", db.DSN(pgtest.Superuser), "--format", "json", "--shadow-dsn", pgtest.Start(t, 15).DSN("postgres", pgtest.Superuser)}
	result, _ := audited(t, args...)
	assert.Empty(t, messagesOf(result.Findings, "schema-drift"))
	for _, u := range result.Undecided {
		assert.Equal(t, "matrix", u.Code, "the view is built on a server too")
	}
	db.Exec(t, "ALTER POLICY own ON task USING (account_id = (SELECT current_setting('app.account', true)::int))")
	result, _ = audited(t, args...)
	assert.Len(t, messagesOf(result.Findings, "schema-drift"), 1, "a cast is all that differs")
}

func TestSchemaAgainstFiles(t *testing.T) {
	dir := t.TempDir()
	write := func(path, sql string) {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, path)), 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(dir, path), []byte(sql), 0o600))
	}
	write("acme/migrations/1_init.up.sql", migrations)
	write("best/migrations/1_init.up.sql", migrations+"ALTER TABLE task ADD vat int;")
	result, _ := audited(t, "schema", "-C", dir, "acme", "--against", "best", "--format", "json")
	assert.Equal(t, []string{"best: public.task: best has the column public.task.vat that acme lacks: what holds for one does not hold for the other"},
		messagesOf(result.Findings, "schema-drift"))

	// The model says that the folders are databases of one template; nobody has to name them.
	for pattern, want := range map[string]int{"database-per-tenant": 1, "shared-schema": 0} {
		write(".tenantvet.yml", "pattern: "+pattern+"\n")
		result, _ = audited(t, "schema", "-C", dir, "--format", "json")
		assert.Len(t, messagesOf(result.Findings, "schema-drift"), want, pattern)
	}

	code, _, stderr := tenantvet(t, "schema", "-C", dir, "acme", "--against", "nowhere")
	assert.Equal(t, unfinished, code)
	assert.Contains(t, stderr, "nowhere: no such file or folder")
	code, _, stderr = tenantvet(t, "schema", "-C", dir, "acme", "--against", "postgres://app:hunter2hunter2@127.0.0.1:1/app")
	assert.Equal(t, unfinished, code)
	assert.NotContains(t, stderr, "hunter2")
}
