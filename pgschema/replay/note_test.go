package replay

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tenantvet/tenantvet/tenancy"
)

func TestSkipped(t *testing.T) {
	tests := []struct {
		name, sql  string
		at, reason string
		broken     bool
	}{
		{"unknown table", "CREATE TABLE a ();\nALTER TABLE missing ADD b int;", "m.sql:2:13", "does not exist at this point", false},
		{"created twice", "CREATE TABLE a ();\nCREATE TABLE a ();", "m.sql:2:14", "exists already", false},
		{"one subcommand of two", "CREATE TABLE a (x int);\nALTER TABLE a ADD y int, ADD x int;", "m.sql:2:30", `column "x"`, false},
		{"syntax error", "CREATE TABLE a ();\n\nCREATE TABEL b ();", "m.sql:3:8", "syntax error", true},
		{"not UTF-8", "CREATE TABLE a ();\nCREATE TABLE b (\xff int);", "m.sql:2:17", "UTF-8", true},
		{"unknown target of a foreign key", "CREATE TABLE a (x int\nREFERENCES missing (id));", "m.sql:2:12", "its target is not known", false},
		{"kind of statement", "IMPORT FOREIGN SCHEMA x FROM SERVER y INTO public;", "m.sql:1:1", "not replayed: ImportForeignSchemaStmt", false},
		{"exception in a block", "DO $$\nBEGIN\n  RAISE EXCEPTION 'no';\n  CREATE TABLE a ();\nEND $$;", "m.sql:3:3", "ends with an exception", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := Replay([]File{{Name: "m.sql", Text: tt.sql}}, Options{})
			require.Len(t, s.Skipped, 1)
			assert.Equal(t, tt.at, s.Skipped[0].Position.String())
			assert.Contains(t, s.Skipped[0].Reason, tt.reason)
			assert.Equal(t, tt.broken, s.Skipped[0].Broken)
		})
	}
}

// One broken statement hides nothing.
func TestBrokenStatementHidesNothing(t *testing.T) {
	s := Replay([]File{{Name: "m.sql", Text: "CREATE TABLE a (x int);\nCREATE TABEL b;\nALTER TABLE a ENABLE ROW LEVEL SECURITY;"}}, Options{})
	require.Len(t, s.Skipped, 1)
	assert.True(t, s.Lookup("", "a").RowSecurity)
}

func TestUndecided(t *testing.T) {
	tests := []struct{ name, sql, at, code string }{
		{"condition on data", "CREATE TABLE a (x int);\nDO $$ BEGIN\n  IF (SELECT count(*) FROM a) > 0 THEN DROP TABLE a; END IF;\nEND $$;", "m.sql:3:3", "dynamic-sql"},
		{"text from data", "CREATE TABLE a (x text);\nDO $$ DECLARE q text; BEGIN\n  SELECT x INTO q FROM a;\n  EXECUTE q;\nEND $$;", "m.sql:4:3", "dynamic-sql"},
		{"rows of data", "CREATE TABLE a (x text);\nDO $$ DECLARE r record; BEGIN\n  FOR r IN SELECT x FROM a LOOP EXECUTE 'CREATE SCHEMA ' || r.x; END LOOP;\nEND $$;", "m.sql:3:3", "dynamic-sql"},
		{"another language", "DO LANGUAGE plpython3u $$ x $$;", "m.sql:1:1", "dynamic-sql"},
		{"unknown function", "CREATE TABLE a (x text);\nSELECT partman.create_parent('a');", "m.sql:2:8", "unknown-function"},
		{"unknown procedure", "CALL missing();", "m.sql:1:6", "unknown-function"},
		{"function of an extension", "CREATE TABLE a (x text);\nSELECT create_hypertable('a', 'x');", "m.sql:2:8", "unknown-function"},
		{"endless recursion", "CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN\nPERFORM f(); EXECUTE 'CREATE SCHEMA s'; END $$;\nSELECT f();", "m.sql:2:1", "dynamic-sql"},
		{"the catalog itself", "UPDATE pg_class SET relrowsecurity = false;", "m.sql:1:1", "catalog"},
		{"the catalog in a block", "DO $$ BEGIN\nDELETE FROM pg_catalog.pg_policy; END $$;", "m.sql:1:1", "catalog"},
		{"a COMMIT in a block", "CREATE TABLE a (x int);\nDO $$ BEGIN DROP TABLE a;\nCOMMIT; END $$;", "m.sql:3:1", "dynamic-sql"},
		{"a ROLLBACK in a block", "CREATE TABLE a (x int);\nDO $$ BEGIN DROP TABLE a;\nROLLBACK; END $$;", "m.sql:3:1", "dynamic-sql"},
		{"rows behind a change, handled", "CREATE TABLE a (x int);\nDO $$ BEGIN DROP TABLE a;\nPERFORM 1/0; EXCEPTION WHEN OTHERS THEN NULL; END $$;", "m.sql:3:1", "dynamic-sql"},
		{"rows behind a change, in a loop", "CREATE TABLE a (x int);\nDO $$ BEGIN DROP TABLE a; FOR i IN 1..2 LOOP\nPERFORM 1/0; END LOOP; EXCEPTION WHEN OTHERS THEN NULL; END $$;", "m.sql:3:1", "dynamic-sql"},
		{"a condition behind a change, handled", "CREATE TABLE a (x int);\nDO $$ BEGIN DROP TABLE a;\nIF 1/0 = 1 THEN NULL; END IF; EXCEPTION WHEN OTHERS THEN NULL; END $$;", "m.sql:3:1", "dynamic-sql"},
		{"a cast between types of PostgreSQL", "CREATE CAST (text AS uuid) WITH FUNCTION f(text);", "m.sql:1:1", "cast"},
		{"endless loop", "DO $$ BEGIN LOOP\nEXECUTE 'CREATE SCHEMA IF NOT EXISTS s'; END LOOP; END $$;", "m.sql:1:1", "dynamic-sql"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := Replay([]File{{Name: "m.sql", Text: tt.sql}}, Options{})
			require.Len(t, s.Undecided, 1)
			assert.Equal(t, tt.at, s.Undecided[0].Position.String())
			assert.Equal(t, tt.code, s.Undecided[0].Code)
		})
	}
}

