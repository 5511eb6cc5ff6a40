package sqlflow

import (
	"go/token"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/finding"
)

// Template is SQL text as far as it is known: literal pieces with holes between them.
type Template struct{ Pieces []Piece }

// Piece is literal text or a hole. Exactly one of Text and Hole is set.
type Piece struct {
	Text string
	// Places say where the text stands, by ascending offset; empty when only the call is known.
	Places []Place
	Hole   *Hole
}

// Place says where the byte at Offset of a piece stands in the source. The bytes behind it follow
// one by one, up to the next place, unless Fixed.
type Place struct {
	Offset int
	Pos    token.Pos
	// Fixed says that the text is not at Pos itself: a constant of another package is used there.
	Fixed bool
	// External is the place in a file that is not Go, such as an embedded one; Pos is then the
	// variable that holds it.
	External finding.Position
}

// HoleKind says what is known of the text that fills a hole.
type HoleKind int

const (
	// Text holes can be filled with anything.
	Text HoleKind = iota
	// Number holes hold a number or a boolean.
	Number
	// Identifier holes hold a quoted identifier.
	Identifier
	// Literal holes hold a quoted SQL literal.
	Literal
)

// Hole is a part of a template that is not known.
type Hole struct {
	Kind HoleKind
	// Code is the reason why it is not known, in one word: "parameter", "loop", "call", "global",
	// "field", "index", "budget".
	Code string
	// Param is the index of the function's parameter (receiver included) that fills the hole, or -1.
	Param int
	// Pos is where the value of the hole arises.
	Pos token.Pos
}

// Reasons for holes.
const (
	codeParameter = "parameter"
	codeLoop      = "loop"
	codeCall      = "call"
	codeGlobal    = "global"
	codeField     = "field"
	codeValue     = "value"
	codeBudget    = "budget"
)

// Constant reports whether the whole text is known.
func (t Template) Constant() bool {
	return !slices.ContainsFunc(t.Pieces, func(p Piece) bool { return p.Hole != nil })
}

// Holes returns the holes in order.
func (t Template) Holes() []*Hole {
	var holes []*Hole
	for _, p := range t.Pieces {
		if p.Hole != nil {
			holes = append(holes, p.Hole)
		}
	}
	return holes
}

// Param returns the parameter that is the whole text, or -1.
func (t Template) Param() int {
	if len(t.Pieces) == 1 && t.Pieces[0].Hole != nil {
		return t.Pieces[0].Hole.Param
	}
	return -1
}

// Text returns the text with each hole written as fill says; nil writes nothing.
func (t Template) Text(fill func(i int, h *Hole) string) string {
	var b strings.Builder
	n := 0
	for _, p := range t.Pieces {
		switch {
		case p.Hole == nil:
			b.WriteString(p.Text)
		case fill != nil:
			b.WriteString(fill(n, p.Hole))
		}
		if p.Hole != nil {
			n++
		}
	}
	return b.String()
}

func (t Template) String() string {
	return t.Text(func(_ int, h *Hole) string { return "{" + h.Code + "}" })
}

// key tells templates apart by their text; places do not matter.
func (t Template) key() string {
	var b strings.Builder
	for _, p := range t.Pieces {
		if p.Hole != nil {
			b.WriteByte(0)
			b.WriteByte(byte(p.Hole.Kind))
			b.WriteByte(byte(p.Hole.Param + 1))
			b.WriteString(p.Hole.Code)
			b.WriteByte(0)
		}
		b.WriteString(p.Text)
	}
	return b.String()
}
