// Package helpers sets the tenant through the helpers of other packages.
package helpers

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"example.com/app/db"
	"example.com/app/gen"
)

func onPool(ctx context.Context, pool *pgxpool.Pool, id string) {
	db.SetLocal(ctx, pool, id) // want `set-outside-transaction: SetLocal sets app.tenant_id for the transaction on a connection pool`
}

func onTransaction(ctx context.Context, pool *pgxpool.Pool, id string) {
	tx, err := pool.Begin(ctx)
	if err != nil {
		return
	}
	db.SetLocal(ctx, tx, id)
	gen.New(pool).WithTx(tx).SetTenantLocal(ctx, id)
}

func generatedOnPool(ctx context.Context, pool *pgxpool.Pool, id string) {
	q := gen.New(pool)
	q.SetTenant(ctx, id)      // want `set-not-local: SetTenant sets app.tenant_id for the whole session on a connection pool`
	q.SetTenantLocal(ctx, id) // want `set-outside-transaction: SetTenantLocal`
}

type repository struct{ q *gen.Queries }

func (r *repository) unknown(ctx context.Context, id string) { r.q.SetTenantLocal(ctx, id) }

// passedOn hands the obligation on.
func passedOn(ctx context.Context, h db.Execer, id string) {
	db.SetLocal(ctx, h, id)
}

func reaches(ctx context.Context, pool *pgxpool.Pool, id string) {
	passedOn(ctx, pool, id) // want `set-outside-transaction: passedOn`
}

func entered(ctx context.Context, pool *pgxpool.Pool, id string) {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return
	}
	defer conn.Release()
	db.Enter(ctx, conn, id) // want `set-not-local: Enter`
}

func enteredAndLeft(ctx context.Context, pool *pgxpool.Pool, id string) {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return
	}
	defer conn.Release()
	db.Enter(ctx, conn, id)
	defer db.Leave(ctx, conn)
}

func given(ctx context.Context, tx pgx.Tx, id string) {
	db.Forge(ctx, tx, id)
	db.Run(ctx, tx, "SET LOCAL app.tenant_id = $1", id) // want `set-with-parameter`
	db.Run(ctx, tx, "SELECT set_config('app.tenant_id', $1, true)", id)
}

func orderThroughHelper(ctx context.Context, tx pgx.Tx, id string) {
	tx.Exec(ctx, "DELETE FROM invoice") // want `query-before-set`
	db.SetTx(ctx, tx, id)
	tx.Exec(ctx, "DELETE FROM invoice")
}

// withTenant is generic.
func withTenant[T any](ctx context.Context, pool *pgxpool.Pool, id string, fn func(pgx.Tx) (T, error)) (T, error) {
	var zero T
	pool.Exec(ctx, "SELECT set_config('app.tenant_id', $1, true)", id) // want `set-outside-transaction`
	tx, err := pool.Begin(ctx)
	if err != nil {
		return zero, err
	}
	if err := db.SetTx(ctx, tx, id); err != nil {
		return zero, err
	}
	return fn(tx)
}
