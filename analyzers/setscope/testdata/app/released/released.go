// Package released resets in the release hook what it sets in the acquire hook.
package released

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"example.com/app/gen"
)

type key struct{}

// Configure sets the tenant of each connection while it is taken.
func Configure(config *pgxpool.Config) {
	config.PrepareConn = func(ctx context.Context, conn *pgx.Conn) (bool, error) {
		id, _ := ctx.Value(key{}).(string)
		err := gen.New(conn).SetTenant(ctx, id)
		return err == nil, err
	}
	config.AfterRelease = func(conn *pgx.Conn) bool {
		return gen.New(conn).ResetTenant(context.Background()) == nil
	}
}
