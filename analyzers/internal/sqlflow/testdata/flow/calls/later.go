package calls

import (
	"context"
	"database/sql"

	"github.com/Masterminds/squirrel"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"example.com/flow/wrappers"
)

// What go and defer call runs SQL as well, whatever runs it.

func (r *repo) concurrently(ctx context.Context, pool *pgxpool.Pool, db *sql.DB, tx pgx.Tx, store *wrappers.Store, run runner, out *[]string) {
	go db.ExecContext(ctx, "DELETE FROM std")                                                   // want `pool: DELETE FROM std$`
	go pool.Exec(ctx, "DELETE FROM pgx WHERE id = $1", 1)                                       // want `pool\(1\): DELETE FROM pgx WHERE id = \$1$`
	go tx.CopyFrom(ctx, pgx.Identifier{"copied"}, []string{"id"}, nil)                          // want `INSERT INTO copied \(id\) VALUES \(\?\)$`
	go r.db.Select(out, "SELECT id FROM sqlx")                                                  // want `pool: SELECT id FROM sqlx$`
	go squirrel.Select("id").From("built").Where("a = 1").RunWith(db).QueryContext(ctx)         // want `pool: SELECT id FROM built WHERE \(a = 1\)$`
	go store.Run(ctx, "DELETE FROM wrapped")                                                    // want `pool: DELETE FROM wrapped$`
	go run.Run(ctx, "DELETE FROM opaque WHERE true")                                            // want `handle: DELETE FROM opaque WHERE true$`
	go func() { db.Exec("DELETE FROM literal") }()                                              // want `pool: DELETE FROM literal$`
	go func(query string) { db.Exec(query) }("DELETE FROM given")                               // want `pool: \{parameter\}$` `pool: DELETE FROM given$`
	go with(func(ctx context.Context, sql string) error { return r.run(ctx, "DELETE FROM a") }) // want `pool: DELETE FROM a$`
}

func (r *repo) run(ctx context.Context, query string) error {
	_, err := r.db.ExecContext(ctx, query) // want `pool: \{parameter\}$`
	return err
}

func atTheEnd(ctx context.Context, tx pgx.Tx, old *sql.Tx, batch *pgx.Batch, run func(ctx context.Context, sql string) error) {
	defer old.Exec("DELETE FROM std")                                        // want `transaction: DELETE FROM std$`
	defer tx.Exec(ctx, "DELETE FROM pgx")                                    // want `transaction: DELETE FROM pgx$`
	defer batch.Queue("DELETE FROM queued")                                  // want `batch: DELETE FROM queued$`
	defer squirrel.Select("id").From("built").RunWith(old).QueryContext(ctx) // want `transaction: SELECT id FROM built$`
	defer run(ctx, "DELETE FROM opaque WHERE true")                          // want `handle: DELETE FROM opaque WHERE true$`
	defer wrappers.Nested(ctx, nil, "nested")                                // want `pool: DELETE FROM nested$`
}
