package replay_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tenantvet/tenantvet/pgschema/replay"
)

// The type of a nested query is asked for on every level; the answer must not double the work.
func TestNestedQueriesTakeLinearTime(t *testing.T) {
	const levels = 150
	for name, view := range map[string]string{
		"scalar":    strings.Repeat("SELECT (", levels) + "SELECT 1::bigint" + strings.Repeat(")", levels) + " AS c",
		"coalesced": strings.Repeat("SELECT coalesce((", levels) + "SELECT 1::bigint" + strings.Repeat("), 0)", levels) + " AS c",
		"recursive": strings.Repeat("WITH RECURSIVE r AS (", levels) + "SELECT 1::bigint AS c UNION SELECT c FROM r" +
			strings.Repeat(") SELECT c FROM r UNION SELECT c FROM r", levels),
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			s := replay.Replay([]replay.File{{Name: "v.sql", Text: "CREATE VIEW v AS " + view + ";"}}, replay.Options{})
			assert.Less(t, time.Since(start), 5*time.Second)
			require.Empty(t, s.Skipped)
			v := s.Lookup("", "v")
			require.NotNil(t, v)
			require.Len(t, v.Columns, 1)
			assert.Equal(t, "bigint", v.Columns[0].Type)
		})
	}
}

// Each query has twice the columns of the one before; PostgreSQL refuses the eleventh.
func TestStarsOverStars(t *testing.T) {
	var view strings.Builder
	view.WriteString("CREATE VIEW v AS WITH a0 AS (SELECT 1 AS c, 2 AS d)")
	for i := range 40 {
		fmt.Fprintf(&view, ", a%d AS (SELECT * FROM a%d AS x, a%d AS y)", i+1, i, i)
	}
	view.WriteString(" SELECT c FROM a40;")
	s := replay.Replay([]replay.File{{Name: "v.sql", Text: view.String()}}, replay.Options{})
	v := s.Lookup("", "v")
	require.NotNil(t, v)
	assert.Len(t, v.Columns, 1)
}
