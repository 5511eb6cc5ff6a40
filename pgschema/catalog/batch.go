package catalog

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
)

// ask queues a query and hands each row of the answer to take.
func (r *reader) ask(query string, take func(*row)) {
	query = strings.ReplaceAll(query, "USER_SCHEMAS", userSchemas) + " " + Marker
	r.queries.ExecParams(query, nil, nil, nil, nil) // which, other than pgx.Batch, never prepares, and answers in text
	r.takes = append(r.takes, take)
}

// run sends what is queued in one message and takes the answers.
func (r *reader) run(ctx context.Context, conn *pgconn.PgConn) error {
	results := conn.ExecBatch(ctx, &r.queries)
	next := row{texts: r.texts}
	for _, take := range r.takes {
		if !results.NextResult() {
			break
		}
		for result := results.ResultReader(); result.NextRow(); {
			next.values = result.Values()
			take(&next)
		}
	}
	r.queries, r.takes = pgconn.Batch{}, nil
	if err := results.Close(); err != nil {
		return err
	}
	return next.err
}

// row is one row of an answer, in the text format. Each method takes the next column; a value that it
// cannot read is an error of the row.
type row struct {
	values [][]byte // nil for NULL; valid until the next row
	texts  map[string]string
	err    error
}

func (w *row) value() []byte {
	if len(w.values) == 0 {
		return nil
	}
	v := w.values[0]
	w.values = w.values[1:]
	return v
}

// text takes a text; "" for NULL. The schemas of a thousand tenants share theirs.
func (w *row) text() string {
	v := w.value()
	known, ok := w.texts[string(v)]
	if !ok {
		known = string(v)
		w.texts[known] = known
	}
	return known
}

// printed takes a definition; nil for NULL.
func (w *row) printed() *string {
	if len(w.values) > 0 && w.values[0] == nil {
		w.value()
		return nil
	}
	text := w.text()
	return &text
}

// letter takes a "char"; 0 for an empty one.
func (w *row) letter() byte {
	if v := w.value(); len(v) > 0 {
		return v[0]
	}
	return 0
}

func (w *row) flag() bool { return w.letter() == 't' }

// number takes an integer of a number of bits; 0 for NULL.
func (w *row) number(bits int) int64 {
	v := w.value()
	if v == nil {
		return 0
	}
	n, err := strconv.ParseInt(string(v), 10, bits)
	w.fail(v, err)
	return n
}

func (w *row) int() int { return int(w.number(32)) }

func (w *row) oid() uint32 { return parseOID(w, w.value()) }

func parseOID(w *row, v []byte) uint32 {
	if len(v) == 0 {
		return 0
	}
	n, err := strconv.ParseUint(string(v), 10, 32)
	w.fail(v, err)
	return uint32(n)
}

func (w *row) float() float64 {
	v := w.value()
	n, err := strconv.ParseFloat(string(v), 64)
	w.fail(v, err)
	return n
}

// oids takes an oid[] or an oidvector.
func (w *row) oids() []uint32 {
	var all []uint32
	w.fields(func(v []byte) { all = append(all, parseOID(w, v)) })
	return all
}

// columns takes an int2[] or an int2vector: numbers of columns.
func (w *row) columns() []int {
	var all []int
	w.fields(func(v []byte) {
		n, err := strconv.Atoi(string(v))
		w.fail(v, err)
		all = append(all, n)
	})
	return all
}

// fields takes "{1,2}" or "1 2".
func (w *row) fields(field func([]byte)) {
	v := w.value()
	if len(v) >= 2 && v[0] == '{' {
		v = v[1 : len(v)-1]
	}
	start := 0
	for i := 0; i <= len(v); i++ {
		if i == len(v) || v[i] == ',' || v[i] == ' ' {
			if i > start {
				field(v[start:i])
			}
			start = i + 1
		}
	}
}

var arrays = pgtype.NewMap()

// list takes an array of texts; nil for NULL.
func (w *row) list() []string {
	v := w.value()
	if v == nil {
		return nil
	}
	var all []string
	w.fail(v, arrays.Scan(pgtype.TextArrayOID, pgtype.TextFormatCode, v, &all))
	return all
}

func (w *row) fail(v []byte, err error) {
	if err != nil && w.err == nil {
		w.err = fmt.Errorf("the server answered %q: %w", v, err)
	}
}
