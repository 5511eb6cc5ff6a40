package schemacheck_test

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema/classify"
	"github.com/tenantvet/tenantvet/pgschema/replay"
	"github.com/tenantvet/tenantvet/project"
	"github.com/tenantvet/tenantvet/schemacheck"
	"github.com/tenantvet/tenantvet/tenancy"
)

// assertAgrees wants the verdict on a schema to be that of the worst cell of its matrix: leaks where a cell leaks, not
// isolated where one is undecided.
func assertAgrees(t *testing.T, name string, result finding.Result, m *schemacheck.Matrix) {
	t.Helper()
	verdict := result.Verdict()
	cell := func(v finding.Verdict) int {
		return slices.IndexFunc(m.Cells, func(c schemacheck.Cell) bool { return c.Verdict == v })
	}
	if i := cell(finding.Leaks); i >= 0 {
		assert.Equal(t, finding.Leaks, verdict, "%s: %+v", name, m.Cells[i])
	}
	if i := cell(finding.Unknown); i >= 0 {
		assert.NotEqual(t, finding.Isolated, verdict, "%s: %+v", name, m.Cells[i])
	}
	for _, o := range m.Others {
		assert.False(t, verdict == finding.Isolated && (o.Verdict == finding.Unknown || o.Verdict == finding.Leaks), "%s: %+v", name, o)
	}
	if verdict == finding.Leaks {
		assert.True(t, cell(finding.Leaks) >= 0 || len(m.Beside) > 0, "%s: no cell leaks", name)
	}
}

func TestVerdictAgreesWithMatrix(t *testing.T) {
	for _, rule := range schemaRules() {
		read := func(name string) fixture { return readFixture(t, filepath.Join("testdata", rule.Name, name+".sql")) }
		mended := read("broken")
		mended.name, mended.text = rule.Name+" mended", mended.text+"\n"+read("mended").text
		for _, f := range []fixture{read("clean"), read("broken"), mended} {
			assertAgrees(t, f.name, f.check(t), f.matrix())
		}
	}
}

func TestVerdictAgreesWithMatrixOfDemo(t *testing.T) {
	p, err := project.Load(filepath.Join("..", "testdata", "demo"), project.Options{SkipQueries: true})
	require.NoError(t, err)
	require.NotEmpty(t, p.Databases)
	for _, db := range p.Databases {
		assertAgrees(t, "demo", schemacheck.Check(db.Schema, db.Classes, db.Model), schemacheck.Judge(db.Schema, db.Classes, db.Model))
	}
}

func TestVerdictAgreesWithMatrixOnOracle(t *testing.T) {
	for dir, c := range oracleCases(t) {
		if c.VisibleIn == "app-session" || c.Advisory {
			continue
		}
		for _, version := range []string{"15", "18"} {
			for _, db := range c.load(t, dir, version).Databases {
				result := schemacheck.Check(db.Schema, db.Classes, db.Model)
				result.Undecided = append(result.Undecided, db.Schema.Undecided...)
				assertAgrees(t, c.ID+" on "+version, result, schemacheck.Judge(db.Schema, db.Classes, db.Model))
			}
		}
	}
}

// What a cell leaves undecided keeps the schema undecided, and what is taken to be harmless does not.
func TestUndecidedCells(t *testing.T) {
	const notes = `CREATE ROLE app;
CREATE TABLE notes (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON notes USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE INDEX ON notes (tenant_id, id);
GRANT SELECT, INSERT, UPDATE, DELETE ON notes TO app;
`
	const currencies = "CREATE TABLE currencies (code text PRIMARY KEY, name text);\n"
	const instead = "CREATE VIEW v WITH (security_invoker) AS SELECT DISTINCT id FROM notes; GRANT SELECT, DELETE ON v TO app;\n"
	for name, c := range map[string]struct {
		schema string
		want   finding.Verdict
		reason string
	}{
		"nothing open":                {"", finding.Isolated, ""},
		"a list that is read":         {currencies + "GRANT SELECT ON currencies TO app;", finding.Isolated, ""},
		"a list that is out of reach": {currencies, finding.Isolated, ""},
		"a list that is written":      {currencies + "GRANT SELECT, INSERT ON currencies TO app;", finding.Unknown, "nobody says whom its rows belong to"},
		"rows that refer to somebody": {"CREATE TABLE visits (id int PRIMARY KEY, note_id uuid); GRANT SELECT ON visits TO app;", finding.Unknown, "nobody says whom its rows belong to"},
		"a view over a list":          {currencies + "CREATE VIEW v AS SELECT * FROM currencies; GRANT SELECT ON v TO app;", finding.Isolated, ""},
		"a trigger in place of writing": {instead + "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN DELETE FROM notes WHERE id = OLD.id; RETURN OLD; END';" +
			"CREATE TRIGGER t INSTEAD OF DELETE ON v FOR EACH ROW EXECUTE FUNCTION f();", finding.Isolated, ""},
		"a trigger that is not known": {instead + "CREATE TRIGGER t INSTEAD OF DELETE ON v FOR EACH ROW EXECUTE FUNCTION f();", finding.Unknown, "trigger t calls a function that is not known"},
	} {
		t.Run(name, func(t *testing.T) {
			schema := replay.Replay([]replay.File{{Name: "schema.sql", Text: notes + c.schema}}, replay.Options{Owner: "app_owner"})
			require.Empty(t, schema.Skipped)
			model := tenancy.Model{
				Enforcement: tenancy.EnforceRLS, Columns: []string{"tenant_id"}, Settings: []string{"app.tenant_id"},
				Roles: tenancy.Roles{App: []string{"app"}, Owner: []string{"app_owner"}}, PGVersion: 16,
			}
			classes := classify.Of(schema, &model)
			result := schemacheck.Check(schema, classes, &model)
			assertAgrees(t, name, result, schemacheck.Judge(schema, classes, &model))
			assert.Equal(t, c.want, result.Verdict(), "%v %v", result.Findings, result.Undecided)
			if c.reason != "" {
				require.Len(t, result.Undecided, 1)
				assert.Contains(t, result.Undecided[0].Reason, c.reason)
			}
		})
	}
}
