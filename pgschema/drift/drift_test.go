package drift_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/drift"
	"github.com/tenantvet/tenantvet/pgschema/replay"
	"github.com/tenantvet/tenantvet/tenancy"
)

// template makes one tenant's schema; SCHEMA is its name.
const template = `
CREATE SCHEMA SCHEMA;
CREATE TYPE SCHEMA.status AS ENUM ('open', 'done');
CREATE TABLE SCHEMA.users (id bigserial PRIMARY KEY, name text NOT NULL, state SCHEMA.status NOT NULL DEFAULT 'open');
CREATE TABLE SCHEMA.orders (id int PRIMARY KEY, user_id bigint NOT NULL REFERENCES SCHEMA.users, note text, total numeric CHECK (total >= 0));
CREATE INDEX SCHEMA_orders_user ON SCHEMA.orders (user_id);
ALTER TABLE SCHEMA.orders ENABLE ROW LEVEL SECURITY;
CREATE POLICY p ON SCHEMA.orders TO SCHEMA_app USING (EXISTS (SELECT FROM SCHEMA.users u WHERE u.id = user_id));
CREATE VIEW SCHEMA.open_orders AS SELECT o.id FROM SCHEMA.orders o;
CREATE FUNCTION SCHEMA.touch() RETURNS trigger LANGUAGE plpgsql SET search_path = SCHEMA AS 'BEGIN PERFORM FROM SCHEMA.users; RETURN NEW; END';
CREATE TRIGGER touch BEFORE UPDATE ON SCHEMA.orders FOR EACH ROW EXECUTE FUNCTION SCHEMA.touch();
GRANT USAGE ON SCHEMA SCHEMA TO SCHEMA_app;
GRANT SELECT, INSERT ON SCHEMA.orders TO SCHEMA_app, reporting;
`

// tenants builds a database in which each tenant has a schema; extra SQL follows.
func tenants(t testing.TB, extra string, names ...string) *pgschema.Schema {
	t.Helper()
	var b strings.Builder
	b.WriteString("CREATE ROLE reporting;\n")
	for _, name := range names {
		fmt.Fprintf(&b, "CREATE ROLE %s_app;\n", name)
		// USAGE ON SCHEMA is not the name.
		b.WriteString(strings.ReplaceAll(strings.ReplaceAll(strings.ReplaceAll(template, "SCHEMA SCHEMA", "\x00 "+name), "SCHEMA", name), "\x00", "SCHEMA"))
	}
	return built(t, b.String()+extra)
}

func built(t testing.TB, sql string) *pgschema.Schema {
	t.Helper()
	s := replay.Replay([]replay.File{{Name: "m.sql", Text: sql, Format: tenancy.Plain}}, replay.Options{PGVersion: 16, Owner: "postgres"})
	for _, skipped := range s.Skipped {
		t.Fatalf("%s: %s: %s", skipped.Position, skipped.What, skipped.Reason)
	}
	return s
}

// say writes differences for comparison.
func say(all []drift.Difference) []string {
	var lines []string
	for _, d := range all {
		found, usual := d.Changes()
		switch {
		case d.Found == nil:
			found = []string{"missing"}
		case d.Usual == nil:
			found = []string{"additional"}
		}
		line := fmt.Sprintf("%s: %s has %s", d.Object, strings.Join(d.Odd, ","), strings.Join(found, "; "))
		if usual != nil {
			line += ", usual " + strings.Join(usual, "; ")
		}
		if d.Tied {
			line += " (tied)"
		}
		lines = append(lines, line)
	}
	return lines
}

