package service

import (
	"context"

	"github.com/jackc/pgx/v5/pgxpool"
)

// What was set for a transaction ends with it, also when both are run by their text.

func byHand(ctx context.Context, pool *pgxpool.Pool) {
	c, _ := pool.Acquire(ctx)
	c.Exec(ctx, "BEGIN")
	c.Exec(ctx, "SELECT set_config('app.tenant_id', $1, true)", "")
	c.Query(ctx, "SELECT id FROM invoice")
	c.Exec(ctx, "COMMIT")
	c.Query(ctx, "SELECT id FROM invoice") // want "query-unscoped: .* a connection whose transaction, and the tenant with it, has ended"
}

func again(ctx context.Context, pool *pgxpool.Pool, ids []string) {
	c, _ := pool.Acquire(ctx)
	for _, id := range ids {
		c.Exec(ctx, "BEGIN")
		c.Exec(ctx, "SELECT set_config('app.tenant_id', $1, true)", id)
		c.Query(ctx, "SELECT id FROM invoice")
		c.Exec(ctx, "COMMIT")
	}
}

func onePathEnds(ctx context.Context, pool *pgxpool.Pool, done bool) {
	c, _ := pool.Acquire(ctx)
	c.Exec(ctx, "BEGIN; SET LOCAL app.tenant_id = 'x'")
	if done {
		c.Exec(ctx, "rollback transaction")
	}
	c.Query(ctx, "SELECT id FROM invoice") // want "query-unscoped: .* a connection on which no tenant is set"
}

func pathLeaves(ctx context.Context, pool *pgxpool.Pool, failed bool) {
	c, _ := pool.Acquire(ctx)
	c.Exec(ctx, "SET LOCAL app.tenant_id = 'x'")
	if failed {
		c.Exec(ctx, "ROLLBACK")
		return
	}
	c.Exec(ctx, "ROLLBACK TO SAVEPOINT s")
	c.Query(ctx, "SELECT id FROM invoice")
}

func forTheSession(ctx context.Context, pool *pgxpool.Pool) {
	c, _ := pool.Acquire(ctx)
	c.Exec(ctx, "SET app.tenant_id = 'x'")
	c.Exec(ctx, "COMMIT")
	c.Query(ctx, "SELECT id FROM invoice") // the session keeps it: set-not-local is about that
	c.Exec(ctx, "RESET app.other")
	c.Query(ctx, "SELECT id FROM invoice")
	c.Exec(ctx, "DISCARD ALL")
	c.Query(ctx, "SELECT id FROM invoice") // want "query-unscoped: .* has ended"
}

func reset(ctx context.Context, pool *pgxpool.Pool) {
	c, _ := pool.Acquire(ctx)
	c.Exec(ctx, "SET app.tenant_id = 'x'")
	c.Exec(ctx, "RESET app.tenant_id")
	c.Query(ctx, "SELECT id FROM invoice") // want "query-unscoped: .* has ended"
}

func inOneText(ctx context.Context, pool *pgxpool.Pool) {
	c, _ := pool.Acquire(ctx)
	c.Exec(ctx, "BEGIN; SET LOCAL app.tenant_id = 'x'; DELETE FROM note; COMMIT")
	c.Query(ctx, "SELECT id FROM invoice") // want "query-unscoped: .* has ended"
}

func deferred(ctx context.Context, pool *pgxpool.Pool) {
	c, _ := pool.Acquire(ctx)
	c.Exec(ctx, "BEGIN")
	defer c.Exec(ctx, "ROLLBACK")
	c.Exec(ctx, "SET LOCAL app.tenant_id = 'x'")
	c.Query(ctx, "SELECT id FROM invoice")
}

// Its callers cannot help.
func endsFirst(ctx context.Context, c *pgxpool.Conn) {
	c.Exec(ctx, "COMMIT")
	c.Query(ctx, "SELECT id FROM invoice") // want "query-unscoped: .* has ended"
}
