package sqlcheck

import (
	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// Hole is what is known of text that is put into a statement at run time.
type Hole int

const (
	// NoHole marks literal text.
	NoHole Hole = iota
	// AnyText can be anything: an expression, a list of conditions, a whole clause, nothing.
	AnyText
	// ValueText is a number or a quoted literal.
	ValueText
	// NameText is a quoted identifier.
	NameText
)

// Part is a piece of SQL text, or a hole in it.
type Part struct {
	Text string
	Hole Hole
}

// Place says where a byte of a part stands in the source; the offset of a hole is 0.
type Place func(part, offset int) finding.Position

// Text is SQL text as one literal part.
func Text(text string) []Part { return []Part{{Text: text}} }

// Prepare parses SQL text as programs write it: with the placeholders ?, $1, :name and @name, with
// sqlc's macros, and with holes. Positions are those of the text as written. A nil place means that
// the parts make up a whole file.
func Prepare(file string, parts []Part, place Place) ([]*pgast.Statement, []*pgast.Error) {
	return pgast.Parse(pgast.NewSource(file, parts[0].Text))
}
