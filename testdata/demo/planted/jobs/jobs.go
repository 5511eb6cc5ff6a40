// Package jobs runs at night, over all tenants on purpose, and says so badly.
package jobs

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// Purge removes old drafts.
//
//tenantvet:cross-tenant
func Purge(ctx context.Context, owner *pgx.Conn) error { // planted above: suppression-without-reason
	_, err := owner.Exec(ctx, "DELETE FROM invoices WHERE draft AND created_at < now() - interval '90 days'") // planted: query-unscoped
	return err
}

// Archive removes old reminders of one tenant.
func Archive(ctx context.Context, tx pgx.Tx, tenantID string) error {
	//tenantvet:ignore query-unscoped all tenants at once // planted: suppression-unused
	_, err := tx.Exec(ctx, "DELETE FROM reminders WHERE tenant_id = $1", tenantID)
	return err
}

// Count counts reminders.
func Count(ctx context.Context, owner *pgx.Conn) (n int, err error) {
	//tenantvet:ignore query-unscopd a figure for the operators // planted: suppression-unknown-rule
	err = owner.QueryRow(ctx, "SELECT count(*) FROM reminders").Scan(&n) // planted: query-unscoped
	return n, err
}
