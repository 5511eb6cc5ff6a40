package sqlcheck

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"

	"github.com/tenantvet/tenantvet/internal/pgtest"
)

// tenantA is the tenant whose session the tests look at.
const tenantA = "00000000-0000-0000-0000-00000000000a"

// worlds are two databases that differ in the rows of tenant B alone.
type worlds struct {
	t             testing.TB
	with, without *pgx.Conn
	// theirs selects the rows of tenant B, ours all others, each as text.
	theirs, ours string
}

func newWorlds(t testing.TB, server *pgtest.Server, ddl, shared, onlyB, theirs, ours string) *worlds {
	with := server.Database(t, ddl, shared, onlyB)
	without := server.Database(t, ddl, shared)
	return &worlds{t: t, with: with.Connect(t, pgtest.Superuser), without: without.Connect(t, pgtest.Superuser), theirs: theirs, ours: ours}
}

// outcome is what a session observes of a statement and what it leaves behind for its tenant.
type outcome struct {
	rows   []string
	tag    string
	err    string
	state  []string
	theirs []string
}

// run executes a statement in a transaction that is rolled back.
func (w *worlds) run(conn *pgx.Conn, sql string, changes bool) outcome {
	ctx := w.t.Context()
	must := func(sql string) []*pgconn.Result {
		results, err := conn.PgConn().Exec(ctx, sql).ReadAll()
		require.NoError(w.t, err, sql)
		return results
	}
	must("BEGIN; SET LOCAL app.tenant_id = '" + tenantA + "'")
	defer must("ROLLBACK")
	results, err := conn.PgConn().Exec(ctx, sql).ReadAll()
	if err != nil {
		return outcome{err: errorCode(err)}
	}
	o := outcome{rows: sorted(results[0]), tag: results[0].CommandTag.String()}
	if changes {
		o.state = sorted(must(w.ours)[0])
		o.theirs = sorted(must(w.theirs)[0])
	}
	return o
}

func errorCode(err error) string {
	if e, ok := err.(*pgconn.PgError); ok {
		return e.Code + " " + e.Message
	}
	return err.Error()
}

func sorted(r *pgconn.Result) []string {
	var rows []string
	for _, row := range r.Rows {
		var cells []string
		for _, cell := range row {
			if cell == nil {
				cells = append(cells, "NULL")
			} else {
				cells = append(cells, string(cell))
			}
		}
		rows = append(rows, strings.Join(cells, "|"))
	}
	slices.Sort(rows)
	return rows
}

// interference describes how tenant B's rows influence the statement, or how the statement changes
// them; empty when they do not meet.
func (w *worlds) interference(sql string) string {
	changes := !strings.HasPrefix(strings.ToUpper(strings.TrimSpace(sql)), "SELECT")
	with, without := w.run(w.with, sql, changes), w.run(w.without, sql, changes)
	switch {
	case with.err != without.err:
		return fmt.Sprintf("error %q with B, %q without", with.err, without.err)
	case !slices.Equal(with.rows, without.rows):
		return fmt.Sprintf("%d rows with B, %d without: %.200v / %.200v", len(with.rows), len(without.rows), with.rows, without.rows)
	case with.tag != without.tag:
		return fmt.Sprintf("%s with B, %s without", with.tag, without.tag)
	case !slices.Equal(with.state, without.state):
		return fmt.Sprintf("other rows are left behind with B than without: %.300v / %.300v", with.state, without.state)
	}
	if changes && with.err == "" {
		results, err := w.with.PgConn().Exec(w.t.Context(), w.theirs).ReadAll()
		require.NoError(w.t, err)
		if before := sorted(results[0]); !slices.Equal(before, with.theirs) {
			return fmt.Sprintf("rows of B changed: %.300v / %.300v", before, with.theirs)
		}
	}
	return ""
}

// fails returns the error that the server gives for a statement, or "".
func (w *worlds) fails(sql string) string { return w.run(w.with, sql, false).err }
