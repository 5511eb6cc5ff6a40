package report

import (
	"os"
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"
)

// widest is the number of characters of a source line that is shown around the caret.
const widest = 120

// sources reads the lines that findings point at, each file once.
type sources struct {
	dir   string
	lines map[string][]string
}

// line returns a line of a file; empty when the file cannot be read or is shorter.
func (s *sources) line(file string, n int) string {
	if s.lines == nil {
		s.lines = map[string][]string{}
	}
	lines, ok := s.lines[file]
	if !ok {
		path := file
		if !filepath.IsAbs(path) {
			path = filepath.Join(s.dir, filepath.FromSlash(file))
		}
		if text, err := os.ReadFile(path); err == nil {
			lines = strings.Split(string(text), "\n")
		}
		s.lines[file] = lines
	}
	if n < 1 || n > len(lines) {
		return ""
	}
	return strings.TrimRight(lines[n-1], "\r")
}

// excerpt returns what to show of a line and how many characters stand before the caret in it; a
// column of 0 gives no caret, -1.
func excerpt(line string, column int) (text string, caret int) {
	if column > len(line)+1 {
		column = 0
	}
	caret = -1
	var shown []rune
	for i, r := range line {
		if i >= column-1 && caret < 0 && column > 0 {
			caret = len(shown)
		}
		switch {
		case r == '\t':
			shown = append(shown, ' ', ' ', ' ', ' ')
		case r == utf8.RuneError || unicode.IsControl(r):
			shown = append(shown, '\u00b7') // a source file must not steer the terminal
		default:
			shown = append(shown, r)
		}
	}
	if column > 0 && caret < 0 {
		caret = len(shown)
	}
	if from := caret - widest*3/4; from > 0 && len(shown) > widest {
		shown = append([]rune{'…'}, shown[from:]...)
		caret -= from - 1
	}
	if len(shown) > widest {
		shown = append(shown[:widest-1], '…')
	}
	return string(shown), caret
}
