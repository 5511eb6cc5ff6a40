package project

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/replay"
	"github.com/tenantvet/tenantvet/tenancy"
)

func replayed(t *testing.T, text string) *pgschema.Schema {
	t.Helper()
	s := replay.Replay([]replay.File{{Name: "schema.sql", Text: text, Format: tenancy.Plain}}, replay.Options{})
	require.Empty(t, s.Skipped)
	return s
}

// tables writes n tables with the columns.
func tables(prefix string, n int, columns string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "CREATE TABLE %s%d (%s);\n", prefix, i, columns)
	}
	return b.String()
}

func TestTenantColumns(t *testing.T) {
	for name, c := range map[string]struct {
		sql  string
		want []string
	}{
		"nothing":                        {"", nil},
		"no candidate":                   {tables("a", 5, "id uuid, user_id uuid"), nil},
		"two tables":                     {tables("a", 2, "tenant_id uuid"), []string{"tenant_id"}},
		"one table":                      {tables("a", 1, "tenant_id uuid"), []string{"tenant_id"}},
		"one of two tables":              {tables("a", 1, "org_id uuid") + tables("b", 1, "id uuid"), []string{"org_id"}},
		"one of three tables":            {tables("a", 1, "tenant_id uuid") + tables("b", 2, "id uuid"), nil},
		"one project":                    {tables("a", 1, "project_id uuid"), nil},
		"one table and a registry":       {tables("a", 1, "tenant_id uuid") + "CREATE TABLE tenants (id uuid PRIMARY KEY);", []string{"tenant_id"}},
		"one table and a foreign key":    {"CREATE TABLE shops (id uuid PRIMARY KEY); CREATE TABLE a (tenant_id uuid REFERENCES shops);", []string{"tenant_id"}},
		"spellings":                      {tables("a", 3, `"tenantId" uuid`) + tables("b", 2, "tenant_id uuid"), []string{"tenantId", "tenant_id"}},
		"words for the same":             {tables("a", 3, "org_id uuid") + tables("b", 2, "organisation_id uuid"), []string{"org_id", "organisation_id"}},
		"the most common":                {tables("a", 5, "org_id uuid") + tables("b", 2, "tenant_id uuid"), []string{"org_id"}},
		"the tenant on a near tie":       {tables("a", 4, "org_id uuid") + tables("b", 3, "tenant_id uuid"), []string{"tenant_id"}},
		"the workspace without id":       {tables("a", 4, "workspace text"), nil},
		"the tenant without id":          {tables("a", 4, "tenant text"), []string{"tenant"}},
		"no id at all":                   {tables("a", 4, "tenant jsonb, org_id boolean"), nil},
		"a project here and there":       {tables("a", 2, "project_id uuid") + tables("b", 20, "id uuid"), nil},
		"projects everywhere":            {tables("a", 10, "project_id uuid") + tables("b", 20, "id uuid"), []string{"project_id"}},
		"networks":                       {tables("a", 3, "nid uuid") + tables("b", 2, "id uuid"), []string{"nid"}},
		"partitions are one table":       {tables("b", 2, "id uuid") + "CREATE TABLE a (org_id uuid) PARTITION BY HASH (org_id); CREATE TABLE a1 PARTITION OF a FOR VALUES WITH (MODULUS 2, REMAINDER 0);", nil},
		"temporary tables do not count":  {"CREATE TEMP TABLE a (org_id uuid); CREATE TEMP TABLE b (org_id uuid);", nil},
		"views do not count":             {tables("b", 2, "id uuid") + "CREATE TABLE a (org_id uuid); CREATE VIEW v AS SELECT * FROM a;", nil},
		"projects of organizations":      {"CREATE TABLE projects (id uuid PRIMARY KEY, org_id uuid NOT NULL);" + tables("a", 4, "project_id uuid REFERENCES projects") + tables("b", 2, "org_id uuid"), []string{"project_id", "org_id"}},
		"projects with optional parents": {"CREATE TABLE projects (id uuid PRIMARY KEY, org_id uuid);" + tables("a", 4, "project_id uuid REFERENCES projects") + tables("b", 2, "org_id uuid"), []string{"project_id"}},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, c.want, tenantColumns(replayed(t, c.sql)))
		})
	}
}