func TestTenantsSchemas(t *testing.T) {
	tests := map[string]struct {
		change string
		names  []string
		want   []string
	}{
		"the same":                     {},
		"the name of a table":          {names: []string{"users", "acme", "best"}},
		"the name of a column":         {names: []string{"note", "acme", "best"}},
		"part of a role's name":        {names: []string{"report", "acme", "best"}},
		"column":                       {change: "ALTER TABLE t2.orders DROP COLUMN note", want: []string{"column orders.note: t2 has missing"}},
		"additional column":            {change: "ALTER TABLE t2.orders ADD vat int", want: []string{"column orders.vat: t2 has additional"}},
		"another order of columns":     {change: "ALTER TABLE t2.orders DROP COLUMN note; ALTER TABLE t2.orders ADD note text"},
		"type":                         {change: "ALTER TABLE t2.orders ALTER note TYPE varchar(9)", want: []string{"column orders.note: t2 has type character varying(9), usual type text"}},
		"nullability":                  {change: "ALTER TABLE t2.orders ALTER note SET NOT NULL", want: []string{"column orders.note: t2 has NOT NULL, usual nullable"}},
		"default":                      {change: "ALTER TABLE t2.orders ALTER note SET DEFAULT 'x'", want: []string{"column orders.note: t2 has DEFAULT 'x', usual no default"}},
		"missing table":                {change: "DROP TABLE t2.orders CASCADE", want: []string{"table orders: t2 has missing", "view open_orders: t2 has missing"}},
		"additional table":             {change: "CREATE TABLE t2.scratch (id int PRIMARY KEY); CREATE INDEX ON t2.scratch (id)", want: []string{"table scratch: t2 has additional"}},
		"row-level security":           {change: "ALTER TABLE t2.orders DISABLE ROW LEVEL SECURITY", want: []string{"table orders: t2 has row-level security off, usual row-level security on"}},
		"forced":                       {change: "ALTER TABLE t2.orders FORCE ROW LEVEL SECURITY", want: []string{"table orders: t2 has forced row-level security on, usual forced row-level security off"}},
		"policy":                       {change: "DROP POLICY p ON t2.orders; CREATE POLICY p ON t2.orders TO t2_app USING (true)", want: []string{"policy p on orders: t2 has USING true, usual USING EXISTS (SELECT FROM «tenant».users u WHERE u.id = user_id)"}},
		"index":                        {change: "DROP INDEX t2.t2_orders_user", want: []string{"index «tenant»_orders_user on orders: t2 has missing"}},
		"index of another name":        {change: "ALTER INDEX t2.t2_orders_user RENAME TO by_user"},
		"constraint":                   {change: "ALTER TABLE t2.orders DROP CONSTRAINT orders_total_check", want: []string{"constraint orders_total_check on orders: t2 has missing"}},
		"view":                         {change: "CREATE OR REPLACE VIEW t2.open_orders AS SELECT o.id FROM t2.orders o WHERE o.total > 0", want: []string{"view open_orders: t2 has AS SELECT id FROM «tenant».orders o WHERE total > 0, usual AS SELECT id FROM «tenant».orders o"}},
		"trigger":                      {change: "ALTER TABLE t2.orders DISABLE TRIGGER touch", want: []string{"trigger touch on orders: t2 has trigger off, usual trigger on"}},
		"function's rights":            {change: "ALTER FUNCTION t2.touch() SECURITY DEFINER", want: []string{"function touch(): t2 has SECURITY DEFINER, usual SECURITY INVOKER"}},
		"grant":                        {change: "GRANT DELETE ON t2.orders TO t2_app", want: []string{"grant to «tenant»_app on orders: t2 has DELETE, INSERT, SELECT, usual INSERT, SELECT"}},
		"grant to another":             {change: "GRANT SELECT ON t2.users TO t1_app", want: []string{"grant to t1_app on users: t2 has additional"}},
		"type's labels":                {change: "ALTER TYPE t2.status ADD VALUE 'gone'", want: []string{"type status: t2 has ENUM (open, done, gone), usual ENUM (open, done)"}},
		"MAINTAIN":                     {change: "GRANT ALL ON t2.orders TO postgres"},
		"two against one":              {change: "ALTER TABLE t2.orders DROP COLUMN note; ALTER TABLE t3.orders DROP COLUMN note", want: []string{"column orders.note: t1 has additional"}},
		"two tenants, nobody knows":    {names: []string{"t1", "t2"}, change: "ALTER TABLE t2.orders DROP COLUMN note", want: []string{"column orders.note: t2 has missing (tied)"}},
		"column with index and grants": {change: "GRANT UPDATE (note) ON t2.orders TO t2_app; ALTER TABLE t3.orders DROP COLUMN note", want: []string{"column orders.note: t3 has missing", "grant to «tenant»_app (column note) on orders: t2 has additional"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			names := tt.names
			if names == nil {
				names = []string{"t1", "t2", "t3"}
			}
			set := drift.Schemas(tenants(t, tt.change, names...), names, "")
			assert.Equal(t, tt.want, say(set.Compare()))
		})
	}
}

// A role for each tenant whose name says nothing of the tenant.
func TestOwnRoles(t *testing.T) {
	const each = `CREATE ROLE R_rw; CREATE ROLE R_ro; CREATE SCHEMA S; CREATE TABLE S.a (id int); CREATE TABLE S.b (id int);
		GRANT SELECT, INSERT ON S.a, S.b TO R_rw; GRANT SELECT ON S.a TO R_ro; ALTER TABLE S.a OWNER TO R_rw;
		CREATE POLICY p ON S.a TO R_rw USING (true);`
	tests := map[string]struct {
		change string
		want   []string
	}{
		"all alike":      {},
		"one role alone": {change: "REVOKE ALL ON best.a FROM quux_ro; REVOKE ALL ON acme.a FROM foo_ro; REVOKE ALL ON core.a FROM bar_ro"},
		"lacks a right": {
			change: "REVOKE ALL ON best.a FROM quux_ro; REVOKE ALL ON acme.a FROM foo_ro; REVOKE ALL ON core.a FROM bar_ro; REVOKE INSERT ON best.b FROM quux_rw",
			want:   []string{"grant to «own role» on b: best has SELECT, usual INSERT, SELECT"},
		},
		"a role more": {
			change: "CREATE ROLE intern; GRANT SELECT ON best.b TO intern",
			want:   []string{"grant to «own role 4a6fc35d» on b: best has additional"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var sql string
			for schema, role := range map[string]string{"acme": "foo", "best": "quux", "core": "bar"} {
				sql += strings.NewReplacer("S.", schema+".", "SCHEMA S", "SCHEMA "+schema, "R_", role+"_").Replace(each)
			}
			set := drift.Schemas(built(t, sql+tt.change), []string{"acme", "best", "core"}, "")
			got := say(set.Compare())
			require.Len(t, got, len(tt.want), "%q", got)
			for i := range got {
				assert.Equal(t, label.ReplaceAllString(tt.want[i], "«own role»"), label.ReplaceAllString(got[i], "«own role»"))
			}
		})
	}
}

