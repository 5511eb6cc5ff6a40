// Package hooks sets the tenant in the hooks of pools, without a reset.
package hooks

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

type key struct{}

// Open makes a pool whose connections keep the last tenant.
func Open(ctx context.Context) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig("")
	if err != nil {
		return nil, err
	}
	config.AfterConnect = func(ctx context.Context, conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, "SET ROLE app_user")
		return err
	}
	config.BeforeAcquire = func(ctx context.Context, conn *pgx.Conn) bool {
		id, _ := ctx.Value(key{}).(string)
		_, err := conn.Exec(ctx, "SELECT set_config('app.tenant_id', $1, false)", id) // want `set-not-local: .* no AfterRelease hook resets it`
		return err == nil
	}
	return pgxpool.NewWithConfig(ctx, config)
}

// OpenLocal makes a pool whose hook does nothing.
func OpenLocal(ctx context.Context, config *pgxpool.Config) {
	config.PrepareConn = prepare
}

func prepare(ctx context.Context, conn *pgx.Conn) (bool, error) {
	id, _ := ctx.Value(key{}).(string)
	_, err := conn.Exec(ctx, "SELECT set_config('app.tenant_id', $1, true)", id) // want `set-outside-transaction`
	return err == nil, err
}
