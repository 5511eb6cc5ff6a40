package replay_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tenantvet/tenantvet/internal/pgtest"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
	"github.com/tenantvet/tenantvet/pgschema/replay"
)

// TestShuffled applies the statements of each fixture in another order, with some left out and some
// repeated. Those that the server accepts must have the same effect in replay. TENANTVET_SHUFFLES
// says how many orders to try, one by default.
func TestShuffled(t *testing.T) {
	orders := 1
	if n, err := strconv.Atoi(os.Getenv("TENANTVET_SHUFFLES")); err == nil {
		orders = n
	}
	fixtures, err := filepath.Glob("testdata/*.sql")
	require.NoError(t, err)
	c := cluster{pgtest.Private(t, 17)}
	for _, file := range fixtures {
		switch filepath.Base(file) {
		case "transaction.sql", "owner.sql", "role.sql": // what they mean depends on the session and on permissions
			continue
		}
		for seed := range orders {
			t.Run(fmt.Sprintf("%s-%d", filepath.Base(file), seed), func(t *testing.T) { shuffled(t, c, file, uint64(seed)) })
		}
	}
}

func shuffled(t *testing.T, c cluster, file string, seed uint64) {
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	statements, _ := pgast.Parse(pgast.NewSource(file, string(text)))
	d := c.owned(t, fixtureRoles, "app_owner")
	conn := d.Connect(t, "app_owner")
	var accepted strings.Builder
	for _, stmt := range shuffle(statements, rand.New(rand.NewPCG(seed, 0))) {
		if _, err := conn.PgConn().Exec(t.Context(), stmt.Text()).ReadAll(); err == nil {
			accepted.WriteString(stmt.Text() + ";\n")
		}
	}
	s := replay.Replay([]replay.File{
		{Name: "roles.sql", Text: fixtureRoles},
		{Name: "m.sql", Text: "SET SESSION AUTHORIZATION app_owner;\n" + accepted.String()},
	}, replay.Options{PGVersion: c.Major, Owner: pgtest.Superuser})
	for _, n := range s.Skipped {
		t.Errorf("only replay refuses %s: %s", n.What, n.Reason)
	}
	if compare(t, d.Connect(t, pgtest.Superuser), s); t.Failed() {
		t.Logf("the statements:\n%s", accepted.String())
	}
}

// shuffle changes the order of neighbours, so that most statements still find what they need.
func shuffle(statements []*pgast.Statement, r *rand.Rand) []*pgast.Statement {
	var out []*pgast.Statement
	for _, s := range statements {
		leaveOut, repeat := r.IntN(8) == 0, r.IntN(12) == 0
		if leaveOut || s.Node.GetTransactionStmt() != nil || s.Node.GetVariableSetStmt().GetIsLocal() {
			continue
		}
		if out = append(out, s); repeat {
			out = append(out, s)
		}
	}
	for range len(out) / 4 {
		i := r.IntN(len(out))
		j := min(len(out)-1, i+r.IntN(6))
		out[i], out[j] = out[j], out[i]
	}
	return out
}
