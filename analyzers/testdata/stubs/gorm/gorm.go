// Package gorm is a stub.
package gorm

import (
	"context"
	"database/sql"
	"time"

	"gorm.io/gorm/clause"
)

type DB struct{ Error error }

// Model is embedded in the structs of rows.
type Model struct {
	ID        uint `gorm:"primarykey"`
	CreatedAt time.Time
	UpdatedAt time.Time
}

type Session struct {
	DryRun bool
	NewDB  bool
}

func (db *DB) Begin(opts ...*sql.TxOptions) *DB                                      { return db }
func (db *DB) Exec(sql string, values ...interface{}) (tx *DB)                       { return db }
func (db *DB) Raw(sql string, values ...interface{}) (tx *DB)                        { return db }
func (db *DB) WithContext(ctx context.Context) *DB                                   { return db }
func (db *DB) Session(config *Session) *DB                                           { return db }
func (db *DB) Transaction(fc func(tx *DB) error, opts ...*sql.TxOptions) (err error) { return nil }

func (db *DB) Model(value interface{}) (tx *DB)                        { return db }
func (db *DB) Table(name string, args ...interface{}) (tx *DB)         { return db }
func (db *DB) Select(query interface{}, args ...interface{}) (tx *DB)  { return db }
func (db *DB) Where(query interface{}, args ...interface{}) (tx *DB)   { return db }
func (db *DB) Not(query interface{}, args ...interface{}) (tx *DB)     { return db }
func (db *DB) Or(query interface{}, args ...interface{}) (tx *DB)      { return db }
func (db *DB) Joins(query string, args ...interface{}) (tx *DB)        { return db }
func (db *DB) Preload(query string, args ...interface{}) (tx *DB)      { return db }
func (db *DB) Scopes(funcs ...func(*DB) *DB) (tx *DB)                  { return db }
func (db *DB) Clauses(conds ...clause.Expression) (tx *DB)             { return db }
func (db *DB) Order(value interface{}) (tx *DB)                        { return db }
func (db *DB) Limit(limit int) (tx *DB)                                { return db }
func (db *DB) Find(dest interface{}, conds ...interface{}) (tx *DB)    { return db }
func (db *DB) First(dest interface{}, conds ...interface{}) (tx *DB)   { return db }
func (db *DB) Take(dest interface{}, conds ...interface{}) (tx *DB)    { return db }
func (db *DB) Last(dest interface{}, conds ...interface{}) (tx *DB)    { return db }
func (db *DB) Scan(dest interface{}) (tx *DB)                          { return db }
func (db *DB) Count(count *int64) (tx *DB)                             { return db }
func (db *DB) Pluck(column string, dest interface{}) (tx *DB)          { return db }
func (db *DB) Update(column string, value interface{}) (tx *DB)        { return db }
func (db *DB) Updates(values interface{}) (tx *DB)                     { return db }
func (db *DB) Delete(value interface{}, conds ...interface{}) (tx *DB) { return db }
func (db *DB) Create(value interface{}) (tx *DB)                       { return db }
func (db *DB) Save(value interface{}) (tx *DB)                         { return db }
