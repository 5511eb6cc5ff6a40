// Package orm sets the tenant through GORM and bun.
package orm

import (
	"context"

	"github.com/uptrace/bun"
	"gorm.io/gorm"
)

type store struct {
	db  *gorm.DB
	bun *bun.DB
}

func (s *store) onPool(ctx context.Context, id string) {
	s.db.WithContext(ctx).Exec("SELECT set_config('app.tenant_id', ?, true)", id) // want `set-outside-transaction`
	s.db.Exec("SET app.tenant_id = ?", id)                                        // want `set-with-parameter` `set-not-local`
}

func (s *store) inTransaction(ctx context.Context, id string) error {
	tx := s.db.Begin()
	tx.Exec("SELECT set_config('app.tenant_id', ?, true)", id)
	return s.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		return tx.Exec("SELECT set_config('app.tenant_id', ?, true)", id).Error
	})
}

// bun writes the values into the text.
func (s *store) bunSet(ctx context.Context, tx bun.Tx, id string) {
	tx.ExecContext(ctx, "SET LOCAL app.tenant_id = ?", id)
	s.bun.ExecContext(ctx, "SET LOCAL app.tenant_id = ?", id) // want `set-outside-transaction`
}

func later(db *gorm.DB, id string) {
	defer db.Exec("SET app.tenant_id = '" + id + "'") // want `set-injection`
}
