package isolationtest_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tenantvet/tenantvet/internal/pgtest"
	"github.com/tenantvet/tenantvet/isolationtest"
)

func TestMain(m *testing.M) {
	if len(pgtest.Majors()) == 0 && os.Getenv("TENANTVET_REQUIRE_SERVERS") != "1" {
		flag.Parse()
		if err := flag.Set("test.skip", "^Example"); err != nil { // an example cannot skip itself
			panic(err)
		}
	}
	pgtest.Main(m)
}

// recorder is a test that is watched.
type recorder struct {
	ctx          context.Context
	failed       bool
	fatal        string
	errors, logs []string
}

func (r *recorder) Helper()                  {}
func (r *recorder) Context() context.Context { return r.ctx }
func (r *recorder) Logf(format string, args ...any) {
	r.logs = append(r.logs, fmt.Sprintf(format, args...))
}
func (r *recorder) Errorf(format string, args ...any) {
	r.failed, r.errors = true, append(r.errors, fmt.Sprintf(format, args...))
}
func (r *recorder) Fatalf(format string, args ...any) {
	r.failed, r.fatal = true, fmt.Sprintf(format, args...)
	runtime.Goexit()
}

// prove runs Prove in a test of its own.
func prove[D isolationtest.DB](t *testing.T, db D, options ...isolationtest.Option) *recorder {
	t.Helper()
	r := &recorder{ctx: t.Context()}
	done := make(chan struct{})
	go func() {
		defer close(done)
		isolationtest.Prove(r, db, options...)
	}()
	<-done
	return r
}

const isolated = `
CREATE TABLE notes (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), tenant_id uuid NOT NULL, body text NOT NULL);
CREATE TABLE tags (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), tenant_id uuid NOT NULL, label text NOT NULL);
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
ALTER TABLE tags ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON notes USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY tenant ON tags USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
INSERT INTO notes (tenant_id, body) SELECT gen_random_uuid(), 'of a fixture' FROM generate_series(1, 3);
`

// database makes a database with a role that has all rights on its tables.
func database(t *testing.T, schema string) (db *pgtest.Database, app string) {
	t.Helper()
	db = pgtest.Start(t, pgtest.Majors()[0]).Database(t, schema)
	app = db.Role(t, "LOGIN")
	db.Exec(t, "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO "+app)
	return db, app
}

func pool(t *testing.T, dsn string) *pgxpool.Pool {
	t.Helper()
	p, err := pgxpool.New(t.Context(), dsn)
	require.NoError(t, err)
	t.Cleanup(p.Close)
	return p
}

func TestIsolatedSchemaPasses(t *testing.T) {
	pgtest.EachMajor(t, func(t *testing.T, s *pgtest.Server) {
		db := s.Database(t, isolated)
		app := db.Role(t, "LOGIN")
		db.Exec(t, "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO "+app)
		p := pool(t, db.DSN(pgtest.Superuser))
		require.NoError(t, p.Ping(t.Context()), "a connection is idle in the pool")
		before := fingerprint(t, p)
		r := prove(t, p, isolationtest.AppRole(app))
		assert.False(t, r.failed, "%s %s", r.fatal, r.errors)
		assert.Contains(t, r.logs[len(r.logs)-1], " proved, 0 refuted")
		assert.Equal(t, before, fingerprint(t, p), "the database is left as it was")
	})
}

// fingerprint is what a proof could have left behind: databases, roles and rows.
func fingerprint(t *testing.T, p *pgxpool.Pool) (text string) {
	t.Helper()
	require.NoError(t, p.QueryRow(t.Context(), `SELECT concat_ws(' ',
		(SELECT count(*) FROM pg_database WHERE datname LIKE 'isolationtest%'), (SELECT count(*) FROM pg_db_role_setting),
		(SELECT md5(string_agg(n::text || ctid::text || xmin::text, ',')) FROM notes n))`).Scan(&text))
	return text
}

func TestLeaksFailWithTheStatement(t *testing.T) {
	db, app := database(t, isolated+"ALTER TABLE tags DISABLE ROW LEVEL SECURITY;")
	r := prove(t, db.Connect(t, pgtest.Superuser), isolationtest.AppRole(app))
	require.True(t, r.failed)
	assert.Empty(t, r.fatal)
	all := strings.Join(r.errors, "\n")
	assert.Contains(t, all, "public.tags select crosses tenants: ")
	assert.Contains(t, all, "    SELECT * FROM public.tags;")
	assert.Contains(t, all, "public.tags delete crosses tenants: ")
	assert.NotContains(t, all, "public.notes")
}

