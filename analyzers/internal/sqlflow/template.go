package sqlflow

import (
	"fmt"
	"go/token"
	"slices"
	"sort"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
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

	// file is the embedded file that holds the text from offset at on; Pos is then the variable.
	file *pgast.Source
	at   int
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
	// Code is the reason why it is not known, in one word: "parameter", "loop", "call",
	// "variable", "field", "value", "budget".
	Code string
	// Param is the index of the function's parameter (receiver included) that fills the hole, or -1.
	Param int
	// Pos is where the value of the hole arises.
	Pos token.Pos

	param *ssa.Parameter // the parameter itself, within its package
	loop  *ssa.Phi       // for "loop", the variable that is met again
}

// Reasons for holes.
const (
	codeParameter = "parameter"
	codeLoop      = "loop"
	codeCall      = "call"
	codeGlobal    = "variable"
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

// At returns where a byte of a piece stands: a position in Go code, NoPos when the byte has no known
// source, and for text of an embedded file also the place there.
func (t Template) At(piece, offset int) (token.Pos, finding.Position) {
	p := t.Pieces[piece]
	if p.Hole != nil {
		return p.Hole.Pos, finding.Position{}
	}
	i := sort.Search(len(p.Places), func(i int) bool { return p.Places[i].Offset > offset }) - 1
	if i < 0 {
		return token.NoPos, finding.Position{}
	}
	place := p.Places[i]
	behind := offset - place.Offset
	switch {
	case place.file != nil:
		return place.Pos, place.file.Position(place.at + behind)
	case place.Fixed || !place.Pos.IsValid():
		return place.Pos, finding.Position{}
	}
	return place.Pos + token.Pos(behind), finding.Position{}
}

// String writes the text with each hole as its reason in braces.
func (t Template) String() string {
	var b strings.Builder
	for _, p := range t.Pieces {
		if p.Hole != nil {
			b.WriteString("{" + p.Hole.Code + "}")
		}
		b.WriteString(p.Text)
	}
	return b.String()
}

// key tells templates apart by their text; places do not matter.
func (t Template) key() string {
	var b strings.Builder
	for _, p := range t.Pieces {
		if p.Hole != nil {
			fmt.Fprintf(&b, "\x00%d %d %s\x00", p.Hole.Kind, p.Hole.Param, p.Hole.Code)
		}
		b.WriteString(p.Text)
	}
	return b.String()
}
