package prove_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tenantvet/tenantvet/internal/pgtest"
	"github.com/tenantvet/tenantvet/pgschema/replay"
	"github.com/tenantvet/tenantvet/project"
	"github.com/tenantvet/tenantvet/prove"
	"github.com/tenantvet/tenantvet/shadow"
	"github.com/tenantvet/tenantvet/tenancy"
)

// roles begins the schema of each test.
const roles = "CREATE ROLE app_owner LOGIN; CREATE ROLE app LOGIN;\n"

// isolate protects a table by its column tenant_id.
const isolate = `ALTER TABLE %t ENABLE ROW LEVEL SECURITY;
CREATE POLICY p ON %t USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT, INSERT, UPDATE, DELETE ON %t TO app;
`

// run proves a schema; %t after ISOLATE names the table to protect.
func run(t *testing.T, s *pgtest.Server, schema string, isolated ...string) *prove.Report {
	t.Helper()
	text := roles + schema
	for _, table := range isolated {
		text += strings.ReplaceAll(isolate, "%t", table)
	}
	d, err := shadow.Open(t.Context(), shadow.Options{DSN: s.DSN("postgres", pgtest.Superuser), Owner: "app_owner"})
	require.NoError(t, err)
	defer func() { assert.NoError(t, d.Close()) }()
	files := []replay.File{{Name: "schema.sql", Text: text, Format: tenancy.Plain}}
	require.NoError(t, d.Apply(t.Context(), files))
	read, err := d.Read(t.Context(), files)
	require.NoError(t, err)
	db, err := project.Live(t.TempDir(), project.Options{NoConfig: true, TenantColumns: []string{"tenant_id"}, Settings: []string{"app.tenant_id"}}, read)
	require.NoError(t, err)
	r, err := prove.Run(t.Context(), prove.Database{Session: d.Session, Schema: read, Classes: db.Classes, Model: db.Model, Role: "app"})
	require.NoError(t, err)
	return r
}

// cells returns the verdicts of an object.
func cells(r *prove.Report, object string) map[prove.Command]prove.Verdict {
	found := map[prove.Command]prove.Verdict{}
	for _, c := range r.Cells {
		if c.Object == object {
			found[c.Command] = c.Verdict
		}
	}
	return found
}

func refuted(r *prove.Report, object string) (commands []prove.Command) {
	for _, c := range r.Cells {
		if c.Object == object && c.Verdict == prove.Refuted {
			commands = append(commands, c.Command)
		}
	}
	return commands
}

// Every row has a place for it: types, checks, keys, domains, enumerations, generated columns, partitions.
func TestRowsForEveryTable(t *testing.T) {
	pgtest.EachMajor(t, func(t *testing.T, s *pgtest.Server) {
		s = pgtest.Private(t, s.Major)
		r := run(t, s, `
CREATE TYPE mood AS ENUM ('calm', 'wild');
CREATE DOMAIN percent AS int CHECK (VALUE BETWEEN 40 AND 60);
CREATE DOMAIN country AS char(2) NOT NULL CHECK (VALUE ~ '^[A-Z]{2}$');
CREATE TABLE tenants (id uuid PRIMARY KEY, slug text UNIQUE CHECK (slug ~ '^[a-z0-9]+$'));
CREATE TABLE kinds (name text PRIMARY KEY);
CREATE TABLE people (id bigint GENERATED ALWAYS AS IDENTITY, tenant_id uuid NOT NULL REFERENCES tenants, email varchar(12) NOT NULL, PRIMARY KEY (tenant_id, id), UNIQUE (tenant_id, email));
CREATE TABLE things (
  id serial PRIMARY KEY, tenant_id uuid NOT NULL, person_id bigint NOT NULL, kind text NOT NULL REFERENCES kinds, boss int,
  state text NOT NULL CHECK (state IN ('open', 'shut')), m mood NOT NULL, share percent NOT NULL, place country, twice int GENERATED ALWAYS AS (id * 2) STORED,
  start date NOT NULL, finish date NOT NULL, tags text[] NOT NULL, doc jsonb NOT NULL CHECK (jsonb_typeof(doc) = 'object'), span tstzrange NOT NULL, raw bytea NOT NULL, net inet NOT NULL,
  code char(3) NOT NULL, amount numeric(10,2) NOT NULL CHECK (amount > 0), "order" smallint NOT NULL CHECK ("order" < 100),
  CHECK (start <= finish), UNIQUE (tenant_id, id), FOREIGN KEY (tenant_id, boss) REFERENCES things (tenant_id, id), FOREIGN KEY (tenant_id, person_id) REFERENCES people (tenant_id, id));
CREATE TABLE events (tenant_id uuid NOT NULL, at date NOT NULL, what text) PARTITION BY RANGE (at);
CREATE TABLE events_2030 PARTITION OF events FOR VALUES FROM ('2030-01-01') TO ('2031-01-01');
CREATE TABLE logs (tenant_id uuid NOT NULL, at date NOT NULL) PARTITION BY RANGE (at);
CREATE TABLE one (tenant_id uuid PRIMARY KEY, note text);
`, "people", "things", "events", "logs", "one")
		assert.Empty(t, r.Unfilled)
		for _, name := range []string{"public.people", "public.things", "public.events", "public.logs", "public.one"} {
			for command, verdict := range cells(r, name) {
				assert.Equal(t, prove.Proved, verdict, "%s %s", name, command)
			}
			assert.Contains(t, cells(r, name), prove.Insert)
		}
		assert.Equal(t, []prove.Command{prove.Select}, keysOf(cells(r, "public.events_2030"), prove.Select), "a partition is tried by its own name")
	})
}

