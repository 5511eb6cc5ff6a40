package store

import (
	"context"
	"database/sql"
	"fmt"
)

// Sorted is only called through an interface, so nobody here says what it is given.
type Sorted interface {
	Sorted(ctx context.Context, by string) error // want Sorted:"reaches invoice by key"
	Where(ctx context.Context, condition string) error
	Status(ctx context.Context, status string) error // want Status:"reaches invoice by key"
	Mine(ctx context.Context, by string) error
}

type sorted struct{ db *sql.DB }

func (s *sorted) Sorted(ctx context.Context, by string) error { // want Sorted:"reaches invoice by key"
	_, err := s.db.QueryContext(ctx, "SELECT id FROM invoice ORDER BY "+by) // want "query-unscoped: the statement reads rows of every tenant"
	return err
}

// The condition may name the tenant.
func (s *sorted) Where(ctx context.Context, condition string) error {
	_, err := s.db.QueryContext(ctx, "SELECT id FROM invoice WHERE "+condition)
	return err
}

func (s *sorted) Status(ctx context.Context, status string) error { // want Status:"reaches invoice by key"
	_, err := s.db.ExecContext(ctx, fmt.Sprintf("UPDATE invoice SET status = '%s'", status)) // want "query-unscoped: the statement updates rows of every tenant"
	return err
}

func (s *sorted) Mine(ctx context.Context, by string) error {
	_, err := s.db.QueryContext(ctx, "SELECT id FROM invoice WHERE tenant_id = $1 ORDER BY "+by, "")
	return err
}

// where is called by name, so its callers decide.
func where(ctx context.Context, db *sql.DB, condition string) {
	db.QueryContext(ctx, "SELECT status FROM invoice WHERE "+condition)
}

func whereMine(ctx context.Context, db *sql.DB) { where(ctx, db, "tenant_id = $1") }