// What a role or the database is given at login is part of the proof, though CREATE DATABASE leaves it behind.
func TestSettingsOfTheDatabaseCount(t *testing.T) {
	db, app := database(t, isolated)
	db.Exec(t, `INSERT INTO tags (tenant_id, label) VALUES ('0d9e5b4c-0000-4000-8000-000000000001', 'x')`)
	db.Exec(t, fmt.Sprintf(`ALTER ROLE %s IN DATABASE %s SET app.tenant_id = '0d9e5b4c-0000-4000-8000-000000000001';
		ALTER DATABASE %[2]s SET search_path = public, pg_catalog`, app, db.Name))
	r := prove(t, db.Connect(t, pgtest.Superuser), isolationtest.AppRole(app))
	assert.True(t, r.failed, "a session without a tenant has one")
	assert.Empty(t, r.fatal)
}

func TestAccept(t *testing.T) {
	db, app := database(t, isolated+"ALTER TABLE tags DISABLE ROW LEVEL SECURITY;")
	conn := db.Connect(t, pgtest.Superuser)
	r := prove(t, conn, isolationtest.AppRole(app), isolationtest.Accept("public.tags", "", "issue 7 mends it"))
	assert.False(t, r.failed, "%s %s", r.fatal, r.errors)
	r = prove(t, conn, isolationtest.AppRole(app), isolationtest.Accept("public.tags", "", ""), isolationtest.Accept("public.notes", "select", "was mended"))
	assert.Equal(t, []string{"what is accepted of public.tags needs a reason", "nothing to accept: public.notes select does not cross tenants any more"}, r.errors)
}

// A proof of nothing is none.
func TestVacuous(t *testing.T) {
	for name, schema := range map[string]string{
		"no tables":       "",
		"nobody's tables": "CREATE TABLE countries (code text PRIMARY KEY, name text)",
		"no access":       "",
	} {
		t.Run(name, func(t *testing.T) {
			db, app := database(t, schema)
			if name == "no access" {
				db.Exec(t, isolated)
			}
			r := prove(t, db.Connect(t, pgtest.Superuser), isolationtest.AppRole(app))
			assert.Contains(t, r.fatal, "nothing was proved")
		})
	}
}

func TestTablesWithoutRowsFail(t *testing.T) {
	db, app := database(t, isolated+`CREATE TABLE never (id int NOT NULL CHECK (id <> id), tenant_id uuid NOT NULL);
		ALTER TABLE never ENABLE ROW LEVEL SECURITY;`)
	conn := db.Connect(t, pgtest.Superuser)
	r := prove(t, conn, isolationtest.AppRole(app))
	require.Len(t, r.errors, 1)
	assert.Contains(t, r.errors[0], "nothing is proved of public.never")
	r = prove(t, conn, isolationtest.AppRole(app), isolationtest.Accept("public.never", "", "filled by a trigger"))
	assert.False(t, r.failed, "%s %s", r.fatal, r.errors)
}

func TestClearRefusals(t *testing.T) {
	db, app := database(t, isolated)
	super := db.Connect(t, pgtest.Superuser)
	r := prove(t, super)
	assert.False(t, r.failed, "the role is inferred from the grants: %s %s", r.fatal, r.errors)
	assert.Contains(t, prove(t, super, isolationtest.AppRole("nobody")).fatal, "the server has no role nobody")
	assert.Contains(t, prove(t, super, isolationtest.Superuser("host=x password=secret port=y")).fatal, "the DSN of the superuser is neither")
	require.NoError(t, super.Close(t.Context()))

	as := pool(t, db.DSN(app))
	assert.Contains(t, prove(t, as, isolationtest.AppRole(app)).fatal, app+" is no superuser")
	r = prove(t, as, isolationtest.AppRole(app), isolationtest.Superuser(db.DSN(pgtest.Superuser)))
	assert.False(t, r.failed, "%s %s", r.fatal, r.errors)

	other, err := pgx.Connect(t.Context(), db.DSN(pgtest.Superuser)+" application_name=another-test")
	require.NoError(t, err)
	defer other.Close(t.Context())
	assert.Contains(t, prove(t, pool(t, db.DSN(pgtest.Superuser)), isolationtest.AppRole(app)).fatal, "others are connected to the database (postgres another-test)")
}

// The model of the repository counts.
func TestModelFile(t *testing.T) {
	db, app := database(t, isolated+"CREATE TABLE prices (tenant_id uuid, amount int); ")
	dir := filepath.Join(t.TempDir(), "internal", "store")
	require.NoError(t, os.MkdirAll(dir, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "..", "..", ".tenantvet.yml"), []byte(`
tenant:
  columns: [tenant_id]
roles:
  app: [`+app+`]
shared:
  - table: prices
    reason: the same for everyone
`), 0o644))
	r := prove(t, db.Connect(t, pgtest.Superuser), isolationtest.Dir(dir))
	assert.NotContains(t, strings.Join(r.errors, "\n"), "nobody says")
	assert.Empty(t, r.fatal)
	assert.NotContains(t, strings.Join(r.errors, "\n"), "public.notes")
}
