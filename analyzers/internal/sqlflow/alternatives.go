package sqlflow

import (
	"go/token"

	"golang.org/x/tools/go/ssa"
)

// maxAlternatives bounds the alternatives of one text. Beyond it the part that would multiply them
// becomes a hole.
const maxAlternatives = 16

func literal(text string, places ...Place) []Template {
	if text == "" {
		return []Template{{}}
	}
	return []Template{{Pieces: []Piece{{Text: text, Places: places}}}}
}

func hole(code string, v ssa.Value) []Template {
	h := &Hole{Code: code, Param: -1}
	if v != nil {
		h.Pos = v.Pos()
	}
	return []Template{{Pieces: []Piece{{Hole: h}}}}
}

func typedHole(kind HoleKind, v ssa.Value) []Template {
	t := hole(codeValue, v)
	t[0].Pieces[0].Hole.Kind = kind
	return t
}

func parameterHole(p *ssa.Parameter) []Template {
	index := -1
	for i, q := range p.Parent().Params {
		if p == q {
			index = i
		}
	}
	return []Template{{Pieces: []Piece{{Hole: &Hole{Code: codeParameter, Param: index, Pos: p.Pos(), param: p}}}}}
}

// union joins alternatives, dropping repetitions. Alternatives beyond the bound become one hole.
func union(sets ...[]Template) []Template {
	var all []Template
	seen := map[string]bool{}
	for _, set := range sets {
		for _, t := range set {
			if k := t.key(); !seen[k] {
				seen[k] = true
				all = append(all, t)
			}
		}
	}
	if len(all) > maxAlternatives {
		all = append(all[:maxAlternatives-1:maxAlternatives-1], hole(codeBudget, nil)...)
	}
	return all
}

// concat returns every text of a followed by every text of b.
func concat(sets ...[]Template) []Template {
	all := []Template{{}}
	for _, set := range sets {
		if len(all)*len(set) > maxAlternatives {
			set = hole(codeBudget, nil)
		}
		next := make([]Template, 0, len(all)*len(set))
		for _, left := range all {
			for _, right := range set {
				pieces := make([]Piece, 0, len(left.Pieces)+len(right.Pieces))
				next = append(next, Template{Pieces: append(append(pieces, left.Pieces...), right.Pieces...)})
			}
		}
		all = next
	}
	return all
}

// each replaces every template of a set by the templates that f makes of it.
func each(set []Template, f func(Template) []Template) []Template {
	sets := make([][]Template, len(set))
	for i, t := range set {
		sets[i] = f(t)
	}
	return union(sets...)
}

// substitute fills the holes that are parameters of a function; value gives the text of the i-th
// argument of the call, nil for one that is no text.
func substitute(set []Template, value func(h *Hole) []Template) []Template {
	return each(set, func(t Template) []Template {
		parts := make([][]Template, len(t.Pieces))
		for i, p := range t.Pieces {
			parts[i] = []Template{{Pieces: []Piece{p}}}
			if p.Hole != nil {
				if filled := value(p.Hole); filled != nil {
					parts[i] = filled
				}
			}
		}
		return concat(parts...)
	})
}

// cut returns the part of a literal piece between two offsets.
func (p Piece) cut(from, to int) []Template {
	if from >= to {
		return []Template{{}}
	}
	part := Piece{Text: p.Text[from:to]}
	for i, place := range p.Places {
		last := i+1 == len(p.Places) || p.Places[i+1].Offset > from
		switch {
		case place.Offset >= to:
		case place.Offset > from:
			place.Offset -= from
			part.Places = append(part.Places, place)
		case last:
			part.Places = append(part.Places, place.advance(from-place.Offset))
		}
	}
	return []Template{{Pieces: []Piece{part}}}
}

// advance returns the place n bytes further, as the first of its piece.
func (p Place) advance(n int) Place {
	p.Offset = 0
	if p.Fixed {
		return p
	}
	if p.file != nil {
		p.at += n
		return p
	}
	p.Pos += token.Pos(n)
	return p
}
