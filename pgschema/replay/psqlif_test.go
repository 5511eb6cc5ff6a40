package replay_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/replay"
)

// TestPsqlConditions applies the parts of \if that psql applies.
func TestPsqlConditions(t *testing.T) {
	const table = "CREATE TABLE t (id int);\n"
	const enable, disable = "ALTER TABLE t ENABLE ROW LEVEL SECURITY;\n", "ALTER TABLE t DISABLE ROW LEVEL SECURITY;\n"
	for name, c := range map[string]struct {
		text     string
		enabled  bool
		skipping int
	}{
		"false":             {"\\if false\n" + enable + "\\endif\n", false, 0},
		"true":              {"\\if true\n" + enable + "\\endif\n", true, 0},
		"else":              {"\\if 0\n" + disable + "\\else\n" + enable + "\\endif\n", true, 0},
		"not else":          {"\\if on\n" + enable + "\\else\n" + disable + "\\endif\n", true, 0},
		"elif":              {"\\if off\n\\elif yes\n" + enable + "\\elif true\n" + disable + "\\else\n" + disable + "\\endif\n", true, 0},
		"nested":            {"\\if false\n\\if true\n" + enable + "\\endif\n\\else\n\\endif\n", false, 0},
		"variable":          {"\\set prod 0\n\\if :prod\n" + enable + "\\endif\n", false, 0},
		"changed variable":  {"\\set prod 0\n\\prompt prod\n\\if :prod\n" + enable + "\\endif\n", true, 1},
		"false, not closed": {"\\if false\n" + enable, false, 1},
		"else, not closed":  {"\\if true\n\\else\n" + enable, false, 1},
		"true, not closed":  {"\\if true\n" + enable, true, 1},
		"not known, closed": {"\\if :prod\n" + enable, true, 2},
		"unknown variable":  {"\\if :prod\n" + enable + "\\endif\n", true, 1},
		"quit":              {"\\q\n" + enable, false, 0},
		"quit not reached":  {"\\if false\n\\q\n\\endif\n" + enable, true, 0},
		"rest after endif":  {"\\if false\n\\endif\n" + enable, true, 0},
		"command not taken": {"\\if false\n\\i other.sql\n\\endif\n" + enable, true, 0},
	} {
		t.Run(name, func(t *testing.T) {
			s := replay.Replay([]replay.File{{Name: "m.sql", Text: table + c.text}}, replay.Options{})
			rel := s.Relations[pgschema.Name{Schema: "public", Name: "t"}]
			assert.Equal(t, c.enabled, rel.RowSecurity)
			assert.Len(t, s.Skipped, c.skipping)
		})
	}
}
