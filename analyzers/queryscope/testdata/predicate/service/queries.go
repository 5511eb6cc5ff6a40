package service

import (
	"context"
	"database/sql"
	_ "embed"
	"fmt"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jmoiron/sqlx"

	"example.com/predicate/store"
)

const openInvoices = "SELECT id FROM invoice WHERE status = $1" // want "query-unscoped"

//go:embed query.sql
var embedded string

func queries(ctx context.Context, pool *pgxpool.Pool, db *sql.DB, x *sqlx.DB, s *store.Store, id string, open bool) {
	pool.Query(ctx, "SELECT id FROM invoice WHERE tenant_id = $1", id)
	pool.Query(ctx, "SELECT code FROM currency")
	pool.Query(ctx, "SELECT id FROM elsewhere")

	pool.Query(ctx, "SELECT id FROM invoice")                    // want "query-unscoped"
	db.QueryContext(ctx, "SELECT i.id FROM invoice AS i")        // want "query-unscoped"
	pool.Query(ctx, fmt.Sprintf("SELECT %s FROM invoice", "id")) // want "query-unscoped"
	x.Select(nil, "SELECT id FROM invoice WHERE status = ?", "") // want "query-unscoped"
	x.Select(nil, "SELECT id FROM invoice WHERE tenant_id = ?", 1)
	x.NamedExec("DELETE FROM invoice WHERE status = :status", nil) // want "query-unscoped"
	x.NamedExec("DELETE FROM invoice WHERE tenant_id = :tenant", nil)
	pool.Exec(ctx, "TRUNCATE invoice")                              // want "truncate-tenant-table"
	pool.Exec(ctx, "INSERT INTO invoice (id) VALUES ($1)", id)      // want "insert-without-tenant"
	s.Find(ctx, "SELECT id FROM invoice WHERE status = $1", "open") // want "query-unscoped"
	s.Find(ctx, "SELECT id FROM invoice WHERE tenant_id = $1", id)

	pool.Query(ctx, openInvoices, "open")
	pool.Query(ctx, openInvoices, "paid") // one finding, at the constant
	pool.Query(ctx, embedded)             // want "query-unscoped"
	pool.Query(ctx, store.AllInvoices)    // want "query-unscoped"

	// By a key that is globally unique: only a hint, which is no diagnostic.
	pool.QueryRow(ctx, "SELECT total FROM invoice WHERE id = $1", id)

	query := "SELECT id FROM invoice" // want "query-unscoped"
	if open {
		query = "SELECT id FROM invoice WHERE tenant_id = $1"
	}
	pool.Query(ctx, query)

	for _, list := range [][]any{} {
		pool.Query(ctx, text(list)) // not known: undecided, no diagnostic
	}
}

var text func([]any) string

func Rollup(ctx context.Context, pool *pgxpool.Pool) {
	pool.Query(ctx, "SELECT sum(total) FROM invoice")
}

//tenantvet:cross-tenant nightly figures
func directive(ctx context.Context, pool *pgxpool.Pool) {
	pool.Query(ctx, "SELECT sum(total) FROM invoice")
	func() { pool.Query(ctx, "SELECT sum(total) FROM invoice") }()
}

//tenantvet:cross-tenant
func reasonless(ctx context.Context, pool *pgxpool.Pool) {
	pool.Query(ctx, "SELECT sum(total) FROM invoice") // want "query-unscoped"
}

func suppressed(ctx context.Context, pool *pgxpool.Pool) {
	pool.Query(ctx, "SELECT id FROM invoice") //tenantvet:ignore query-unscoped a report for the operator
	pool.Query(ctx, "SELECT id FROM invoice") //nolint:tenantvet // a report for the operator
}

// Empty removes the rows of a table that the caller names.
func Empty(ctx context.Context, pool *pgxpool.Pool, table string) {
	pool.Exec(ctx, "DELETE FROM "+table) // which table is not known: undecided, no diagnostic
}
