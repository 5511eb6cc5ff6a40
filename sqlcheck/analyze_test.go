package sqlcheck

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// fixture is one statement of testdata/statements.sql with the verdicts written above it.
type fixture struct {
	line     int
	verdicts string
	sql      string
	// cautious says that the engine is known to say unpinned where nothing interferes.
	cautious bool
}

// fixtures reads testdata/statements.sql: "-- i: pinned, l: unpinned" above each statement.
func fixtures(t testing.TB) []fixture {
	text, err := os.ReadFile("testdata/statements.sql")
	require.NoError(t, err)
	var all []fixture
	for n, line := range strings.Split(string(text), "\n") {
		switch {
		case strings.HasPrefix(line, "--- "), strings.TrimSpace(line) == "":
		case strings.HasPrefix(line, "-- "):
			verdicts, cautious := strings.CutSuffix(strings.TrimPrefix(line, "-- "), " (cautious)")
			all = append(all, fixture{line: n + 1, verdicts: verdicts, cautious: cautious})
		default:
			f := &all[len(all)-1]
			f.sql += line + "\n"
		}
	}
	for i := range all {
		all[i].sql = strings.TrimSuffix(strings.TrimSpace(all[i].sql), ";")
	}
	return all
}

// describe writes a reference as the fixtures do.
func describe(r *Reference) string {
	text := r.Alias + " " + r.Verdict.String()
	if r.Verdict == Pinned && r.List {
		text += " list"
	}
	if r.Verdict == Pinned && r.Nullable {
		text += " or null"
	}
	if r.Verdict == Unpinned && r.ByKey != nil {
		if r.Tied {
			text += " tied"
		} else {
			text += " by " + strings.Join(r.ByKey, "+")
		}
	}
	if r.Verdict == Unpinned && r.FailsOpen != nil {
		text += " open"
	}
	return text
}

func TestAnalyze(t *testing.T) {
	all := fixtures(t)
	for _, f := range all {
		t.Run(fmt.Sprint(f.line), func(t *testing.T) {
			analysis := Analyze(testDatabase(), parse(t, f.sql))
			got := []string{}
			for _, r := range analysis.References {
				got = append(got, describe(r))
				assert.NotEmpty(t, r.Position.Line)
				if r.Verdict != Pinned {
					assert.NotEmpty(t, r.Reason)
				}
			}
			if len(analysis.Undecided) > 0 {
				got = append(got, "undecided "+analysis.Undecided[0].Code)
			}
			if len(got) == 0 {
				got = []string{"nothing"}
			}
			assert.Equal(t, f.verdicts, strings.Join(got, ", "), "testdata/statements.sql:%d\n%s", f.line, f.sql)
		})
	}
	assert.Greater(t, len(all), 150)
}
