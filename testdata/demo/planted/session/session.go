// Package session sets the tenant of a connection in every wrong way there is.
package session

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Enter leaves the tenant on a connection that goes back to the pool.
func Enter(ctx context.Context, pool *pgxpool.Pool, tenantID string) error {
	_, err := pool.Exec(ctx, "SELECT set_config('app.tenant_id', $1, false)", tenantID) // planted: set-not-local
	return err
}

// EnterLocally sets the tenant for a transaction that is over at once.
func EnterLocally(ctx context.Context, pool *pgxpool.Pool, tenantID string) error {
	_, err := pool.Exec(ctx, "SELECT set_config('app.tenant_id', $1, true)", tenantID) // planted: set-outside-transaction
	return err
}

// EnterByText lets a tenant id that holds a quote say anything.
func EnterByText(ctx context.Context, tx pgx.Tx, tenantID string) error {
	_, err := tx.Exec(ctx, fmt.Sprintf("SET LOCAL app.tenant_id = '%s'", tenantID)) // planted: set-injection
	return err
}

// EnterByParameter always fails: SET takes no parameters.
func EnterByParameter(ctx context.Context, tx pgx.Tx, tenantID string) error {
	_, err := tx.Exec(ctx, "SET LOCAL app.tenant_id = $1", tenantID) // planted: set-with-parameter
	return err
}

// Rename asks before it says who is asking.
func Rename(ctx context.Context, tx pgx.Tx, tenantID, id, text string) error {
	_, err := tx.Exec(ctx, "UPDATE reminders SET text = $3 WHERE tenant_id = $1 AND id = $2", tenantID, id, text) // planted: query-before-set
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, "SELECT set_config('app.tenant_id', $1, true)", tenantID)
	return err
}

// Open has PgBouncer mix up the statements of its clients.
func Open(ctx context.Context) (*pgxpool.Pool, error) {
	return pgxpool.New(ctx, "postgres://app@pgbouncer:6432/invoicing?default_query_exec_mode=describe_exec") // planted: pool-exec-mode-unsafe
}
