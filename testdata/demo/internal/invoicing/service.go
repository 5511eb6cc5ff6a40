// Package invoicing is the service itself.
package invoicing

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"example.com/invoicing/internal/cache"
	"example.com/invoicing/internal/pg"
	"example.com/invoicing/internal/store"
	"example.com/invoicing/internal/tenant"
)

// Service answers requests of one tenant at a time.
type Service struct {
	pool  *pgxpool.Pool
	cache *cache.Invoices
}

// New returns a service on a pool and a cache.
func New(pool *pgxpool.Pool, cache *cache.Invoices) *Service {
	return &Service{pool: pool, cache: cache}
}

// Invoice returns one invoice of the tenant in the context.
func (s *Service) Invoice(ctx context.Context, id uuid.UUID) (invoice store.Invoice, err error) {
	tenantID, err := tenant.FromContext(ctx)
	if err != nil {
		return invoice, err
	}
	err = pg.WithTenant(ctx, s.pool, tenantID, func(tx pgx.Tx) error {
		invoice, err = store.New(tx).GetInvoice(ctx, store.GetInvoiceParams{TenantID: tenantID, ID: id})
		return err
	})
	return invoice, err
}

// Finish closes a draft and returns its total.
func (s *Service) Finish(ctx context.Context, id uuid.UUID) (total int64, err error) {
	tenantID, err := tenant.FromContext(ctx)
	if err != nil {
		return 0, err
	}
	err = pg.WithTenant(ctx, s.pool, tenantID, func(tx pgx.Tx) error {
		if err := store.New(tx).FinishInvoice(ctx, store.FinishInvoiceParams{TenantID: tenantID, ID: id}); err != nil {
			return err
		}
		return tx.QueryRow(ctx, "SELECT total FROM invoices WHERE tenant_id = $1 AND id = $2", tenantID, id).Scan(&total)
	})
	return total, err
}

// Page returns the rendered invoice, from the cache when it is there.
func (s *Service) Page(ctx context.Context, number string) (string, error) {
	tenantID, err := tenant.FromContext(ctx)
	if err != nil {
		return "", err
	}
	return s.cache.Get(ctx, tenantID, number)
}

// PurgeDrafts removes abandoned drafts of every tenant; it runs nightly on a connection of the owner.
func PurgeDrafts(ctx context.Context, owner *pgx.Conn) error {
	_, err := owner.Exec(ctx, "DELETE FROM invoices WHERE draft AND created_at < now() - interval '90 days'")
	return err
}