// A trigger that fires itself without end keeps no table empty, and is waited for once.
func TestEndlessTrigger(t *testing.T) {
	r := run(t, pgtest.Private(t, 15), `
CREATE TABLE notes (id int PRIMARY KEY, tenant_id uuid NOT NULL, body text);
CREATE FUNCTION again() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN UPDATE notes SET body = 'seen' WHERE tenant_id = NEW.tenant_id; RETURN NULL; END $$;
CREATE TRIGGER again AFTER INSERT OR UPDATE ON notes FOR EACH ROW EXECUTE FUNCTION again();
`, "notes")
	assert.Empty(t, r.Unfilled)
	assert.Equal(t, prove.Proved, cells(r, "public.notes")[prove.Select])
}

// keysOf returns the wanted commands that are there.
func keysOf(found map[prove.Command]prove.Verdict, wanted ...prove.Command) (there []prove.Command) {
	for _, c := range wanted {
		if _, ok := found[c]; ok {
			there = append(there, c)
		}
	}
	return there
}

func TestWays(t *testing.T) {
	s := pgtest.Private(t, pgtest.Majors()[0])
	const note = "CREATE TABLE note (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), tenant_id uuid NOT NULL, body text NOT NULL);\n"
	const setting = "nullif(current_setting('app.tenant_id', true), '')::uuid"
	policy := func(name, rest string) string { return "CREATE POLICY " + name + " ON note " + rest + ";\n" }
	own := "USING (tenant_id = " + setting + ")"
	leakproof := func(options string) string {
		return "RESET ROLE; CREATE FUNCTION digits(line text) RETURNS int LANGUAGE plpgsql IMMUTABLE " + options + " AS 'BEGIN RETURN line::int; END';"
	}
	enabled := note + "ALTER TABLE note ENABLE ROW LEVEL SECURITY; GRANT SELECT, INSERT, UPDATE, DELETE ON note TO app;\n"
	for name, c := range map[string]struct {
		schema string
		object string
		want   []prove.Command
	}{
		"nothing":                  {enabled + policy("p", own), "public.note", nil},
		"no row security":          {note + "GRANT ALL ON note TO app;", "public.note", []prove.Command{prove.Select, prove.Insert, prove.Update, prove.Move, prove.Delete, prove.Truncate}},
		"truncate":                 {enabled + policy("p", own) + "GRANT TRUNCATE ON note TO app;", "public.note", []prove.Command{prove.Truncate}},
		"insert unchecked":         {enabled + policy("s", "FOR SELECT "+own) + policy("i", "FOR INSERT WITH CHECK (true)"), "public.note", []prove.Command{prove.Insert}},
		"update unchecked":         {enabled + policy("s", "FOR SELECT "+own) + policy("u", "FOR UPDATE "+own+" WITH CHECK (true)"), "public.note", []prove.Command{prove.Move}},
		"update takes":             {enabled + policy("s", "FOR SELECT "+own) + policy("u", "FOR UPDATE USING (true) WITH CHECK (tenant_id = "+setting+")"), "public.note", []prove.Command{prove.Update}},
		"blind delete":             {enabled + policy("s", "FOR SELECT "+own) + policy("d", "FOR DELETE USING (true)"), "public.note", []prove.Command{prove.Delete}},
		"open when NULL":           {enabled + policy("p", "FOR SELECT USING (current_setting('app.tenant_id', true) IS NULL OR tenant_id = "+setting+")"), "public.note", []prove.Command{prove.Select}},
		"open when empty":          {enabled + policy("p", "FOR SELECT USING (current_setting('app.tenant_id', true) = '' OR tenant_id = "+setting+")"), "public.note", []prove.Command{prove.Select}},
		"view":                     {enabled + policy("p", own) + "CREATE VIEW v AS SELECT * FROM note; GRANT SELECT ON v TO app;", "public.v", []prove.Command{prove.Select}},
		"invoker view":             {enabled + policy("p", own) + "CREATE VIEW v WITH (security_invoker) AS SELECT * FROM note; GRANT SELECT ON v TO app;", "public.v", nil},
		"filtering view":           {note + "CREATE VIEW v AS SELECT * FROM note WHERE tenant_id = " + setting + "; GRANT SELECT ON v TO app;", "public.v", []prove.Command{prove.Select}},
		"filtering view, indexed":  {note + "CREATE INDEX ON note (tenant_id); CREATE VIEW v AS SELECT id FROM note WHERE tenant_id = " + setting + "; GRANT SELECT ON v TO app;", "public.v", []prove.Command{prove.Select}},
		"filtering view, barrier":  {note + "CREATE VIEW v WITH (security_barrier) AS SELECT * FROM note WHERE tenant_id = " + setting + "; GRANT SELECT ON v TO app;", "public.v", nil},
		"filtering view, confined": {enabled + "ALTER TABLE note FORCE ROW LEVEL SECURITY;" + policy("p", own) + "CREATE VIEW v AS SELECT * FROM note WHERE tenant_id = " + setting + "; GRANT SELECT ON v TO app;", "public.v", nil},
		"large objects":            {enabled + policy("p", own) + "ALTER TABLE note ADD file oid;", "public.note.file", []prove.Command{prove.Select, prove.Update, prove.Delete}},
		"leakproof":                {enabled + policy("p", own) + leakproof("LEAKPROOF COST 1"), "public.digits(text)", []prove.Command{prove.Call}},
		"not leakproof":            {enabled + policy("p", own) + leakproof("COST 1"), "public.digits(text)", nil},
		"leakproof, but costly":    {enabled + policy("p", own) + leakproof("LEAKPROOF COST 10000"), "public.digits(text)", nil},
		"count in view":            {enabled + policy("p", own) + "CREATE VIEW v AS SELECT count(*) FROM note; GRANT SELECT ON v TO app;", "public.v", []prove.Command{prove.Select}},
		"matview":                  {enabled + policy("p", own) + "CREATE MATERIALIZED VIEW m AS SELECT * FROM note; GRANT SELECT ON m TO app;", "public.m", []prove.Command{prove.Select}},
		"definer":                  {enabled + policy("p", own) + "CREATE FUNCTION f() RETURNS SETOF note LANGUAGE sql SECURITY DEFINER AS 'SELECT * FROM note';", "public.f()", []prove.Command{prove.Call}},
		"definer filtered":         {enabled + policy("p", own) + "CREATE FUNCTION f() RETURNS SETOF note LANGUAGE sql SECURITY DEFINER AS $$SELECT * FROM note WHERE tenant_id = " + setting + "$$;", "public.f()", nil},
		"definer deletes":          {enabled + policy("p", own) + "CREATE PROCEDURE f() LANGUAGE sql SECURITY DEFINER AS 'DELETE FROM note';", "public.f()", []prove.Command{prove.Call}},
		"setting stays":            {enabled + policy("p", own) + "CREATE FUNCTION f(t uuid) RETURNS void LANGUAGE sql AS $$SELECT set_config('app.tenant_id', t::text, false)$$;", "public.f(uuid)", []prove.Command{prove.Call}},
		"natural key":              {enabled + policy("p", own) + "ALTER TABLE note ADD UNIQUE (body);", "public.note", []prove.Command{prove.Existence}},
		"natural key with an id":   {note + "CREATE TABLE part () INHERITS (note); ALTER TABLE part ADD UNIQUE (body, id); GRANT SELECT, INSERT ON part TO app;" + strings.ReplaceAll(isolate, "%t", "part"), "public.part", nil},
		"random key":               {enabled + policy("p", own) + "ALTER TABLE note ALTER body SET DEFAULT md5(random()::text), ADD UNIQUE (body);", "public.note", nil},
		"foreign key": {enabled + policy("p", own) + "CREATE TABLE reply (id int PRIMARY KEY, tenant_id uuid NOT NULL, note_id uuid REFERENCES note);" +
			strings.ReplaceAll(isolate, "%t", "reply"), "public.reply", []prove.Command{prove.Reference}},
		"reference of its own":           {enabled + policy("p", own) + "GRANT REFERENCES ON note TO app; RESET ROLE; CREATE SCHEMA own AUTHORIZATION app;", "public.note", []prove.Command{prove.Reference}},
		"reference without a place":      {enabled + policy("p", own) + "GRANT REFERENCES ON note TO app;", "public.note", nil},
		"a setting that any client sets": {enabled + policy("p", "FOR SELECT USING (current_setting('app.role', true) = 'admin' OR tenant_id = "+setting+")"), "public.note", []prove.Command{prove.Select}},
		"column grants": {note + "ALTER TABLE note ENABLE ROW LEVEL SECURITY; GRANT SELECT (id, tenant_id), UPDATE (body) ON note TO app;" + policy("p", "USING (true)"),
			"public.note", []prove.Command{prove.Select, prove.Update}},
	} {
		t.Run(name, func(t *testing.T) {
			r := run(t, s, c.schema)
			assert.Equal(t, c.want, refuted(r, c.object), asText(r))
		})
	}
}

