// Package gorm is a stub.
package gorm

import (
	"context"
	"database/sql"
)

type DB struct{ Error error }

func (db *DB) Begin(opts ...*sql.TxOptions) *DB                                      { return db }
func (db *DB) Exec(sql string, values ...interface{}) (tx *DB)                       { return db }
func (db *DB) Raw(sql string, values ...interface{}) (tx *DB)                        { return db }
func (db *DB) WithContext(ctx context.Context) *DB                                   { return db }
func (db *DB) Transaction(fc func(tx *DB) error, opts ...*sql.TxOptions) (err error) { return nil }
