// Package pgast is the only package that knows the PostgreSQL parser (libpg_query). It splits SQL
// text into statements with their positions and names the parser's tree types, so that a newer
// parser is a change of this package alone.
package pgast

//go:generate go run generate.go