var label = regexp.MustCompile(`«own role [0-9a-f]+»`)

func TestFunctionBody(t *testing.T) {
	const body = "CREATE OR REPLACE FUNCTION t2.touch() RETURNS trigger LANGUAGE plpgsql SET search_path = t2 AS 'BEGIN RETURN NEW; END'"
	names := []string{"t1", "t2", "t3"}
	all := drift.Schemas(tenants(t, body, names...), names, "").Compare()
	require.Len(t, all, 1)
	assert.Equal(t, "function touch()", all[0].Object.String())
	assert.Equal(t, []string{"t2"}, all[0].Odd)
}

func TestTemplates(t *testing.T) {
	one := drift.Database("db1", "", built(t, "CREATE TABLE a (id int); CREATE TABLE b (id int)"), nil)
	two := drift.Database("db2", "", built(t, "CREATE TABLE a (id int); CREATE TABLE b (id int, x int); CREATE SCHEMA t1; CREATE TABLE t1.a (id int)"), []string{"t1"})
	control := drift.Database("control", "", built(t, "CREATE TABLE tenants (id int)"), nil)
	schema := drift.Schemas(built(t, "CREATE SCHEMA s; CREATE TABLE s.a (id int); CREATE TABLE s.b (id int)"), []string{"s"}, "db1/")

	text, err := json.Marshal(drift.Merge(one, control))
	require.NoError(t, err)
	var read drift.Set
	require.NoError(t, json.Unmarshal(text, &read))
	templates := drift.Merge(&read, schema, two, one, nil).Templates()
	require.Len(t, templates, 3, "the control database and the schema are templates of their own")
	var names []string
	for _, m := range templates[1].Members {
		names = append(names, m.Name)
	}
	assert.Equal(t, []string{"db1", "db2"}, names)
	assert.Equal(t, []string{"column public.b.x: db2 has additional (tied)"}, say(templates[1].Compare()))
}

// What a server prints of an expression is not what was written.
func TestSource(t *testing.T) {
	tests := map[string]struct {
		written, printed string
		differ           bool
	}{
		"casts":       {written: "a = 'x'", printed: "((a)::text = 'x'::text)"},
		"IN":          {written: "a IN ('x', 'y')", printed: "((a)::text = ANY ((ARRAY['x'::character varying, 'y'::character varying])::text[]))"},
		"IN one":      {written: "a IN ('x')", printed: "((a)::text = 'x'::text)"},
		"LIKE":        {written: "a LIKE 'x%'", printed: "((a)::text ~~ 'x%'::text)"},
		"BETWEEN":     {written: "n BETWEEN 1 AND 2", printed: "((n >= 1) AND (n <= 2))"},
		"AND BETWEEN": {written: "a = 'x' AND n BETWEEN 1 AND 2", printed: "(((a)::text = 'x'::text) AND ((n >= 1) AND (n <= 2)))"},
		"brackets":    {written: "(a = 'x' AND n = 1) AND n = 2", printed: "(((a)::text = 'x'::text) AND (n = 1) AND (n = 2))"},
		"negative":    {written: "n = -1", printed: "(n = '-1'::integer)"},
		"distinct":    {written: "n IS NOT DISTINCT FROM 1", printed: "(NOT (n IS DISTINCT FROM 1))"},
		"qualified":   {written: "EXISTS (SELECT 1 FROM o WHERE o.n = 1)", printed: "(EXISTS ( SELECT 1 FROM public.o WHERE (o.n = 1)))"},
		"another one": {written: "a = 'x'", printed: "((a)::text = 'y'::text)", differ: true},
		"wide open":   {written: "a = 'x'", printed: "true", differ: true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			schema := func(expr string) *pgschema.Schema {
				return built(t, "CREATE TABLE o (n int); CREATE TABLE t (a text, n int); CREATE POLICY p ON t USING ("+expr+")")
			}
			set := drift.Merge(drift.Source("migrations", schema(tt.written), false), drift.Source("server", schema(tt.printed), false))
			assert.Equal(t, tt.differ, len(set.Compare()) > 0, "%v", say(set.Compare()))
		})
	}
}
