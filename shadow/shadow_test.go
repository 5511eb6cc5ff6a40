package shadow_test

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/internal/pgtest"
	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/replay"
	"github.com/tenantvet/tenantvet/shadow"
	"github.com/tenantvet/tenantvet/tenancy"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// named opens a shadow database on a server of the test and closes it with the test.
func named(t *testing.T, s *pgtest.Server, owner string) *shadow.Database {
	t.Helper()
	d, err := shadow.Open(t.Context(), shadow.Options{DSN: s.DSN("postgres", pgtest.Superuser), Owner: owner})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, d.Close()) })
	return d
}

func plain(name, text string) replay.File {
	return replay.File{Name: name, Text: text, Format: tenancy.Plain}
}

func TestDynamicSQLIsExact(t *testing.T) {
	for _, major := range pgtest.Majors() {
		s := pgtest.Private(t, major)
		d := named(t, s, "app_owner")
		files := []replay.File{
			plain("roles.sql", "CREATE ROLE app_owner LOGIN;\nCREATE ROLE app_user LOGIN;\n"),
			plain("schema.sql", `CREATE TABLE invoice (id int PRIMARY KEY, tenant_id uuid NOT NULL);
DO $$ DECLARE t text; BEGIN
  FOR t IN SELECT table_name FROM information_schema.columns WHERE column_name = 'tenant_id' LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY p ON %I USING (tenant_id = current_setting(''app.tenant_id'')::uuid)', t);
  END LOOP;
END $$;
GRANT SELECT ON invoice TO app_user;
`),
		}
		require.NoError(t, d.Apply(t.Context(), files))
		schema, err := d.Read(t.Context(), files)
		require.NoError(t, err)
		assert.Equal(t, major, d.Version)
		assert.Empty(t, d.Result.Notes)
		assert.Empty(t, schema.Undecided)
		assert.NotContains(t, schema.Roles, pgtest.Superuser, "the one who runs the server is not part of the schema")

		r := schema.Relations[pgschema.Name{Schema: "public", Name: "invoice"}]
		require.NotNil(t, r)
		assert.True(t, r.RowSecurity)
		assert.Equal(t, "app_owner", r.Owner)
		assert.Equal(t, finding.Position{File: "schema.sql", Line: 1, Column: 14}, r.Origin)
		require.Len(t, r.Policies, 1)
		assert.True(t, r.Policies[0].Origin.IsValid())
		require.NotEmpty(t, r.Grants)
		assert.Equal(t, 8, r.Grants[0].Origin.Line)
	}
}

func TestWhatAShadowLacksIsMade(t *testing.T) {
	s := pgtest.Private(t, 15)
	d := named(t, s, "")
	files := []replay.File{
		{Name: "1.sql", Format: tenancy.Goose, Text: `-- +goose Up
\set name value
CREATE DATABASE other;
CREATE TABLE note (id int, tenant_id int);
GRANT SELECT ON note TO reader, writer;
CREATE POLICY p ON note TO reader USING (true);
ALTER DATABASE production SET app.tenant_id = '7';
COPY note FROM stdin;
1	2
\.
-- +goose Down
DROP TABLE note;
`},
		{Name: "2.sql", Format: tenancy.Goose, Text: "-- +goose NO TRANSACTION\n-- +goose Up\nCREATE INDEX CONCURRENTLY a ON note (id);\n"},
		{Name: "3.sql", Format: tenancy.Goose, Text: "-- +goose Up\nCREATE INDEX CONCURRENTLY b ON note (id);\n"},
		plain("4.sql", "CREATE ROLE reader LOGIN;\nBEGIN;\nDROP TABLE note;\nROLLBACK;\nCREATE TABLE later ();\nCREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION pg_catalog.suppress_redundant_updates_trigger();\n"),
	}
	err := d.Apply(t.Context(), files)
	require.ErrorContains(t, err, "4.sql:6:1: ", "an error names file, line and column")

	schema, err := d.Read(t.Context(), files)
	require.NoError(t, err)
	r := schema.Lookup("", "note")
	require.NotNil(t, r)
	assert.Equal(t, "tenantvet_owner", r.Owner)
	assert.Len(t, r.Indexes, 2)
	require.Len(t, schema.SettingDefaults, 1)
	assert.Equal(t, "app.tenant_id", schema.SettingDefaults[0].Name)
	assert.True(t, schema.Roles["reader"].Login, "CREATE ROLE behind its first mention still counts")
	assert.False(t, schema.Roles["writer"].Login)
	assert.Equal(t, "tenantvet_owner", schema.Lookup("", "later").Owner, "a ROLLBACK leaves the session with the owner")
	assert.Equal(t, []string{
		"shadow: the migrations run as tenantvet_owner, a role made here that is neither superuser nor BYPASSRLS; --owner-role names another",
		"shadow: role reader is named but never created: it is made here with NOLOGIN and no other attribute",
		"shadow: role writer is named but never created: it is made here with NOLOGIN and no other attribute",
		"shadow: 3.sql is applied without a transaction, in which it cannot run: CREATE INDEX CONCURRENTLY cannot run inside a transaction block",
	}, d.Result.Notes)
}

