// Package generic runs SQL in generic code, which once made tools on SSA form panic.
package generic

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

func List[T any](ctx context.Context, db querier, query string) []T {
	db.Query(ctx, query) // want `handle: {parameter}$`
	return nil
}

type Repo[T any, K ~string | ~int] struct{ pool *pgxpool.Pool }

func (r *Repo[T, K]) Get(ctx context.Context, id K) (out T) {
	r.pool.QueryRow(ctx, "SELECT 1 FROM invoice WHERE id = $1", id) // want `pool\(1\): SELECT 1 FROM invoice WHERE id = .1$`
	return out
}

func Text[S ~string](s S) string { return "SELECT 1 FROM " + string(s) }

type handle[Q querier] struct{ db Q }

func (h handle[Q]) all(ctx context.Context) { h.db.Query(ctx, "SELECT 1 FROM typed") } // want `handle: SELECT 1 FROM typed$`

func use(ctx context.Context, pool *pgxpool.Pool) {
	List[int](ctx, pool, "SELECT id FROM invoice") // want `pool: SELECT id FROM invoice$`
	pool.Query(ctx, Text("invoice"))               // want `pool: SELECT 1 FROM invoice$`
	(&Repo[string, int]{pool: pool}).Get(ctx, 1)
}
