package replay_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/replay"
)

// TestPsqlVariables replaces the variables of psql whose values the file says.
func TestPsqlVariables(t *testing.T) {
	const table = "CREATE TABLE t (id int);\n"
	for name, c := range map[string]struct {
		text    string
		enabled bool
		skipped string // where something is, if so
	}{
		"a name":               {"\\set tbl t\nALTER TABLE :tbl ENABLE ROW LEVEL SECURITY;", true, ""},
		"a quoted name":        {"\\set tbl t\nALTER TABLE :\"tbl\" ENABLE ROW LEVEL SECURITY;", true, ""},
		"a literal":            {"\\set tbl t\nDO $$ BEGIN NULL; END $$; SELECT :'tbl'::text, 'a:tbl', (ARRAY[1,2])[1:2]; ALTER TABLE t ENABLE ROW LEVEL SECURITY;", true, ""},
		"words":                {"\\set what enable\nALTER TABLE t :what ROW LEVEL SECURITY;", true, ""},
		"a later value":        {"\\set tbl x\n\\set tbl t\nALTER TABLE :tbl ENABLE ROW LEVEL SECURITY;", true, ""},
		"a value not known":    {"\\set tbl t\n\\getenv tbl TABLE\nALTER TABLE :tbl ENABLE ROW LEVEL SECURITY;", false, "m.sql:4:13"},
		"a value of two words": {"\\set tbl t x\nALTER TABLE t ENABLE ROW LEVEL SECURITY;", true, "m.sql:2:1"},
		"no variable":          {"ALTER TABLE :tbl ENABLE ROW LEVEL SECURITY;", false, "m.sql:2:13"},
		"errors behind it":     {"\\set long t\nALTER TABLE :long ENABLE ROW LEVEL SECURITY; ALTER TABLE missing ADD a int;", true, "m.sql:3:58"},
		"sent together":        {"SELECT 1 \\; ALTER TABLE t ENABLE ROW LEVEL SECURITY;", true, ""},
		"behind a command":     {"\\pset pager off \\\\ ALTER TABLE t ENABLE ROW LEVEL SECURITY;", true, ""},
		"the shell":            {"\\! echo '\\\\ x'\nALTER TABLE t ENABLE ROW LEVEL SECURITY;", true, "m.sql:2:1"},
		"again and again":      {"ALTER TABLE t ENABLE ROW LEVEL SECURITY \\watch 1\nSELECT 1;", true, ""},
		"on it":                {"\\set tbl missing\nALTER TABLE :tbl ENABLE ROW LEVEL SECURITY;", false, "m.sql:3:13"},
	} {
		t.Run(name, func(t *testing.T) {
			s := replay.Replay([]replay.File{{Name: "m.sql", Text: table + c.text}}, replay.Options{})
			assert.Equal(t, c.enabled, s.Relations[pgschema.Name{Schema: "public", Name: "t"}].RowSecurity)
			if c.skipped == "" {
				assert.Empty(t, s.Skipped)
				return
			}
			require.Len(t, s.Skipped, 1)
			assert.Equal(t, c.skipped, s.Skipped[0].Position.String())
		})
	}
}

// TestGexec applies what a query returns.
func TestGexec(t *testing.T) {
	const table = "CREATE TABLE t (id int);\n"
	for name, c := range map[string]struct {
		text      string
		enabled   bool
		undecided int
		skipped   int
	}{
		"of the catalog": {"SELECT format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', tablename) FROM pg_tables WHERE schemaname = 'public' \\gexec\n", true, 0, 0},
		"of several":     {"SELECT 'ALTER TABLE t ENABLE ROW LEVEL SECURITY', 'ALTER TABLE t DISABLE ROW LEVEL SECURITY'\n\\gexec", false, 0, 0},
		"of data":        {"SELECT 'ALTER TABLE ' || id || ' ENABLE ROW LEVEL SECURITY' FROM t \\gexec", false, 1, 0},
		"a broken one":   {"SELECT 'ALTER TABEL t' \\gexec", false, 0, 1},
		"not reached":    {"\\if false\nSELECT 'ALTER TABLE t ENABLE ROW LEVEL SECURITY' \\gexec\n\\endif\n", false, 0, 0},
		"sent, not run":  {"SELECT 'ALTER TABLE t ENABLE ROW LEVEL SECURITY' \\g\n", false, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			s := replay.Replay([]replay.File{{Name: "m.sql", Text: table + c.text}}, replay.Options{})
			assert.Equal(t, c.enabled, s.Relations[pgschema.Name{Schema: "public", Name: "t"}].RowSecurity)
			assert.Len(t, s.Undecided, c.undecided)
			assert.Len(t, s.Skipped, c.skipped)
		})
	}
}