// What migrations find in a database without having made it is there, and no part of the schema.
func TestSurroundings(t *testing.T) {
	for _, major := range []int{15, 18} {
		d := named(t, pgtest.Private(t, major), "")
		files := []replay.File{plain("1.sql", `CREATE TABLE profile (id uuid PRIMARY KEY REFERENCES auth.users ON DELETE CASCADE);
CREATE POLICY own ON profile TO authenticated USING (id = auth.uid());
CREATE FUNCTION welcome() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER welcome AFTER INSERT ON auth.users FOR EACH ROW EXECUTE FUNCTION welcome();
GRANT SELECT ON schema_migrations TO anon;
`)}
		require.NoError(t, d.Apply(t.Context(), files))
		schema, err := d.Read(t.Context(), files)
		require.NoError(t, err)
		assert.Len(t, schema.Relations, 1)
		assert.Equal(t, []string{"authenticated"}, schema.Lookup("", "profile").Policies[0].Roles)
		assert.True(t, schema.Roles["service_role"].BypassRLS)
		assert.NotContains(t, schema.Namespaces, "auth")
		assert.Len(t, d.Result.Notes, 3)
	}
}

func TestMissingExtension(t *testing.T) {
	d := named(t, pgtest.Private(t, 15), "")
	require.NoError(t, d.Apply(t.Context(), []replay.File{plain("1.sql",
		"CREATE EXTENSION no_such_extension;\nCREATE TABLE place (at no_such_type);\nCREATE TABLE kept (id int);\n")}))
	require.Len(t, d.Result.Undecided, 2)
	assert.Equal(t, finding.Undecided{Position: finding.Position{File: "1.sql", Line: 1, Column: 1}, Object: "extension no_such_extension",
		Code: "extension-missing", Reason: "extension no_such_extension is not installed beside the shadow server: what rests on it cannot be built"}, d.Result.Undecided[0])
	assert.Equal(t, finding.Position{File: "1.sql", Line: 2, Column: 24}, d.Result.Undecided[1].Position)
	schema, err := d.Read(t.Context(), nil)
	require.NoError(t, err)
	assert.NotNil(t, schema.Lookup("", "kept"))
}

func TestNamedServerIsLeftAsItWas(t *testing.T) {
	s := pgtest.Private(t, 15)
	s.Exec(t, "postgres", "CREATE ROLE app_user NOLOGIN; CREATE ROLE staff")
	before := inventory(t, s)
	d, err := shadow.Open(t.Context(), shadow.Options{DSN: s.DSN("postgres", pgtest.Superuser), Owner: "app_owner"})
	require.NoError(t, err)
	require.NoError(t, d.Apply(t.Context(), []replay.File{plain("1.sql", "CREATE ROLE app_owner; CREATE ROLE app_user LOGIN; CREATE TABLE t (); GRANT SELECT ON t TO app_user;"+
		"ALTER ROLE app_user LOGIN; GRANT staff TO app_user; DROP ROLE staff; GRANT staff TO app_owner; ALTER DATABASE postgres SET app.tenant_id = '1'; DROP DATABASE postgres; GRANT ALL ON DATABASE postgres TO app_user")}))
	assert.NotEqual(t, before, inventory(t, s))
	assert.Contains(t, d.Result.Notes, "shadow: role app_user exists on the shadow server: its attributes there count, not those of 1.sql:1:24")
	assert.Contains(t, d.Result.Notes, "shadow: 1.sql:1:153 is not applied: role staff exists on the shadow server and is left as it is")
	require.NoError(t, d.Close())
	assert.Equal(t, before, inventory(t, s))
}

