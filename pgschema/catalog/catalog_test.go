package catalog_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tenantvet/tenantvet/internal/pgtest"
	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/catalog"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// read returns the schema of a database in which the superuser ran the SQL.
func read(t *testing.T, s *pgtest.Server, sql string) *pgschema.Schema {
	t.Helper()
	d := s.Database(t, sql)
	schema, err := catalog.Read(t.Context(), d.Connect(t, pgtest.Superuser))
	require.NoError(t, err)
	return schema
}

func TestRead(t *testing.T) {
	pgtest.EachMajor(t, func(t *testing.T, s *pgtest.Server) {
		schema := read(t, s, `
CREATE TABLE org (id int PRIMARY KEY);
CREATE TABLE note (id bigserial PRIMARY KEY, org_id int NOT NULL REFERENCES org ON DELETE CASCADE, body text DEFAULT 'x', size int GENERATED ALWAYS AS (length(body)) STORED);
CREATE INDEX note_body ON note (org_id, lower(body)) INCLUDE (id) WHERE size > 3;
ALTER TABLE note ENABLE ROW LEVEL SECURITY;
CREATE POLICY p ON note AS RESTRICTIVE FOR UPDATE USING (org_id = current_setting('app.org')::int) WITH CHECK (true);
CREATE VIEW v WITH (security_invoker) AS SELECT id FROM note;
GRANT SELECT ON v TO PUBLIC;
GRANT UPDATE (body) ON note TO PUBLIC;
CREATE FUNCTION f(a int DEFAULT 3, OUT b int) LANGUAGE sql SECURITY DEFINER SET search_path = '' AS 'SELECT 1';`)
		assert.Empty(t, schema.Undecided)
		assert.Equal(t, []string{"public"}, schema.SearchPath)
		note := schema.Lookup("", "note")
		require.NotNil(t, note)
		assert.True(t, note.RowSecurity)
		assert.False(t, note.ForceRowSecurity)
		assert.Equal(t, pgtest.Superuser, note.Owner)
		assert.Equal(t, "nextval('public.note_id_seq'::regclass)", note.Column("id").Default.Text)
		assert.NotNil(t, note.Column("size").Generated.Node.GetFuncCall())
		assert.Nil(t, note.Column("size").Default)
		assert.Equal(t, []*pgschema.Grant{{Privilege: "update", Grantee: "public"}}, note.Column("body").Grants)
		require.Len(t, note.Policies, 1)
		p := note.Policies[0]
		assert.Equal(t, "update", p.Command)
		assert.False(t, p.Permissive)
		assert.Equal(t, []string{"public"}, p.Roles)
		assert.NotNil(t, p.Using.Node.GetAExpr())
		require.Len(t, note.Indexes, 2)
		idx := note.Indexes[1]
		assert.Equal(t, []string{"org_id", ""}, idx.Columns)
		assert.Equal(t, "lower(body)", idx.Exprs[1].Text)
		assert.Equal(t, []string{"id"}, idx.Include)
		assert.Equal(t, "(size > 3)", idx.Where.Text)
		for _, c := range note.Constraints {
			if c.Kind == pgschema.ForeignKey {
				assert.Equal(t, pgschema.Name{Schema: "public", Name: "org"}, c.RefTable)
				assert.Equal(t, "cascade", c.OnDelete)
			}
		}
		v := schema.Lookup("public", "v")
		assert.True(t, v.SecurityInvoker)
		assert.NotNil(t, v.Query.Node.GetSelectStmt())
		assert.Equal(t, []*pgschema.Grant{{Privilege: "select", Grantee: "public"}}, v.Grants)
		require.Len(t, schema.Functions, 1)
		f := schema.Functions[0]
		assert.Equal(t, []string{"a"}, f.ArgNames)
		assert.Equal(t, map[string]string{"search_path": `""`}, f.Settings)
		assert.True(t, f.SecurityDefiner)
		assert.Equal(t, "3", f.Defaults[0].Text)
		assert.Equal(t, []*pgschema.Grant{{Privilege: "execute", Grantee: "public"}}, f.Grants)
	})
}

