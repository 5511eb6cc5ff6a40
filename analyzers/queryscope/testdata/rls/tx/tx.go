// Package tx sets the tenant on transactions.
package tx

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Set sets the tenant for the rest of a transaction.
func Set(ctx context.Context, tx pgx.Tx, tenantID string) error { // want Set:"sets tenant on 1"
	_, err := tx.Exec(ctx, "SELECT set_config('app.tenant_id', $1, true)", tenantID)
	return err
}

// Begin returns a transaction of the tenant.
func Begin(ctx context.Context, pool *pgxpool.Pool, tenantID string) (pgx.Tx, error) { // want Begin:"returns scoped"
	tx, err := pool.Begin(ctx)
	if err != nil {
		return nil, err
	}
	if err := Set(ctx, tx, tenantID); err != nil {
		return nil, err
	}
	return tx, nil
}

// With runs a function in a transaction of the tenant.
func With(ctx context.Context, pool *pgxpool.Pool, tenantID string, f func(pgx.Tx) error) error { // want With:"scopes callback 3"
	tx, err := pool.Begin(ctx)
	if err != nil {
		return err
	}
	defer tx.Rollback(ctx)
	if _, err := tx.Exec(ctx, "SET LOCAL app.tenant_id = 'x'"); err != nil {
		return err
	}
	if err := f(tx); err != nil {
		return err
	}
	return tx.Commit(ctx)
}

// Plain runs a function in a transaction without a tenant.
func Plain(ctx context.Context, pool *pgxpool.Pool, f func(pgx.Tx) error) error {
	tx, err := pool.Begin(ctx)
	if err != nil {
		return err
	}
	if err := f(tx); err != nil {
		return err
	}
	return tx.Commit(ctx)
}

// Declared is a scoper by the model; how it does it cannot be seen.
func Declared(ctx context.Context, pool *pgxpool.Pool, f func(pgx.Tx) error) error {
	return hidden(pool, f)
}

var hidden func(*pgxpool.Pool, func(pgx.Tx) error) error

// Maybe sets the tenant on one path only.
func Maybe(ctx context.Context, tx pgx.Tx, tenantID string) error {
	if tenantID != "" {
		return Set(ctx, tx, tenantID)
	}
	return nil
}