func TestSettings(t *testing.T) {
	const table = "CREATE TABLE a (tenant_id uuid, note text);\nALTER TABLE a ENABLE ROW LEVEL SECURITY;\n"
	for name, c := range map[string]struct {
		sql  string
		want []string
	}{
		"none":               {table, nil},
		"policy":             {table + "CREATE POLICY p ON a USING (tenant_id = current_setting('app.tenant')::uuid);", []string{"app.tenant"}},
		"other side, cast":   {table + "CREATE POLICY p ON a USING (nullif(current_setting('x.y', true), '') = a.tenant_id::text);", []string{"x.y"}},
		"as a server prints": {table + "CREATE POLICY p ON a USING (tenant_id = (NULLIF(current_setting('x.y'::text, true), ''::text))::uuid);", []string{"x.y"}},
		"with check alone":   {table + "CREATE POLICY p ON a FOR INSERT WITH CHECK (tenant_id = current_setting('x.y')::uuid);", []string{"x.y"}},
		"in a list":          {table + "CREATE POLICY p ON a USING (tenant_id = ANY (string_to_array(current_setting('x.ids'), ',')::uuid[]));", []string{"x.ids"}},
		"claims":             {table + "CREATE POLICY p ON a USING (tenant_id = (current_setting('request.jwt.claims')::json ->> 'tenant')::uuid);", []string{"request.jwt.claims"}},
		"another condition":  {table + "CREATE POLICY p ON a USING (tenant_id = current_setting('x.y')::uuid OR current_setting('x.admin') = 'on');", []string{"x.y"}},
		"another column":     {table + "CREATE POLICY p ON a USING (note = current_setting('x.note'));", nil},
		"SQL function":       {"CREATE FUNCTION f() RETURNS uuid LANGUAGE sql AS $$ SELECT current_setting('x.y')::uuid $$;" + table + "CREATE POLICY p ON a USING (tenant_id = f());", []string{"x.y"}},
		"SQL body":           {"CREATE FUNCTION f() RETURNS uuid LANGUAGE sql RETURN current_setting('x.y')::uuid;" + table + "CREATE POLICY p ON a USING (tenant_id = f());", []string{"x.y"}},
		"PL/pgSQL function":  {"CREATE FUNCTION s.f() RETURNS uuid LANGUAGE plpgsql AS $$ BEGIN RETURN current_setting( 'x.y' ); END $$;" + table + "CREATE POLICY p ON a USING (tenant_id = (SELECT s.f()));", []string{"x.y"}},
		"default":            {"CREATE TABLE a (tenant_id uuid DEFAULT current_setting('x.y')::uuid, b text DEFAULT current_setting('x.b'));", []string{"x.y"}},
		"function by name":   {"CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $$ SELECT current_setting('app.current_tenant') || current_setting('app.user_id') $$;" + table, []string{"app.current_tenant"}},
		"twice, any case":    {table + "CREATE POLICY p ON a USING (tenant_id = current_setting('x.Y')::uuid) WITH CHECK (tenant_id = current_setting('X.y')::uuid);", []string{"x.Y"}},
		"no custom setting":  {table + "CREATE POLICY p ON a USING (tenant_id = current_setting('role')::uuid);", nil},
	} {
		t.Run(name, func(t *testing.T) {
			sql := strings.ReplaceAll(c.sql, "CREATE FUNCTION s.f", "CREATE SCHEMA s; CREATE FUNCTION s.f")
			assert.Equal(t, c.want, settings(replayed(t, sql), &tenancy.Model{Columns: []string{"tenant_id"}}))
		})
	}
}

func TestInferRoles(t *testing.T) {
	const schema = "CREATE ROLE app; CREATE ROLE app2; CREATE ROLE own; CREATE ROLE bi BYPASSRLS;\n" +
		"CREATE TABLE a (tenant_id uuid); CREATE TABLE b (tenant_id uuid); CREATE TABLE c ();\n"
	for name, c := range map[string]struct {
		sql        string
		app, owner []string
	}{
		"nothing said":          {"", nil, nil},
		"one of each":           {"ALTER TABLE a OWNER TO own; ALTER TABLE b OWNER TO own; GRANT INSERT ON a TO app;", []string{"app"}, []string{"own"}},
		"readers are no app":    {"GRANT SELECT ON a TO app;", nil, nil},
		"two that write":        {"GRANT INSERT ON a TO app; GRANT DELETE ON b TO app2;", nil, nil},
		"bypasses RLS":          {"GRANT INSERT ON a TO bi; GRANT UPDATE ON a TO app;", []string{"app"}, nil},
		"two owners":            {"ALTER TABLE a OWNER TO own; ALTER TABLE b OWNER TO app;", nil, nil},
		"another table":         {"GRANT INSERT ON c TO app;", nil, nil},
		"everyone is no role":   {"GRANT ALL ON a TO PUBLIC;", nil, nil},
		"all privileges, owner": {"ALTER TABLE a OWNER TO own; ALTER TABLE b OWNER TO own; GRANT ALL ON a TO own; GRANT ALL ON a TO app;", []string{"app"}, []string{"own"}},
	} {
		t.Run(name, func(t *testing.T) {
			m := infer(tenancy.NewModel("/"), replayed(t, schema+c.sql), nil, nil)
			assert.Equal(t, c.app, m.Roles.App)
			assert.Equal(t, c.owner, m.Roles.Owner)
		})
	}
}

func TestDumpedVersion(t *testing.T) {
	texts := map[string]string{
		"a": "--\n-- PostgreSQL database dump\n--\n\n-- Dumped from database version 14.7 (Debian 14.7-1)\n", "b": "-- Dumped from database version 99",
		"c": "", "late": strings.Repeat("-", 2000) + "\n-- Dumped from database version 12",
	}
	assert.Equal(t, 14, dumpedVersion(texts, []string{"a", "b", "c"}))
	assert.Equal(t, defaultPG, dumpedVersion(texts, []string{"b", "late"}))
}