// Roles belong to a whole server, so that runs which make the same ones wait for each other.
func TestRunsOnOneServerTakeTurns(t *testing.T) {
	s := pgtest.Private(t, 15)
	before := inventory(t, s)
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			d, err := shadow.Open(t.Context(), shadow.Options{DSN: s.DSN("postgres", pgtest.Superuser)})
			if !assert.NoError(t, err) {
				return
			}
			assert.NoError(t, d.Apply(t.Context(), []replay.File{plain("1.sql", "CREATE ROLE app_user LOGIN; CREATE TABLE t (); GRANT SELECT ON t TO app_user")}))
			assert.NotContains(t, d.Result.Notes, "shadow: role app_user exists on the shadow server: its attributes there count, not those of 1.sql:1:1")
			assert.NoError(t, d.Close())
		})
	}
	wait.Wait()
	assert.Equal(t, before, inventory(t, s))

	holder, err := shadow.Open(t.Context(), shadow.Options{DSN: s.DSN("postgres", pgtest.Superuser)})
	require.NoError(t, err)
	interrupted, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err = shadow.Open(interrupted, shadow.Options{DSN: s.DSN("postgres", pgtest.Superuser)})
	assert.ErrorContains(t, err, "another run uses the shadow server")
	require.NoError(t, holder.Close())
	assert.Equal(t, before, inventory(t, s))
}

// A run that is killed leaves its database and roles behind, which the next one drops; those of a run that goes on stay.
func TestWhatAKilledRunLeftIsDropped(t *testing.T) {
	s := pgtest.Private(t, 15)
	s.Exec(t, "postgres", "CREATE ROLE staff")
	s.Exec(t, "postgres", "CREATE DATABASE elsewhere")
	before := inventory(t, s)
	files := []replay.File{plain("1.sql", "CREATE ROLE app_user LOGIN; CREATE TABLE t (); GRANT SELECT ON t TO app_user")}
	killed, err := shadow.Open(t.Context(), shadow.Options{DSN: s.DSN("postgres", pgtest.Superuser)})
	require.NoError(t, err)
	require.NoError(t, killed.Apply(t.Context(), files))
	assert.NotEqual(t, before, inventory(t, s))
	s.Exec(t, "elsewhere", "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = 'postgres' AND pid <> pg_backend_pid()")

	next := named(t, s, "")
	assert.Len(t, next.Result.Notes, 1)
	assert.Contains(t, next.Result.Notes[0], "was left behind by a run that was killed, and is dropped")
	require.NoError(t, next.Apply(t.Context(), files))
	for _, note := range next.Result.Notes {
		assert.NotContains(t, note, "app_user exists on the shadow server")
	}

	s.Exec(t, "elsewhere", "CREATE ROLE colleague")
	require.NoError(t, next.Apply(t.Context(), []replay.File{plain("2.sql", "CREATE TABLE u ()")}))
	assert.Contains(t, next.Result.Notes, "shadow: role colleague appeared meanwhile and stays on the server: no migration names it")

	// The turns are those of one database, so that this one does not wait.
	beside, err := shadow.Open(t.Context(), shadow.Options{DSN: s.DSN("elsewhere", pgtest.Superuser)})
	require.NoError(t, err)
	assert.Empty(t, beside.Result.Notes, "what is used stays")
	require.NoError(t, beside.Close())
	_, err = next.Read(t.Context(), files)
	require.NoError(t, err)
	require.NoError(t, next.Close())
	s.Exec(t, "postgres", "DROP ROLE colleague")
	assert.Equal(t, before, inventory(t, s))
}

