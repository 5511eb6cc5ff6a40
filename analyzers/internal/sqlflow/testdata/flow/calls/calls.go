package calls

import (
	"bytes"
	"context"
	"database/sql"
	_ "embed"
	"fmt"
	"strings"

	"github.com/Masterminds/squirrel"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jmoiron/sqlx"

	"example.com/flow/wrappers"
)

const columns = "id, name"

const selectAll = "SELECT " + columns + " FROM invoice"

//go:embed query.sql
var embedded string

var byStatus = map[string]string{
	"paid": "SELECT 1 FROM paid",
	"open": "SELECT 1 FROM open",
}

var queries = struct{ List, Count string }{
	List:  "SELECT id FROM listed",
	Count: "SELECT count(*) FROM listed",
}

func constants(ctx context.Context, pool *pgxpool.Pool, id string) {
	pool.Query(ctx, "SELECT 1")                              // want `pool: SELECT 1$`
	pool.Query(ctx, selectAll)                               // want `pool: SELECT id, name FROM invoice$`
	pool.QueryRow(ctx, selectAll+" WHERE id = $1", id)       // want `pool\(1\): SELECT id, name FROM invoice WHERE id = .1$`
	pool.Query(ctx, wrappers.Const)                          // want `pool: SELECT 1 FROM constant`
	pool.Query(ctx, wrappers.Var)                            // want `pool: SELECT 1 FROM variable`
	pool.Query(ctx, wrappers.Changing)                       // want `pool: {variable}`
	pool.Query(ctx, embedded)                                // want `pool: SELECT id\\nFROM embedded\\n`
	pool.Query(ctx, queries.List)                            // want `pool: SELECT id FROM listed`
	pool.Query(ctx, byStatus[id])                            // want `pool: SELECT 1 FROM open \| SELECT 1 FROM paid`
	pool.Query(ctx, string([]byte("SELECT 1 FROM bytes")))   // want `pool: SELECT 1 FROM bytes`
	pool.Query(ctx, strings.TrimSpace(" SELECT 1 FROM t "))  // want `pool:  SELECT 1 FROM t $`
	pool.Query(ctx, strings.ReplaceAll("FROM x", "x", "yy")) // want `pool: FROM yy$`
}

func formats(ctx context.Context, pool *pgxpool.Pool, id int, table string, names []string) {
	pool.Query(ctx, fmt.Sprintf("SELECT %s FROM invoice LIMIT %d", columns, 10))       // want `pool: SELECT id, name FROM invoice LIMIT 10$`
	pool.Query(ctx, fmt.Sprintf("SELECT 1 FROM invoice WHERE id = %d AND 1 %% 2", id)) // want `pool: SELECT 1 FROM invoice WHERE id = {#value} AND 1 % 2$`
	pool.Query(ctx, fmt.Sprintf("SELECT 1 FROM %[2]s, %[1]s", "a", "b"))               // want `pool: SELECT 1 FROM b, a$`
	pool.Query(ctx, fmt.Sprintf("SELECT 1 FROM %s", pgx.Identifier{table}.Sanitize())) // want `pool: SELECT 1 FROM {"value}$`
	pool.Query(ctx, "SELECT "+strings.Join([]string{"a", "b"}, ", ")+" FROM t")        // want `pool: SELECT a, b FROM t$`
	pool.Query(ctx, "SELECT "+strings.Join(names, ", ")+" FROM t")                     // want `pool: SELECT {loop} FROM t$`
	pool.Query(ctx, "SELECT 1 FROM "+table)                                            // want `pool: SELECT 1 FROM {parameter}$`
}

func alternatives(ctx context.Context, pool *pgxpool.Pool, paid bool, kind int, ids []string) {
	query := "SELECT id FROM invoice"
	if paid {
		query += " WHERE paid"
	}
	pool.Query(ctx, query) // want `pool: SELECT id FROM invoice \| SELECT id FROM invoice WHERE paid$`

	switch kind {
	case 1:
		query = "SELECT 1 FROM one"
	case 2:
		query = "SELECT 1 FROM two"
	default:
		query = "SELECT 1 FROM many"
	}
	pool.Query(ctx, query) // want `pool: SELECT 1 FROM many \| SELECT 1 FROM one \| SELECT 1 FROM two$`

	query = "DELETE FROM invoice WHERE id IN ("
	for i := range ids {
		query += fmt.Sprintf("$%d,", i)
	}
	query = query[:len(query)-1] + ")"
	pool.Exec(ctx, query) // want `pool: DELETE FROM invoice WHERE id IN \({loop}\)$`

	for _, q := range []string{"DELETE FROM a", "DELETE FROM b"} {
		pool.Exec(ctx, q) // want `pool: DELETE FROM a \| DELETE FROM b$`
	}
}

func builders(ctx context.Context, pool *pgxpool.Pool, paid bool, names []string) {
	var b strings.Builder
	b.WriteString("SELECT id FROM invoice")
	if paid {
		b.WriteString(" WHERE paid")
	}
	fmt.Fprintf(&b, " LIMIT %d", 5)
	b.WriteByte(';')
	pool.Query(ctx, b.String()) // want `pool: SELECT id FROM invoice LIMIT 5; \| SELECT id FROM invoice WHERE paid LIMIT 5;$`

	buf := bytes.NewBufferString("SELECT ")
	for _, name := range names {
		buf.WriteString(name)
	}
	buf.WriteString("1")
	pool.Query(ctx, buf.String()) // want `pool: SELECT {loop}1$`
}

