// Package config chooses query modes; whether a pooler stands between, nothing here says.
package config

import (
	"context"
	"fmt"
	"net/url"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

func byField(config *pgxpool.Config) {
	config.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeDescribeExec // want `pool-exec-mode-unsafe: every query of the connection is described in one round trip`
}

func byLiteral() *pgx.ConnConfig {
	return &pgx.ConnConfig{DefaultQueryExecMode: pgx.QueryExecModeDescribeExec} // want `pool-exec-mode-unsafe`
}

const chosen = pgx.QueryExecModeDescribeExec

func byConstant(config *pgx.ConnConfig) {
	config.DefaultQueryExecMode = chosen // want `pool-exec-mode-unsafe`
}

func byVariable(config *pgx.ConnConfig, fresh bool) {
	mode := pgx.QueryExecModeCacheDescribe
	if fresh {
		mode = pgx.QueryExecModeDescribeExec // want `pool-exec-mode-unsafe`
	}
	config.DefaultQueryExecMode = mode
}

func byArgument(ctx context.Context, pool *pgxpool.Pool, conn *pgx.Conn, id int) {
	pool.Query(ctx, "SELECT name FROM customer WHERE id = $1", pgx.QueryExecModeDescribeExec, id) // want `pool-exec-mode-unsafe: the query is described`
	conn.Exec(ctx, "DELETE FROM customer", pgx.QueryExecModeDescribeExec)                         // want `pool-exec-mode-unsafe`
}

const dsn = "host=db dbname=app default_query_exec_mode=describe_exec" // want `pool-exec-mode-unsafe`

func byText(ctx context.Context, host string) {
	pgx.Connect(ctx, dsn)
	pgx.Connect(ctx, fmt.Sprintf("postgres://%s/app?sslmode=require&default_query_exec_mode=describe_exec", host)) // want `pool-exec-mode-unsafe`
	pgx.Connect(ctx, "postgres://"+host+"/app?default_query_exec_mode="+"describe_exec")
	q := url.Values{}
	q.Set("default_query_exec_mode", "describe_exec") // want `pool-exec-mode-unsafe`
}

// A pooler keeps the session for the whole of a transaction.
func inTransaction(ctx context.Context, tx pgx.Tx, id int) {
	tx.Query(ctx, "SELECT name FROM customer WHERE id = $1", pgx.QueryExecModeDescribeExec, id)
}

func otherModes(ctx context.Context, pool *pgxpool.Pool, config *pgx.ConnConfig) {
	config.DefaultQueryExecMode = pgx.QueryExecModeExec
	pool.Query(ctx, "SELECT name FROM customer", pgx.QueryExecModeSimpleProtocol)
	pgx.Connect(ctx, "host=db dbname=app default_query_exec_mode=cache_describe")
}

// What knows the mode does not choose it.
var modes = map[string]pgx.QueryExecMode{
	"describe_exec": pgx.QueryExecModeDescribeExec,
	"exec":          pgx.QueryExecModeExec,
}

func refused(config *pgx.ConnConfig) bool {
	return config.DefaultQueryExecMode == pgx.QueryExecModeDescribeExec
}

func named(config *pgx.ConnConfig, name string) {
	config.DefaultQueryExecMode = modes[name]
}