// What cannot change the schema is no question, however dynamic it is.
func TestDataMigrationsAreDecided(t *testing.T) {
	for _, sql := range []string{
		"DO $$ DECLARE r record; BEGIN FOR r IN SELECT * FROM a LOOP UPDATE a SET x = r.x; EXECUTE format('UPDATE a SET x = %L', r.x); END LOOP; END $$;",
		"DO $$ BEGIN IF (SELECT count(*) FROM a) > 0 THEN RAISE EXCEPTION 'no'; END IF; END $$;",
		"CREATE FUNCTION fill(n int) RETURNS void LANGUAGE plpgsql AS $$ BEGIN INSERT INTO a SELECT n; END $$; SELECT fill(x::int) FROM a;",
		"SELECT setval('s', 1), count(*) FROM a;",
	} {
		s := Replay([]File{{Name: "m.sql", Text: "CREATE TABLE a (x text);" + sql}}, Options{})
		assert.Empty(t, s.Undecided, sql)
		assert.Empty(t, s.Skipped, sql)
	}
}

func TestSearchPath(t *testing.T) {
	tests := []struct {
		name, sql, format string
		want              []string
	}{
		{"default", "CREATE TABLE a ();", "", []string{"public"}},
		{"of the migrations", "CREATE SCHEMA app; SET search_path = app, public; CREATE TABLE a ();", "", []string{"public", "app"}},
		{"of the role", "CREATE SCHEMA app; ALTER ROLE owner SET search_path = app;", "", []string{"app"}},
		{"of the database", "CREATE SCHEMA app; ALTER DATABASE d SET search_path TO \"$user\", app;", "", []string{"app"}},
		{"pg_dump", "SELECT pg_catalog.set_config('search_path', '', false); CREATE TABLE public.a ();", string(tenancy.PgDump), []string{"public"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := Replay([]File{{Name: "m.sql", Text: tt.sql, Format: tenancy.Format(tt.format)}}, Options{Owner: "owner"})
			assert.Equal(t, tt.want, s.SearchPath)
		})
	}
}

// A file is a session of its own.
func TestSettingsEndWithTheFile(t *testing.T) {
	s := Replay([]File{
		{Name: "1.sql", Text: "CREATE SCHEMA app; CREATE ROLE boss; SET search_path = app; SET ROLE boss; CREATE TABLE a (); CREATE TEMP TABLE scratch ();"},
		{Name: "2.sql", Text: "CREATE TABLE b (); CREATE TEMP TABLE scratch ();"},
	}, Options{Owner: "owner"})
	require.Empty(t, s.Skipped)
	assert.Equal(t, "boss", s.Lookup("app", "a").Owner)
	assert.Equal(t, "owner", s.Lookup("public", "b").Owner)
}

func TestEvents(t *testing.T) {
	s := replayed(t, "CREATE TABLE a (x int); ALTER TABLE a ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON a; UPDATE a SET x = 1; DROP POLICY p ON a; ALTER TABLE a NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY;")
	var details []string
	for _, e := range s.Events {
		details = append(details, e.Kind+" "+e.Object.String()+" "+e.Detail)
	}
	assert.Equal(t, []string{
		"AlterTableStmt public.a enable row security", "CreatePolicyStmt public.a p", "UpdateStmt public.a ",
		"DropStmt public.a drop policy p", "AlterTableStmt public.a no force row security", "AlterTableStmt public.a disable row security",
	}, details)
}

// The result does not depend on the order in which Go walks maps.
func TestDeterministic(t *testing.T) {
	const sql = `CREATE TABLE a (x int); CREATE TABLE b (x int); CREATE TABLE c (x int);
DO $$ DECLARE t text; BEGIN FOR t IN SELECT tablename FROM pg_tables LOOP EXECUTE format('CREATE INDEX ON %I (x)', t); END LOOP; END $$;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO app; DROP SCHEMA public CASCADE;`
	first := Replay([]File{{Name: "m.sql", Text: sql}}, Options{})
	for range 5 {
		again := Replay([]File{{Name: "m.sql", Text: sql}}, Options{})
		for i, e := range again.Events {
			assert.Equal(t, first.Events[i].Object, e.Object)
		}
	}
}
