package replay

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tenantvet/tenantvet/pgschema"
)

// Each property keeps the place of the statement that made it true, also when a later file did.
func TestOrigins(t *testing.T) {
	s := Replay([]File{
		{Name: "1.sql", Text: `-- +goose Up
CREATE TABLE note (
  id int PRIMARY KEY,
  org_id int NOT NULL,
  body text DEFAULT 'x', CONSTRAINT body_check CHECK (body <> '')
);
CREATE INDEX note_org ON note (org_id);
  CREATE POLICY p ON note USING (true);
ALTER TABLE note ENABLE ROW LEVEL SECURITY;
GRANT SELECT ON note TO app;
CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $body$ SELECT 1 $body$;
CREATE TABLE part (id int) PARTITION BY LIST (id);
CREATE TABLE part_1 PARTITION OF part FOR VALUES IN (1);
-- +goose Down
DROP TABLE note;
`},
		{Name: "2.sql", Text: `
ALTER TABLE note FORCE ROW LEVEL SECURITY;
ALTER POLICY p ON note USING (org_id = 1);
ALTER TABLE note ALTER COLUMN body SET NOT NULL,
  ADD COLUMN added int;
CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS ' SELECT 2';
ALTER TABLE part ADD PRIMARY KEY (id);
DO $$ BEGIN
  IF true THEN
    CREATE TABLE in_block (id int);
  END IF;
  EXECUTE 'CREATE TABLE ' || 'computed' || ' (id int)';
END $$;
`}}, Options{})
	require.Empty(t, s.Skipped)
	note, part := s.Lookup("", "note"), s.Lookup("", "part_1")
	for _, tt := range []struct {
		what string
		at   pgschema.Origin
		want string
	}{
		{"table", note.Origin, "1.sql:2:14"},
		{"column", note.Column("org_id").Origin, "1.sql:4:3"},
		{"not null of the column", note.Column("org_id").NotNullOrigin, "1.sql:4:14"},
		{"not null of the key", note.Column("id").NotNullOrigin, "1.sql:3:10"},
		{"later not null", note.Column("body").NotNullOrigin, "2.sql:4:1"},
		{"later column", note.Column("added").Origin, "2.sql:5:14"},
		{"check", constraint(note, "body_check").Origin, "1.sql:5:26"},
		{"index", indexOf(note, "note_org").Origin, "1.sql:7:1"},
		{"policy", note.Policies[0].Origin, "2.sql:3:1"},
		{"expression of the policy", note.Policies[0].Using.At(0), "2.sql:3:1"},
		{"row security", note.RowSecurityOrigin, "2.sql:2:1"},
		{"grant", note.Grants[0].Origin, "1.sql:10:1"},
		{"function", s.Functions[0].Origin, "2.sql:6:1"},
		{"body of the function", s.Functions[0].BodyOrigin, "2.sql:6:61"},
		{"partition", part.Origin, "1.sql:13:14"},
		{"column of the partition", part.Column("id").Origin, "1.sql:12:20"},
		{"key of the partition", primaryKey(part).Origin, "2.sql:7:22"},
		{"static statement in a block", s.Lookup("", "in_block").Origin, "2.sql:10:18"},
		{"computed statement in a block", s.Lookup("", "computed").Origin, "2.sql:12:3"},
	} {
		assert.Equal(t, tt.want, tt.at.String(), tt.what)
	}
}

// The text of an expression is what stands in the file.
func TestExpressionText(t *testing.T) {
	s := replayed(t, `
CREATE TABLE note (
  a int DEFAULT (1 + 2) CHECK (a > (0)) NOT NULL, b text DEFAULT 'x''y' || 'z' COLLATE "C",
  c int GENERATED ALWAYS AS (a * 2) STORED, d timestamptz DEFAULT now() NOT NULL, e bool DEFAULT 1 < 2, f text[] DEFAULT ARRAY['a', 'b'] NOT NULL
);
CREATE UNIQUE INDEX i ON note USING btree (lower(b) DESC, (a + 1), a) WHERE (a > 0 AND b IS NOT NULL);
CREATE POLICY p ON note FOR ALL TO PUBLIC USING (a = (SELECT 1)) WITH CHECK (b <> ')');
ALTER TABLE note ALTER COLUMN a SET DEFAULT 5, ALTER COLUMN e SET DEFAULT coalesce(false, true);
CREATE VIEW v AS SELECT a FROM note WHERE a > 1 WITH LOCAL CHECK OPTION;
CREATE MATERIALIZED VIEW t AS SELECT a FROM note WITH NO DATA;
`)
	note := s.Lookup("", "note")
	texts := map[string]string{
		"5": note.Column("a").Default.Text, "'x''y' || 'z'": note.Column("b").Default.Text, "a * 2": note.Column("c").Generated.Text,
		"now()": note.Column("d").Default.Text, "coalesce(false, true)": note.Column("e").Default.Text, "ARRAY['a', 'b']": note.Column("f").Default.Text,
		"a > (0)": note.Constraints[0].Check.Text, "lower(b)": note.Indexes[0].Exprs[0].Text, "a + 1": note.Indexes[0].Exprs[1].Text,
		"(a > 0 AND b IS NOT NULL)": note.Indexes[0].Where.Text, "a = (SELECT 1)": note.Policies[0].Using.Text, "b <> ')'": note.Policies[0].Check.Text,
		"SELECT a FROM note WHERE a > 1": s.Lookup("", "v").Query.Text, "SELECT a FROM note": s.Lookup("", "t").Query.Text,
	}
	for want, got := range texts {
		assert.Equal(t, want, got)
	}
}

// A later search path must not change what the tables in an expression are.
func TestExpressionsKeepTheirTables(t *testing.T) {
	s := replayed(t, `
CREATE SCHEMA a; CREATE SCHEMA b;
CREATE TABLE a.member (org_id int, user_id int); CREATE TABLE b.member (org_id int, user_id int);
SET search_path = a;
CREATE TABLE note (org_id int);
CREATE POLICY p ON note USING (org_id IN (SELECT org_id FROM member));
CREATE VIEW v AS WITH member AS (SELECT * FROM member) SELECT org_id FROM member;
SET search_path = b;
ALTER TABLE a.member RENAME TO membership;
ALTER TABLE a.note RENAME COLUMN org_id TO tenant_id;
`)
	using := s.Lookup("a", "note").Policies[0].Using.Node.GetSubLink()
	assert.Equal(t, "tenant_id", using.Testexpr.GetColumnRef().Fields[0].GetString_().Sval)
	sub := using.Subselect.GetSelectStmt()
	assert.Equal(t, "org_id", sub.TargetList[0].GetResTarget().Val.GetColumnRef().Fields[0].GetString_().Sval)
	from := sub.FromClause[0].GetRangeVar()
	assert.Equal(t, []string{"a", "membership"}, []string{from.Schemaname, from.Relname})
	view := s.Lookup("a", "v").Query.Node.GetSelectStmt()
	assert.Empty(t, view.FromClause[0].GetRangeVar().Schemaname, "the WITH query")
	inner := view.WithClause.Ctes[0].GetCommonTableExpr().Ctequery.GetSelectStmt().FromClause[0].GetRangeVar()
	assert.Equal(t, "membership", inner.Relname)
}
