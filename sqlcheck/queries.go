package sqlcheck

import "github.com/tenantvet/tenantvet/pgschema/pgast"

// Query is one statement of a query file.
type Query struct {
	// Name is the name of its block ("-- name: X :many"); empty outside a block.
	Name      string
	Statement *pgast.Statement
}

// Queries parses a query file of sqlc, goyesql or dotsql, or a file of plain statements.
func Queries(file, text string) ([]Query, []*pgast.Error) { return nil, nil }