// A tenant that does not reach its own rows proves nothing.
func TestVacuous(t *testing.T) {
	s := pgtest.Private(t, pgtest.Majors()[0])
	r := run(t, s, `CREATE TABLE note (id int, tenant_id uuid NOT NULL); ALTER TABLE note ENABLE ROW LEVEL SECURITY;
CREATE POLICY p ON note USING (false); GRANT SELECT, INSERT, UPDATE, DELETE ON note TO app;
CREATE TABLE hidden (id int, tenant_id uuid NOT NULL);
CREATE TABLE never (id int NOT NULL CHECK (id <> id), tenant_id uuid NOT NULL); GRANT SELECT ON never TO app;`)
	for _, command := range []prove.Command{prove.Select, prove.Insert, prove.Update, prove.Move, prove.Delete} {
		assert.Equal(t, prove.Vacuous, cells(r, "public.note")[command], command)
		assert.Equal(t, prove.Proved, cells(r, "public.hidden")[command], command)
	}
	require.Len(t, r.Unfilled, 1)
	assert.Equal(t, "public.never", r.Unfilled[0].Object)
	assert.Contains(t, r.Unfilled[0].Reason, "never_id_check")
	assert.Equal(t, prove.Vacuous, cells(r, "public.never")[prove.Select])
}

func TestReport(t *testing.T) {
	s := pgtest.Private(t, pgtest.Majors()[0])
	r := run(t, s, "CREATE TABLE note (tenant_id uuid NOT NULL, body text); GRANT SELECT ON note TO app;")
	assert.Equal(t, prove.Refuted, r.Verdict())
	assert.Contains(t, asText(r), `public.note select refuted: 2 rows of another tenant in a session of tenant A
    BEGIN;
    SET LOCAL app.tenant_id = 'aaaaaaaa-0000-4000-8000-000000000001';
    SELECT * FROM public.note;
`)
	var b strings.Builder
	require.NoError(t, r.WriteJSON(&b))
	var back struct {
		Verdict prove.Verdict
		Cells   []prove.Cell
	}
	require.NoError(t, json.Unmarshal([]byte(b.String()), &back))
	assert.Equal(t, r.Verdict(), back.Verdict)
	assert.Equal(t, r.Cells, back.Cells)
}

func TestRoleIsNeeded(t *testing.T) {
	_, err := prove.Run(t.Context(), prove.Database{})
	assert.ErrorContains(t, err, "--app-role")
}
