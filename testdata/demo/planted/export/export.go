// Package export writes invoices to files, and leaks them on the way.
package export

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/redis/go-redis/v9"

	"example.com/invoicing/internal/pg"
	"example.com/invoicing/internal/store"
	"example.com/invoicing/internal/tenant"
)

// Exporter writes invoices to files.
type Exporter struct {
	pool  *pgxpool.Pool
	redis *redis.Client
}

// Cached returns a rendered invoice; two tenants may well use the same invoice number.
func (e *Exporter) Cached(ctx context.Context, number string) (string, error) {
	if _, err := tenant.FromContext(ctx); err != nil {
		return "", err
	}
	return e.redis.Get(ctx, "export:"+number).Result() // planted: cache-key-unscoped
}

// Total adds up the invoices with a number.
func (e *Exporter) Total(ctx context.Context, tenantID uuid.UUID, number string) (total int64, err error) {
	err = pg.WithTenant(ctx, e.pool, tenantID, func(tx pgx.Tx) error {
		return tx.QueryRow(ctx,
			"SELECT sum(total) FROM invoices WHERE number = $1", number).Scan(&total) // planted: query-unscoped
	})
	return total, err
}

// Latest lists invoices on the pool, where no tenant is set.
func (e *Exporter) Latest(ctx context.Context, tenantID uuid.UUID) ([]store.ListInvoicesRow, error) {
	rows, err := e.pool.Query(ctx,
		"SELECT id, number, total, '' AS email FROM invoices ORDER BY created_at DESC LIMIT 10") // planted: query-unscoped
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[store.ListInvoicesRow])
}

// KeyName returns the name of an API key, of whichever tenant.
func (e *Exporter) KeyName(ctx context.Context, tenantID, id uuid.UUID) (name string, err error) {
	err = e.pool.QueryRow(ctx, "SELECT name FROM api_keys WHERE id = $1", id).Scan(&name) // planted: tenant-unused, planted: query-by-id-unscoped
	return name, err
}
