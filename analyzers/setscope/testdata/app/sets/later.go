package sets

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// What go and defer call sets as well.

func later(ctx context.Context, pool *pgxpool.Pool, tx pgx.Tx, id string) {
	go pool.Exec(ctx, "SELECT set_config('app.tenant_id', $1, false)", id)   // want `set-not-local`
	defer pool.Exec(ctx, "SELECT set_config('app.tenant_id', $1, true)", id) // want `set-outside-transaction`
	defer tx.Exec(ctx, "SET LOCAL app.tenant_id = '"+id+"'")                 // want `set-injection`
}

// What runs at the end runs behind what is set by then.

func orderAtTheEnd(ctx context.Context, tx pgx.Tx, id string) {
	defer tx.Exec(ctx, "DELETE FROM invoice")
	tx.Exec(ctx, "SELECT set_config('app.tenant_id', $1, true)", id)
}

func setAtTheEnd(ctx context.Context, tx pgx.Tx, id string) {
	defer tx.Exec(ctx, "SELECT set_config('app.tenant_id', $1, true)", id)
	tx.Exec(ctx, "DELETE FROM invoice") // want `query-before-set`
}

func orderBeside(ctx context.Context, tx pgx.Tx, id string) {
	go tx.Exec(ctx, "DELETE FROM invoice") // want `query-before-set`
	tx.Exec(ctx, "SELECT set_config('app.tenant_id', $1, true)", id)
}
