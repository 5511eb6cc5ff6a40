// Package store serves a model that wants the tenant in each statement and on each handle.
package store

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

const byTenant = "SELECT id FROM invoice WHERE tenant_id = $1"

func onThePool(ctx context.Context, pool *pgxpool.Pool, tenantID string) {
	pool.Query(ctx, "SELECT id FROM invoice WHERE tenant_id = $1", tenantID) // want "query-unscoped: statement on public.invoice names the tenant but runs on a connection pool: enforcement is both"
	pool.Query(ctx, "SELECT id FROM invoice")                                // want "query-unscoped: the statement reads rows of every tenant"
	pool.Query(ctx, "SELECT id FROM draft WHERE tenant_id = $1", tenantID)   // no row-level security, which the schema's rules tell
}

func inATransaction(ctx context.Context, pool *pgxpool.Pool, tenantID string) {
	t, _ := pool.Begin(ctx)
	t.Exec(ctx, "SELECT set_config('app.tenant_id', $1, true)", tenantID)
	t.Query(ctx, byTenant, tenantID)
	t.Query(ctx, "SELECT id FROM invoice") // want "query-unscoped: the statement reads rows of every tenant"
	list(ctx, t, tenantID)

	u, _ := pool.Begin(ctx)
	list(ctx, u, tenantID) // want "query-unscoped: statement on public.invoice names the tenant but runs on a transaction on which no tenant is set"
}

func list(ctx context.Context, tx pgx.Tx, tenantID string) {
	tx.Query(ctx, byTenant, tenantID)
}
