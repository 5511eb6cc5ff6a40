package prove

import (
	"context"
	"errors"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// result is what the server answered to one statement.
type result struct {
	columns []string
	rows    []row
	// affected is the row count of the command tag.
	affected int64
	// err is nil when the statement succeeded.
	err *pgconn.PgError
}

// row holds the values of one row as text; nil is NULL.
type row []*string

func (r row) String() string {
	var b strings.Builder
	for _, v := range r {
		if v == nil {
			b.WriteString("\x00")
		} else {
			b.WriteString(*v)
		}
		b.WriteByte('\x1f')
	}
	return b.String()
}

// exec runs one statement. The error is that of a lost connection or an interruption; what the server
// refuses is in the result.
func exec(ctx context.Context, conn *pgx.Conn, sql string) (result, error) {
	var r result
	answers, err := conn.PgConn().Exec(ctx, sql).ReadAll()
	if errors.As(err, &r.err) {
		return r, nil
	}
	if err != nil {
		return r, err
	}
	for _, a := range answers {
		r.affected = a.CommandTag.RowsAffected()
		r.columns, r.rows = nil, nil
		for _, f := range a.FieldDescriptions {
			r.columns = append(r.columns, f.Name)
		}
		for _, values := range a.Rows {
			one := make(row, len(values))
			for i, v := range values {
				if v != nil {
					text := string(v)
					one[i] = &text
				}
			}
			r.rows = append(r.rows, one)
		}
	}
	return r, nil
}

// script joins statements to be sent in one go.
func script(statements ...string) string { return strings.Join(statements, ";\n") }

// must runs statements that the prover's own work needs.
func must(ctx context.Context, conn *pgx.Conn, statements ...string) error {
	for _, sql := range statements {
		r, err := exec(ctx, conn, sql)
		if err != nil {
			return err
		}
		if r.err != nil {
			return r.err
		}
	}
	return nil
}

// texts returns the rows as sorted-comparable strings.
func (r result) texts() []string {
	texts := make([]string, len(r.rows))
	for i, one := range r.rows {
		texts[i] = one.String()
	}
	return texts
}