func TestReadLeavesOutTheSystem(t *testing.T) {
	pgtest.EachMajor(t, func(t *testing.T, s *pgtest.Server) {
		schema := read(t, s, "CREATE EXTENSION pg_stat_statements; CREATE TABLE mine (id int)")
		for name := range schema.Namespaces {
			assert.Equal(t, "public", name)
		}
		assert.Equal(t, "pg_stat_statements", schema.Lookup("", "pg_stat_statements").Extension)
		assert.Empty(t, schema.Lookup("", "mine").Extension)
		for _, f := range schema.Functions {
			assert.Equal(t, "pg_stat_statements", f.Extension, f.Name)
		}
		for name := range schema.Roles {
			assert.NotRegexp(t, "^pg_", name)
		}
	})
}

// A server may be newer than the parser; what it prints in new syntax is undecided, not lost.
func TestReadNewSyntax(t *testing.T) {
	schema := read(t, pgtest.Start(t, 17), `CREATE VIEW j AS SELECT * FROM JSON_TABLE('[1]'::jsonb, '$[*]' COLUMNS (x int PATH '$'))`)
	require.Len(t, schema.Undecided, 1)
	assert.Equal(t, "public.j", schema.Undecided[0].Object)
	assert.Equal(t, "sql-unparsed", schema.Undecided[0].Code)
	j := schema.Lookup("", "j")
	assert.Nil(t, j.Query.Node)
	assert.Contains(t, j.Query.Text, "JSON_TABLE")
	assert.Equal(t, "x", j.Columns[0].Name)
}

// An index whose concurrent build failed stays behind invalid.
func TestReadInvalidIndex(t *testing.T) {
	d := pgtest.Start(t, 16).Database(t, "CREATE TABLE twice (id int)", "INSERT INTO twice VALUES (1), (1)")
	require.Error(t, d.ExecAs(pgtest.Superuser, "CREATE UNIQUE INDEX CONCURRENTLY broken ON twice (id)"))
	schema, err := catalog.Read(t.Context(), d.Connect(t, pgtest.Superuser))
	require.NoError(t, err)
	require.Len(t, schema.Lookup("", "twice").Indexes, 1)
	assert.True(t, schema.Lookup("", "twice").Indexes[0].Invalid)
}

func TestReadAsPlainRole(t *testing.T) {
	d := pgtest.Start(t, 18).Database(t, "CREATE TABLE secret (id int); ALTER TABLE secret ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON secret USING (id = 1)")
	schema, err := catalog.Read(t.Context(), d.Connect(t, d.Role(t, "LOGIN")))
	require.NoError(t, err)
	assert.Len(t, schema.Lookup("", "secret").Policies, 1)
}

func TestReadCancelled(t *testing.T) {
	conn := pgtest.Start(t, 16).Database(t).Connect(t, pgtest.Superuser)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := catalog.Read(ctx, conn)
	assert.ErrorContains(t, err, "read the catalog")
}

// Expressions that the server stores alike are printed once; what they name decides which are alike.
func TestReadTwins(t *testing.T) {
	pgtest.EachMajor(t, func(t *testing.T, s *pgtest.Server) {
		schema := read(t, s, `
CREATE SCHEMA a; CREATE SCHEMA b; CREATE SCHEMA c;
CREATE TABLE a.t (id int, org int CHECK (org > 0)); CREATE POLICY p ON a.t USING (org = 1) WITH CHECK (org = 1); CREATE INDEX i ON a.t (id) WHERE org = 1;
CREATE TABLE b.t (id int, org int CHECK (org > 0)); CREATE POLICY p ON b.t USING (org = 1) WITH CHECK (org = 1); CREATE INDEX i ON b.t (id) WHERE org = 1;
CREATE TABLE c.t (org int, xid int CHECK (xid > 0)); CREATE POLICY p ON c.t USING (xid = 1); CREATE INDEX i ON c.t (org) WHERE xid = 1;
CREATE TABLE a.u (id int, org int); CREATE POLICY p ON a.u USING (u IS NOT NULL);
CREATE TABLE a.v (id int, org int); CREATE POLICY p ON a.v USING (v IS NOT NULL);`)
		for name, want := range map[string]string{"a": "org", "b": "org", "c": "xid"} {
			rel := schema.Lookup(name, "t")
			assert.Equal(t, "("+want+" = 1)", rel.Policies[0].Using.Text)
			assert.Equal(t, "("+want+" = 1)", rel.Indexes[0].Where.Text)
			assert.Equal(t, "("+want+" > 0)", rel.Constraints[0].Check.Text)
			if name == "c" {
				assert.Nil(t, rel.Policies[0].Check)
			} else {
				assert.Equal(t, "(org = 1)", rel.Policies[0].Check.Text)
			}
		}
		assert.Contains(t, schema.Lookup("a", "u").Policies[0].Using.Text, "u.*")
		assert.Contains(t, schema.Lookup("a", "v").Policies[0].Using.Text, "v.*")
	})
}