// What ALTER DATABASE and ALTER ROLE … IN DATABASE say of a database holds in a copy of it.
func TestCopiesKeepTheirSettings(t *testing.T) {
	s := pgtest.Private(t, 15)
	db := s.Database(t, "CREATE ROLE app LOGIN; CREATE ROLE staff; GRANT staff TO app", "CREATE SCHEMA tenants")
	for _, set := range []string{"ALTER DATABASE %s SET app.tenant_id = 'it''s a = 1'", `ALTER DATABASE %s SET search_path = tenants, "odd, ""name", public`,
		"ALTER DATABASE %s SET default_transaction_read_only = on", "ALTER ROLE app IN DATABASE %s SET app.user_id = '7'",
		// What these do to whoever sets them would end the copying.
		"ALTER DATABASE %s SET role = staff", "ALTER ROLE app IN DATABASE %s SET statement_timeout = '1h'",
		"ALTER DATABASE %s SET application_name = E'a\\\\b, c'"} {
		s.Exec(t, "postgres", fmt.Sprintf(set, pgx.Identifier{db.Name}.Sanitize()))
	}
	d, err := shadow.Open(t.Context(), shadow.Options{DSN: db.DSN(pgtest.Superuser), Template: db.Name})
	require.NoError(t, err)
	defer func() { assert.NoError(t, d.Close()) }()
	conn, err := d.Session(t.Context(), "app")
	require.NoError(t, err)
	defer conn.Close(context.Background())
	var got []string
	require.NoError(t, conn.QueryRow(t.Context(), `SELECT ARRAY[current_setting('app.tenant_id'), current_setting('search_path'),
		current_setting('default_transaction_read_only'), current_setting('app.user_id'), current_setting('statement_timeout'),
		current_setting('application_name'), current_setting('role')]`).Scan(&got))
	assert.Equal(t, []string{"it's a = 1", `tenants, "odd, ""name", public`, "on", "7", "1h", `a\b, c`, "staff"}, got)

	super, err := d.Session(t.Context(), "")
	require.NoError(t, err)
	defer super.Close(context.Background())
	var is bool
	require.NoError(t, super.QueryRow(t.Context(), "SELECT rolsuper FROM pg_roles WHERE rolname = current_user").Scan(&is))
	assert.True(t, is)
}

func inventory(t *testing.T, s *pgtest.Server) (names []string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), s.DSN("postgres", pgtest.Superuser))
	require.NoError(t, err)
	defer conn.Close(context.Background())
	err = conn.QueryRow(t.Context(), `SELECT array_agg(name ORDER BY name) FROM (
		SELECT format('database %s %s', datname, datacl) FROM pg_database UNION ALL SELECT format('role %s %s', rolname, rolcanlogin) FROM pg_roles
		UNION ALL SELECT format('member %s %s', roleid::regrole, member::regrole) FROM pg_auth_members
		UNION ALL SELECT format('setting %s', setconfig) FROM pg_db_role_setting) AS all_of (name)`).Scan(&names)
	require.NoError(t, err)
	return names
}

func TestOnlyASuperuserWillDo(t *testing.T) {
	s := pgtest.Private(t, 15)
	s.Exec(t, "postgres", "CREATE ROLE somebody LOGIN")
	_, err := shadow.Open(t.Context(), shadow.Options{DSN: s.DSN("postgres", "somebody")})
	assert.ErrorContains(t, err, "somebody is no superuser of the shadow server")
	_, err = shadow.Open(t.Context(), shadow.Options{DSN: "postgres://user:secret@[bad"})
	require.Error(t, err)
	assert.NotContains(t, err.Error(), "secret")
}

func TestPrivateServer(t *testing.T) {
	majors := pgtest.Majors()
	if len(majors) == 0 {
		t.Skip("no PostgreSQL is installed; run .ci/servers")
	}
	if _, err := os.Stat("/usr/lib/postgresql/15/bin"); err != nil {
		t.Skip("the search looks at packages of the distribution")
	}
	d, err := shadow.Open(t.Context(), shadow.Options{Version: 15, Exactly: true})
	require.NoError(t, err)
	conn, err := d.Session(t.Context(), "")
	require.NoError(t, err)
	assert.NoError(t, conn.Close(t.Context()))
	require.NoError(t, d.Close())
	_, err = d.Session(t.Context(), "")
	assert.Error(t, err, "the server is gone")
}

// A session has what the role gets when it logs in.
func TestSessionIsALogin(t *testing.T) {
	d := named(t, pgtest.Private(t, 15), "")
	require.NoError(t, d.Apply(t.Context(), []replay.File{plain("1.sql",
		"CREATE ROLE app_user; ALTER ROLE app_user SET app.tenant_id = '7'; ALTER ROLE app_user SET search_path = one, two; ALTER DATABASE any_name SET app.tenant_id = '8'")}))
	conn, err := d.Session(t.Context(), "app_user")
	require.NoError(t, err)
	defer conn.Close(context.Background())
	var user, tenant, path string
	require.NoError(t, conn.QueryRow(t.Context(), "SELECT session_user::text, current_setting('app.tenant_id'), current_setting('search_path')").Scan(&user, &tenant, &path))
	assert.Equal(t, []string{"app_user", "7", "one, two"}, []string{user, tenant, path})
	_, err = d.Session(t.Context(), "nobody_knows")
	assert.ErrorContains(t, err, `role "nobody_knows" does not exist`)
}
