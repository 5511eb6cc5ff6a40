// Package pooled says that a pooler stands between.
package pooled

import (
	"context"

	"github.com/jackc/pgx/v5"
)

const pgbouncer = "postgres://app@pgbouncer:6432/app"

func byField(ctx context.Context, config *pgx.ConnConfig) {
	pgx.Connect(ctx, pgbouncer)
	config.DefaultQueryExecMode = pgx.QueryExecModeDescribeExec // want `pool-exec-mode-unsafe`
}

func declared(ctx context.Context, conn *pgx.Conn) {
	//tenantvet:ignore pool-exec-mode-unsafe the admin console of the pooler has one client
	conn.Exec(ctx, "SHOW POOLS", pgx.QueryExecModeDescribeExec)
}
