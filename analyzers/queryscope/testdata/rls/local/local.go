// Package local keeps a copy in SQLite, where the schema of PostgreSQL says nothing.
package local

import (
	"context"
	"database/sql"

	_ "modernc.org/sqlite"
)

func Count(ctx context.Context, db *sql.DB) error {
	return db.QueryRowContext(ctx, "SELECT count(*) FROM invoice").Err()
}
