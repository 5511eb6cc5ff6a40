package noninterference

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"
)

// session is a connection to one state of a data set.
type session struct {
	conn *pgconn.PgConn
	// before are the rows of the tables when nothing has changed them.
	before []string
}

// execution is a statement to run.
type execution struct {
	sql        string
	parameters parameters
	// changes says that the statement may change rows: it is rolled back.
	changes bool
}

// outcome is what a statement returned, as sorted rows, and the rows of all tables that it left behind.
type outcome struct {
	rows  []string
	tag   string
	err   *pgconn.PgError
	after []string
}

var tables = []string{"tenant", "customer", "invoice", "payment", "contact", "call", "template", "event", "country"}

// start prepares the statements that go with each execution and reads the first rows.
func (s *session) start(t *testing.T) {
	var parts []string
	for _, table := range tables {
		parts = append(parts, fmt.Sprintf("SELECT '%s' || t::text FROM %s t", table, table))
	}
	for name, sql := range map[string]string{"begin": "BEGIN", "rollback": "ROLLBACK", "snapshot": strings.Join(parts, " UNION ALL ")} {
		_, err := s.conn.Prepare(t.Context(), name, sql, nil)
		require.NoError(t, err)
	}
	result := s.conn.ExecPrepared(t.Context(), "snapshot", nil, nil, nil).Read()
	require.NoError(t, result.Err)
	s.before = sorted(result)
}

// run executes statements and returns their outcomes in order.
func (s *session) run(ctx context.Context, batch []execution) ([]outcome, error) {
	p := s.conn.StartPipeline(ctx)
	for _, x := range batch {
		if x.changes {
			p.SendQueryPrepared("begin", nil, nil, nil)
		}
		p.SendQueryParams(x.sql, x.parameters.values(), parameterTypes, nil, nil)
		if x.changes {
			p.SendQueryPrepared("snapshot", nil, nil, nil)
			p.SendPipelineSync()
			p.SendQueryPrepared("rollback", nil, nil, nil)
		}
		p.SendPipelineSync()
	}
	if err := p.Flush(); err != nil {
		return nil, err
	}
	outcomes := make([]outcome, len(batch))
	for k, x := range batch {
		results, failure, err := synced(p)
		if err == nil && x.changes {
			_, _, err = synced(p)
			results = results[min(1, len(results)):]
		}
		if err != nil {
			return nil, fmt.Errorf("%w\n%s", err, x.sql)
		}
		o := &outcomes[k]
		o.err = failure
		if failure == nil {
			o.rows, o.tag = sorted(results[0]), results[0].CommandTag.String()
			if x.changes {
				o.after = sorted(results[1])
			}
		}
	}
	// Close repeats the last error of a statement.
	p.Close()
	return outcomes, nil
}

// synced reads results up to the next synchronization, and the error of the statement that failed.
func synced(p *pgconn.Pipeline) (results []*pgconn.Result, failure *pgconn.PgError, err error) {
	for {
		got, err := p.GetResults()
		switch got := got.(type) {
		case *pgconn.PipelineSync:
			return results, failure, nil
		case *pgconn.ResultReader:
			result := got.Read()
			if result.Err == nil {
				results = append(results, result)
			}
			err = result.Err
		case nil:
			if err == nil {
				return nil, nil, errors.New("the results end early")
			}
		}
		if err != nil && !errors.As(err, &failure) {
			return nil, nil, err
		}
	}
}

// sorted writes the rows of a result as text, in order.
func sorted(r *pgconn.Result) []string {
	rows := make([]string, len(r.Rows))
	for k, row := range r.Rows {
		var b strings.Builder
		for _, cell := range row {
			b.WriteByte('|')
			if cell == nil {
				b.WriteString("NULL")
			}
			b.Write(cell)
		}
		rows[k] = b.String()
	}
	slices.Sort(rows)
	return rows
}

// difference compares the outcome of a statement with that of the same statement where other tenants'
// rows are absent, and says how they interfere; it is empty where they do not. What is expected is in
// without; s and other are the sessions. Only changes of the absent tenants' rows count where lax is set.
func difference(with, without outcome, s, other *session, lax bool) string {
	if with.err == nil && with.after != nil {
		foreign := subtract(s.before, other.before)
		if lost := subtract(foreign, with.after); len(lost) > 0 {
			return "rows of another tenant are changed: " + list(lost)
		}
		if !lax && without.err == nil {
			if kept := subtract(with.after, foreign); !slices.Equal(kept, without.after) {
				return fmt.Sprintf("rows left behind: with the others %s, without them %s", list(subtract(kept, without.after)), list(subtract(without.after, kept)))
			}
		}
	}
	switch {
	case lax:
		return ""
	case code(with.err) != code(without.err):
		return fmt.Sprintf("errors: with the others %s, without them %s", message(with.err), message(without.err))
	case !slices.Equal(with.rows, without.rows):
		return fmt.Sprintf("rows: with the others %s, without them %s", list(subtract(with.rows, without.rows)), list(subtract(without.rows, with.rows)))
	case with.tag != without.tag:
		return fmt.Sprintf("with the others %s, without them %s", with.tag, without.tag)
	}
	return ""
}

func code(err *pgconn.PgError) string {
	if err == nil {
		return ""
	}
	return err.Code
}

func message(err *pgconn.PgError) string {
	if err == nil {
		return "none"
	}
	return err.Code + " " + err.Message
}

// crossingKeys are keys that are unique, or lead to a row, in all tenants: what they say of other
// tenants' rows is a matter of the schema, not of the statement.
var crossingKeys = []string{
	"tenant_pkey", "customer_pkey", "payment_pkey", "contact_pkey", "call_pkey", "template_pkey",
	"customer_tenant_id_fkey", "customer_parent_id_fkey", "invoice_tenant_id_fkey", "template_tenant_id_fkey",
}

func crossing(err *pgconn.PgError) bool {
	return err != nil && slices.Contains(crossingKeys, err.ConstraintName)
}

// subtract returns the rows of a that are not in b, which are both sorted and may repeat.
func subtract(a, b []string) []string {
	var rest []string
	for _, row := range a {
		for len(b) > 0 && b[0] < row {
			b = b[1:]
		}
		if len(b) > 0 && b[0] == row {
			b = b[1:]
			continue
		}
		rest = append(rest, row)
	}
	return rest
}

func list(rows []string) string {
	const most = 6
	more := ""
	if len(rows) > most {
		more = fmt.Sprintf(" and %d more", len(rows)-most)
		rows = rows[:most]
	}
	return "[" + strings.Join(rows, " ") + "]" + more
}
