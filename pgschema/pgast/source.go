package pgast

import (
	"sort"
	"strings"

	"github.com/tenantvet/tenantvet/finding"
)

// Source is SQL text with its place in a file. Offsets count bytes from the start of Text.
type Source struct {
	// File is the name that positions carry.
	File string
	Text string
	// Gaps are offsets where further text may stand that is not known: a statement with a gap may say
	// more than its tree.
	Gaps []int
	// Parameters are placeholders as they were written, such as "?" and "@name", by the number of the
	// parameter that stands for them in Text.
	Parameters map[int]string
	// place maps an offset to a position where the text is not a file of its own.
	place func(offset int) finding.Position
	lines []int // offsets of line starts
}

// NewSource makes a source of a whole file.
func NewSource(file, text string) *Source {
	s := &Source{File: file, Text: text, lines: []int{0}}
	for i := 0; ; {
		n := strings.IndexByte(text[i:], '\n')
		if n < 0 {
			return s
		}
		i += n + 1
		s.lines = append(s.lines, i)
	}
}

// NewEmbedded makes a source of text that stands inside another file, such as SQL in a Go string;
// place says where an offset of the text is.
func NewEmbedded(file, text string, place func(offset int) finding.Position) *Source {
	return &Source{File: file, Text: text, place: place}
}

// Position returns the place of an offset; an offset outside the text is brought to its nearest end.
func (s *Source) Position(offset int) finding.Position {
	offset = max(0, min(offset, len(s.Text)))
	if s.place != nil {
		return s.place(offset)
	}
	line := sort.SearchInts(s.lines, offset+1) - 1
	return finding.Position{File: s.File, Line: line + 1, Column: offset - s.lines[line] + 1}
}
