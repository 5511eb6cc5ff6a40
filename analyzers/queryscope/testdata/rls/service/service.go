package service

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"example.com/rls/db"
	"example.com/rls/tx"
)

const list = "SELECT id FROM invoice"

type Service struct {
	pool    *pgxpool.Pool
	queries *db.Queries
}

func NewService(pool *pgxpool.Pool) *Service { // want NewService:"returns a connection pool"
	return &Service{pool: pool, queries: db.New(pool)}
}

func (s *Service) onThePool(ctx context.Context) {
	s.pool.Query(ctx, "SELECT id FROM invoice") // want "query-unscoped: statement on public.invoice runs on a connection pool"
	s.pool.Query(ctx, "SELECT id FROM invoice WHERE tenant_id = $1", "")
	s.pool.Exec(ctx, "SELECT set_config('app.tenant_id', $1, true)", "")
	s.pool.Query(ctx, "SELECT id FROM invoice") // want "query-unscoped: .* a connection pool"
	db.New(s.pool).List(ctx)                    // want "query-unscoped: statement on public.invoice runs on a connection pool"
}

func (s *Service) inATransaction(ctx context.Context) {
	t, _ := s.pool.Begin(ctx)
	t.Query(ctx, "SELECT id FROM invoice") // setscope reports it: query-before-set
	t.Exec(ctx, "SELECT set_config('app.tenant_id', $1, true)", "")
	t.Query(ctx, "SELECT id FROM invoice")
	t.Query(ctx, "SELECT id FROM draft") // want "query-unscoped"
	db.New(t).List(ctx)
	s.queries.WithTx(t).List(ctx)
}

func (s *Service) inABranch(ctx context.Context, ok bool) {
	t, _ := s.pool.Begin(ctx)
	if ok {
		tx.Set(ctx, t, "")
	}
	t.Query(ctx, "SELECT id FROM invoice") // want "query-unscoped"
}

func (s *Service) onlyMaybe(ctx context.Context, tenantID string) {
	t, _ := s.pool.Begin(ctx)
	tx.Maybe(ctx, t, tenantID)
	t.Query(ctx, "SELECT id FROM invoice") // want "query-unscoped"
}

func (s *Service) wrappers(ctx context.Context) {
	t, _ := tx.Begin(ctx, s.pool, "")
	t.Query(ctx, list)

	tx.With(ctx, s.pool, "", func(t pgx.Tx) error {
		t.Query(ctx, list)
		return db.New(t).List(ctx)
	})
	tx.Declared(ctx, s.pool, func(t pgx.Tx) error {
		_, err := t.Query(ctx, list)
		return err
	})
	pgx.BeginFunc(ctx, s.pool, func(t pgx.Tx) error {
		tx.Set(ctx, t, "")
		_, err := t.Query(ctx, list)
		return err
	})
	pgx.BeginFunc(ctx, s.pool, func(t pgx.Tx) error {
		_, err := t.Query(ctx, "SELECT id FROM invoice") // want "query-unscoped"
		return err
	})
}

// read needs a scoped handle, as its callers do that pass theirs on.
func read(ctx context.Context, t pgx.Tx) { t.Query(ctx, list) }

func readOn(ctx context.Context, t pgx.Tx) { read(ctx, t) }

// Read is for other packages.
func Read(ctx context.Context, t pgx.Tx) { readOn(ctx, t) } // want Read:"needs scope on 1 for public.invoice"

func (s *Service) obligations(ctx context.Context) {
	scoped, _ := tx.Begin(ctx, s.pool, "")
	readOn(ctx, scoped)
	plain, _ := s.pool.Begin(ctx)
	readOn(ctx, plain) // want "query-unscoped: statement on public.invoice runs on a transaction on which no tenant is set"
}

func (s *Service) batches(ctx context.Context) {
	b := &pgx.Batch{}
	b.Queue("SELECT id FROM invoice") // want "query-unscoped: .* a connection pool"
	s.pool.SendBatch(ctx, b)

	t, _ := tx.Begin(ctx, s.pool, "")
	c := &pgx.Batch{}
	c.Queue("SELECT id FROM invoice")
	t.SendBatch(ctx, c)
}

func (s *Service) repository(ctx context.Context) {
	t, _ := tx.Begin(ctx, s.pool, "")
	good := &reader{q: db.New(t)}
	good.list(ctx)
	bad := &reader{q: db.New(s.pool)}
	bad.list(ctx) // want "query-unscoped"
}

type reader struct{ q *db.Queries }

func (r *reader) list(ctx context.Context) { r.q.List(ctx) }

// fromElsewhere runs on a handle that cannot be followed.
func fromElsewhere(ctx context.Context) { current(ctx).Query(ctx, "SELECT id FROM invoice") }

var current func(context.Context) pgx.Tx

// itself runs on a handle that is made of itself alone.
func itself(ctx context.Context) func() {
	var t pgx.Tx
	t = t.(pgx.Tx)
	return func() { t.Query(ctx, "SELECT id FROM invoice") }
}

type chained struct {
	next *chained
	tx   pgx.Tx
}

// themselves runs on handles in structs that are read from themselves alone.
func themselves(ctx context.Context, id string) func() {
	var a, b *chained
	a = a.next
	b = b.next
	a.tx.Exec(ctx, "SELECT set_config('app.tenant_id', $1, true)", id)
	b.tx.Query(ctx, "SELECT id FROM invoice")
	return func() { print(&a, &b) }
}
