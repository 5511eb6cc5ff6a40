// Package bun is a stub.
package bun

import (
	"context"
	"database/sql"
)

type DB struct{}

func (db *DB) ExecContext(ctx context.Context, query string, args ...interface{}) (sql.Result, error) {
	return nil, nil
}

type Tx struct{}

func (tx Tx) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	return nil, nil
}
