package service

import (
	"context"

	"github.com/jackc/pgx/v5"

	"example.com/rls/tx"
)

func (s *Service) setInABatch(ctx context.Context) {
	// The statements of a batch run in one transaction.
	d := &pgx.Batch{}
	d.Queue("SELECT set_config('app.tenant_id', $1, true)", "")
	d.Queue("SELECT id FROM invoice")
	s.pool.SendBatch(ctx, d)
	s.pool.Query(ctx, "SELECT id FROM invoice") // want "query-unscoped: .* a connection pool"

	u, _ := s.pool.Begin(ctx)
	e := &pgx.Batch{}
	e.Queue("SELECT set_config('app.tenant_id', $1, true)", "")
	u.SendBatch(ctx, e)
	u.Query(ctx, list)

	v, _ := s.pool.Begin(ctx)
	v.Query(ctx, list) // want "query-unscoped: .* a transaction on which no tenant is set"
}

// A setting applies to the savepoints of its transaction.
func (s *Service) savepoints(ctx context.Context) {
	t, _ := tx.Begin(ctx, s.pool, "")
	sub, _ := t.Begin(ctx)
	sub.Query(ctx, "SELECT id FROM invoice")
	pgx.BeginFunc(ctx, t, func(sub pgx.Tx) error {
		_, err := sub.Query(ctx, "SELECT id FROM invoice")
		return err
	})
	tx.With(ctx, s.pool, "", func(t pgx.Tx) error {
		sub, err := t.Begin(ctx)
		sub.Query(ctx, "SELECT id FROM invoice")
		return err
	})
	nested(ctx, t)

	plain, _ := s.pool.Begin(ctx)
	below, _ := plain.Begin(ctx)
	below.Query(ctx, "SELECT id FROM invoice") // want "query-unscoped: .* a transaction on which no tenant is set"
	nested(ctx, plain)                         // want "query-unscoped: .* a transaction on which no tenant is set"
}

func nested(ctx context.Context, t pgx.Tx) {
	sub, _ := t.Begin(ctx)
	sub.Query(ctx, list)
}

// A function that scopes a connection of the pool does nothing to the pool.
func (s *Service) behindAScoper(ctx context.Context) {
	tx.Declared(ctx, s.pool, func(pgx.Tx) error { return nil })
	s.pool.Query(ctx, "SELECT id FROM invoice") // want "query-unscoped: .* a connection pool"
}