// Privileges that the server stores alike are asked for once; whose they are decides which are alike.
func TestReadPrivileges(t *testing.T) {
	pgtest.EachMajor(t, func(t *testing.T, s *pgtest.Server) {
		d := s.Database(t)
		owner, reader := d.Role(t, "NOLOGIN"), d.Role(t, "NOLOGIN")
		d.Exec(t, strings.NewReplacer("OWNER_", owner, "READER", reader).Replace(`
CREATE TABLE a (id int, org int); GRANT SELECT ON a TO READER; GRANT SELECT (org), UPDATE (org) ON a TO READER WITH GRANT OPTION;
CREATE TABLE b (id int, org int); GRANT SELECT ON b TO READER; GRANT SELECT (org), UPDATE (org) ON b TO READER WITH GRANT OPTION;
CREATE TABLE c (id int, org int); GRANT SELECT ON c TO READER; ALTER TABLE c OWNER TO OWNER_; REVOKE DELETE, INSERT ON c FROM OWNER_;
CREATE TABLE own (id int); ALTER TABLE own OWNER TO READER; GRANT SELECT ON own TO OWNER_;
CREATE SEQUENCE seq; GRANT USAGE ON SEQUENCE seq TO PUBLIC;
CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE FUNCTION g() RETURNS int LANGUAGE sql AS 'SELECT 1'; REVOKE EXECUTE ON FUNCTION g FROM PUBLIC;
CREATE TYPE mood AS ENUM ('x');`))
		schema, err := catalog.Read(t.Context(), d.Connect(t, pgtest.Superuser))
		require.NoError(t, err)
		selects := []*pgschema.Grant{{Privilege: "select", Grantee: reader}}
		a, b, c := schema.Lookup("", "a"), schema.Lookup("", "b"), schema.Lookup("", "c")
		for _, rel := range []*pgschema.Relation{a, b, c} {
			assert.Equal(t, selects, rel.Grants, rel.Name)
		}
		assert.NotSame(t, a.Grants[0], b.Grants[0], "each object's are its own")
		assert.Equal(t, []*pgschema.Grant{{Privilege: "select", Grantee: reader, GrantOption: true}, {Privilege: "update", Grantee: reader, GrantOption: true}}, b.Column("org").Grants)
		assert.Empty(t, b.Column("id").Grants)
		assert.Empty(t, b.OwnerRevoked)
		assert.Equal(t, []string{"delete", "insert"}, c.OwnerRevoked)
		assert.Equal(t, []*pgschema.Grant{{Privilege: "select", Grantee: owner}}, schema.Lookup("", "own").Grants)
		assert.Equal(t, []*pgschema.Grant{{Privilege: "usage", Grantee: "public"}}, schema.Lookup("", "seq").Grants)
		assert.Equal(t, []*pgschema.Grant{{Privilege: "execute", Grantee: "public"}}, schema.Functions[0].Grants)
		assert.Empty(t, schema.Functions[1].Grants)
		assert.Equal(t, []*pgschema.Grant{{Privilege: "usage", Grantee: "public"}}, schema.Types[pgschema.Name{Schema: "public", Name: "mood"}].Grants)
	})
}