func list(table string) (string, error) {
	if table == "" {
		return "", fmt.Errorf("no table")
	}
	return "SELECT id FROM " + table, nil
}

func callees(ctx context.Context, store *wrappers.Store, db wrappers.DBTX) {
	query, _ := list("payment")
	db.Query(ctx, query)                      // want `handle: SELECT id FROM payment$`
	db.Query(ctx, wrappers.ByID("payment"))   // want `handle: SELECT \* FROM payment WHERE id = .1$`
	db.Query(ctx, wrappers.Recursive(3))      // want `handle:  \| {call} , $`
	store.Run(ctx, "DELETE FROM payment", 1)  // want `pool\(1\): DELETE FROM payment$`
	store.Find(ctx, "paid")                   // want `pool: SELECT id FROM invoice WHERE paid$`
	wrappers.Nested(ctx, store, "payment")    // want `pool: DELETE FROM payment$`
	run := func(q string) { db.Exec(ctx, q) } // want `handle: {parameter}$`
	run("DELETE FROM literal")                // want `handle: DELETE FROM literal$`
}

type repo struct{ db *sqlx.DB }

func (r *repo) sqlx(ctx context.Context, ids []string) error {
	var out []string
	r.db.Select(&out, "SELECT id FROM invoice WHERE a = ? AND b = ?", 1, 2) // want `pool\(2\): SELECT id FROM invoice WHERE a = \? AND b = \?$`
	r.db.NamedExec("UPDATE invoice SET a = :a", map[string]any{})           // want `pool\(1\): UPDATE invoice SET a = :a$`
	r.db.QueryRow("SELECT 1 FROM promoted")                                 // want `pool: SELECT 1 FROM promoted$`
	sqlx.Get(r.db, &out, "SELECT 1 FROM got")                               // want `pool: SELECT 1 FROM got$`
	query, args, _ := sqlx.In("SELECT id FROM invoice WHERE id IN (?)", ids)
	return r.db.SelectContext(ctx, &out, r.db.Rebind(query), args...) // want `pool\(1\.\.\.\): SELECT id FROM invoice WHERE id IN \(\?\)$`
}

func pgxExtras(ctx context.Context, tx pgx.Tx, b *pgx.Batch) {
	b.Queue("DELETE FROM queued")                                                    // want `batch: DELETE FROM queued$`
	tx.CopyFrom(ctx, pgx.Identifier{"app", "invoice"}, []string{"id", "total"}, nil) // want `transaction\(1\.\.\.\): INSERT INTO app.invoice \(id, total\) VALUES \(\?, \?\)$`
}

func standard(ctx context.Context, db *sql.DB, tx *sql.Tx) {
	db.QueryContext(ctx, "SELECT 1 FROM std")  // want `pool: SELECT 1 FROM std$`
	tx.Exec("DELETE FROM std")                 // want `transaction: DELETE FROM std$`
	stmt, _ := tx.Prepare("SELECT 2 FROM std") // want `transaction: SELECT 2 FROM std$`
	stmt.Query()
}

func squirrels(ctx context.Context, pool *pgxpool.Pool, db *sql.DB, paid bool, ids []string) {
	b := squirrel.Select("id", "name").From("invoice").Where(squirrel.Eq{"a": 1, "b": nil}).Where("c > ?", 2)
	if paid {
		b = b.Where(squirrel.Or{squirrel.Eq{"d": ids}, squirrel.Expr("e IS NULL")})
	}
	query, args, _ := b.OrderBy("id").Limit(3).ToSql()
	pool.Query(ctx, query, args...) // want `pool\(1\.\.\.\): SELECT id, name FROM invoice WHERE \(a = \? AND b IS NULL\) AND \(c > \?\) \| SELECT id, name FROM invoice WHERE \(a = \? AND b IS NULL\) AND \(c > \?\) AND \(\(d = ANY \(\?\)\) OR \(e IS NULL\)\)$`

	query, args, _ = squirrel.Insert("invoice").Columns("id", "a").Values(1, 2).Suffix("ON CONFLICT DO NOTHING").ToSql()
	pool.Exec(ctx, query, args...) // want `INSERT INTO invoice \(id, a\) VALUES \(\?, \?\) ON CONFLICT DO NOTHING$`

	query, args, _ = squirrel.Update("invoice").Set("a", 1).Set("b", squirrel.Expr("b + 1")).Where(squirrel.And{squirrel.Eq{"id": 1}}).ToSql()
	pool.Exec(ctx, query, args...) // want `UPDATE invoice SET a = \?, b = \? WHERE \(\(id = \?\)\)$`

	query, args, _ = wrappers.Active(squirrel.Select("id").From("invoice"), "x").ToSql()
	pool.Query(ctx, query, args...) // want `SELECT id FROM invoice WHERE \(active = \?\) AND \(kind = \?\)$`

	squirrel.Select("id").From("invoice").Where("id = ?", 1).RunWith(db).QueryContext(ctx) // want `pool: SELECT id FROM invoice WHERE \(id = \?\)$`
}
