// Package wrappers holds what other packages see through by facts.
package wrappers

import (
	"context"
	"fmt"

	"github.com/Masterminds/squirrel"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// DBTX is the interface that sqlc generates.
type DBTX interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

const Const = "SELECT 1 FROM constant"

var Var = "SELECT 1 FROM variable" // want Var:"SELECT 1 FROM variable"

// Changing is assigned outside its declaration.
var Changing = "SELECT 1 FROM changing"

func Change() { Changing = "SELECT 2 FROM changing" }

func ByID(table string) string { // want ByID:"returns SELECT \\* FROM {parameter} WHERE id = .1"
	return fmt.Sprintf("SELECT * FROM %s WHERE id = $1", table)
}

type Store struct{ Pool *pgxpool.Pool }

func (s *Store) Run(ctx context.Context, query string, args ...any) error { // want Run:"runs {parameter}"
	_, err := s.Pool.Exec(ctx, query, args...)
	return err
}

func (s *Store) Find(ctx context.Context, where string) (pgx.Rows, error) { // want Find:"runs SELECT id FROM invoice WHERE {parameter}"
	return s.Pool.Query(ctx, "SELECT id FROM invoice WHERE "+where)
}

// Nested runs its text through two wrappers.
func Nested(ctx context.Context, s *Store, table string) error { // want Nested:"runs DELETE FROM {parameter}"
	return s.Run(ctx, "DELETE FROM "+table)
}

func Active(b squirrel.SelectBuilder, kind string) squirrel.SelectBuilder { // want Active:"builds  WHERE \\(active = \\?\\) AND \\(kind = \\?\\)"
	return b.Where(squirrel.Eq{"active": true}).Where(squirrel.Eq{"kind": kind})
}

func Recursive(n int) string { // want Recursive:"returns ; returns {call} , "
	if n == 0 {
		return ""
	}
	return Recursive(n-1) + " , "
}
