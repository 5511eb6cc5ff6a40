// Package db has helpers that set the tenant on the handle they are given.
package db

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Execer is a pool, a connection or a transaction.
type Execer interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
}

// SetLocal sets the tenant for the transaction; whether there is one is up to the caller.
func SetLocal(ctx context.Context, db Execer, id string) error { // want SetLocal:`sets locally app.tenant_id on 1 \(open\)`
	_, err := db.Exec(ctx, "SELECT set_config('app.tenant_id', $1, true)", id)
	return err
}

// SetTx sets the tenant for a transaction.
func SetTx(ctx context.Context, tx pgx.Tx, id string) error { // want SetTx:`sets locally app.tenant_id on 1`
	_, err := tx.Exec(ctx, "SELECT set_config('app.tenant_id', $1, true)", id)
	return err
}

// Enter sets the tenant of a connection.
func Enter(ctx context.Context, conn *pgxpool.Conn, id string) error { // want Enter:`sets app.tenant_id on 1 \(open\)`
	_, err := conn.Exec(ctx, "SELECT set_config('app.tenant_id', $1, false)", id)
	return err
}

// Leave resets it.
func Leave(ctx context.Context, conn *pgxpool.Conn) error { // want Leave:`resets app.tenant_id on 1`
	_, err := conn.Exec(ctx, "RESET app.tenant_id")
	return err
}

// Forge answers itself for what it runs.
func Forge(ctx context.Context, tx pgx.Tx, id string) error { // want Forge:`sets locally app.tenant_id on 1`
	_, err := tx.Exec(ctx, "SET LOCAL app.tenant_id = '"+id+"'") // want `set-injection`
	return err
}

// Run runs what it is given.
func Run(ctx context.Context, tx pgx.Tx, sql string, args ...any) error {
	_, err := tx.Exec(ctx, sql, args...)
	return err
}
