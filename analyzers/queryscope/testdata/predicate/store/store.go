// Package store runs SQL through wrappers that other packages call.
package store

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

const AllInvoices = "SELECT id FROM invoice"

type Store struct{ Pool *pgxpool.Pool }

// Find runs what it is given.
func (s *Store) Find(ctx context.Context, query string, args ...any) (pgx.Rows, error) {
	return s.Pool.Query(ctx, query, args...)
}

// Delete has no tenant, so its callers decide whether theirs is left out.
func (s *Store) Delete(ctx context.Context, id string) error { // want Delete:"reaches invoice by key"
	_, err := s.Pool.Exec(ctx, "DELETE FROM invoice WHERE id = $1", id)
	return err
}

// Querier is how services see the store.
type Querier interface {
	Delete(ctx context.Context, id string) error // want Delete:"reaches invoice by key"
}
