package sqlcheck

import (
	"regexp"
	"slices"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// Query is one statement of a query file.
type Query struct {
	// Name is the name of its block ("-- name: X :many"); empty outside a block.
	Name      string
	Statement *pgast.Statement
}

// nameLine begins a block of sqlc ("-- name: ListUsers :many"), goyesql and dotsql ("--name: list-users").
var nameLine = regexp.MustCompile(`(?m)^[ \t]*(?:--|/\*)[ \t]*name[ \t]*:[ \t]*([^\s:*]+)`)

// Queries parses a query file of sqlc, goyesql or dotsql, or a file of plain statements. Each block is
// read by itself, as its last statement needs no semicolon and its parameters are its own.
func Queries(file, text string) ([]Query, []*pgast.Error) {
	lines := pgast.NewSource(file, text)
	starts := [][]int{{0, 0, 0, 0}}
	starts = append(starts, nameLine.FindAllStringSubmatchIndex(text, -1)...)
	var queries []Query
	var broken []*pgast.Error
	for k, at := range starts {
		end := len(text)
		if k+1 < len(starts) {
			end = starts[k+1][0]
		}
		begin := at[0]
		place := func(_, offset int) finding.Position { return lines.Position(begin + offset) }
		statements, errs := parseBlock(file, text[begin:end], place)
		for _, s := range statements {
			queries = append(queries, Query{Name: text[at[2]:at[3]], Statement: s})
		}
		broken = append(broken, errs...)
	}
	return queries, broken
}

// templateHole is text that a program replaces before it runs the query: %s, %[1]d, %order%, {{ .X }}.
var templateHole = regexp.MustCompile(`%[A-Za-z_]{2,}%|%(?:\[\d+\])?[sdvq]\b|\{\{[^{}]*\}\}`)

// parseBlock parses a block, at first as it stands and, where that fails, with what looks like holes
// taken for holes.
func parseBlock(file, text string, place Place) ([]*pgast.Statement, []*pgast.Error) {
	statements, broken := Prepare(file, Text(text), place)
	spans := templateHole.FindAllStringIndex(text, -1)
	if len(broken) == 0 || len(spans) == 0 {
		return statements, broken
	}
	var parts []Part
	var starts []int
	last := 0
	for _, span := range append(spans, []int{len(text), len(text)}) {
		starts = append(starts, last)
		parts = append(parts, Part{Text: text[last:span[0]]})
		if span[0] < span[1] {
			starts = append(starts, span[0])
			parts = append(parts, Part{Hole: AnyText})
		}
		last = span[1]
	}
	filled, still := Prepare(file, parts, func(part, offset int) finding.Position { return place(0, starts[part]+offset) })
	if len(still) > 0 {
		return statements, broken
	}
	return slices.Clip(filled), nil
}
