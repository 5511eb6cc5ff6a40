package service

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"example.com/rls/db"
	"example.com/rls/tx"
)

// What is set at the end of a function, or beside it, is not set before.

func setAtTheEnd(ctx context.Context, pool *pgxpool.Pool, id string) {
	t, _ := pool.Begin(ctx)
	defer t.Exec(ctx, "SELECT set_config('app.tenant_id', $1, true)", id)
	t.Query(ctx, list) // want "query-unscoped: .* a transaction on which no tenant is set"
}

func setByAHelperAtTheEnd(ctx context.Context, pool *pgxpool.Pool, id string) {
	t, _ := pool.Begin(ctx)
	defer tx.Set(ctx, t, id)
	t.Query(ctx, list) // want "query-unscoped"
}

func setBeside(ctx context.Context, pool *pgxpool.Pool, id string) {
	t, _ := pool.Begin(ctx)
	go tx.Set(ctx, t, id)
	t.Query(ctx, list) // want "query-unscoped"
}

// SetLater sets nothing for its callers before it is done.
func SetLater(ctx context.Context, t pgx.Tx, id string) {
	go tx.Set(ctx, t, id)
}

// Statements that run at the end meet what is set by then.

func readAtTheEnd(ctx context.Context, pool *pgxpool.Pool, id string) error {
	t, err := pool.Begin(ctx)
	if err != nil {
		return err
	}
	defer t.Query(ctx, list)
	defer db.New(t).List(ctx)
	if err := tx.Set(ctx, t, id); err != nil {
		return err
	}
	return nil
}

func readAtTheEndOfOnePath(ctx context.Context, pool *pgxpool.Pool, id string) {
	t, _ := pool.Begin(ctx)
	defer t.Query(ctx, "SELECT id FROM invoice") // want "query-unscoped: .* a transaction on which no tenant is set"
	if id == "" {
		return
	}
	tx.Set(ctx, t, id)
}

func readBeforeTheSetting(ctx context.Context, pool *pgxpool.Pool, id string) {
	t, _ := pool.Begin(ctx)
	defer t.Query(ctx, "SELECT id FROM invoice")
	t.Exec(ctx, "SELECT set_config('app.tenant_id', $1, true)", id)
}

func readBeforeTheSettingOfOnePath(ctx context.Context, pool *pgxpool.Pool, id string) {
	t, _ := pool.Begin(ctx)
	defer t.Query(ctx, "SELECT id FROM invoice") // want "query-unscoped"
	if id != "" {
		t.Exec(ctx, "SELECT set_config('app.tenant_id', $1, true)", id)
	}
}

func readAfterAll(ctx context.Context, pool *pgxpool.Pool, id string) {
	c, _ := pool.Acquire(ctx)
	c.Exec(ctx, "BEGIN; SET LOCAL app.tenant_id = 'x'")
	defer c.Query(ctx, "SELECT id FROM invoice") // want "query-unscoped: .* has ended"
	c.Exec(ctx, "COMMIT")
}

func readBeside(ctx context.Context, pool *pgxpool.Pool, id string) {
	t, _ := pool.Begin(ctx)
	go t.Query(ctx, "SELECT id FROM invoice") // want "query-unscoped"
	tx.Set(ctx, t, id)
	go t.Query(ctx, "SELECT id FROM invoice")
}
