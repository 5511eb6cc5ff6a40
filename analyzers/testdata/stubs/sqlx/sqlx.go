// Package sqlx is a stub.
package sqlx

import (
	"context"
	"database/sql"
)

type DB struct{ *sql.DB }

func (*DB) Get(dest any, query string, args ...any) error                                { return nil }
func (*DB) Select(dest any, query string, args ...any) error                             { return nil }
func (*DB) SelectContext(ctx context.Context, dest any, query string, args ...any) error { return nil }
func (*DB) GetContext(ctx context.Context, dest any, query string, args ...any) error    { return nil }
func (*DB) NamedExec(query string, arg any) (sql.Result, error)                          { return nil, nil }
func (*DB) NamedExecContext(ctx context.Context, query string, arg any) (sql.Result, error) {
	return nil, nil
}
func (*DB) Queryx(query string, args ...any) (*Rows, error) { return nil, nil }
func (*DB) MustExec(query string, args ...any) sql.Result   { return nil }
func (*DB) Preparex(query string) (*Stmt, error)            { return nil, nil }
func (*DB) Rebind(query string) string                      { return "" }
func (*DB) Beginx() (*Tx, error)                            { return nil, nil }

type Tx struct{ *sql.Tx }

func (*Tx) Get(dest any, query string, args ...any) error { return nil }

type Rows struct{ *sql.Rows }

type Stmt struct{ *sql.Stmt }

type Queryer interface {
	Query(query string, args ...any) (*sql.Rows, error)
}

func In(query string, args ...any) (string, []any, error)         { return "", nil, nil }
func Get(q Queryer, dest any, query string, args ...any) error    { return nil }
func Select(q Queryer, dest any, query string, args ...any) error { return nil }
