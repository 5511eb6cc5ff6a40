package tenancy

import (
	"slices"
	"strings"
)

// words walks the words of an SQL text, passing over comments and strings. It knows just enough of
// the lexical rules (PostgreSQL manual, section 4.1) not to take a comment or a string for code.
type words struct {
	text string
	at   int
	// kind is 'w' for a word, '"' and '`' for quoted names, '$' for a dollar quote or a numbered
	// parameter, else the character itself.
	kind byte
	// word is the word in lower case, or the quoted name as it is.
	word string
	// backticks counts the names in backticks, which PostgreSQL does not know.
	backticks int
}

// next goes to the next word or sign; it reports whether there is one.
func (w *words) next() bool {
	w.word = ""
	for w.at < len(w.text) {
		rest := w.text[w.at:]
		switch c := rest[0]; {
		case c <= ' ':
			w.at++
		case strings.HasPrefix(rest, "--"):
			w.at += until(rest, "\n")
		case strings.HasPrefix(rest, "/*"):
			w.at += until(rest, "*/")
		case c == '\'':
			w.at += 1 + until(rest[1:], "'")
		case c == '$':
			w.kind = c
			w.at += dollar(rest)
			return true
		case c == '"' || c == '`':
			w.kind = c
			n := until(rest[1:], string(c))
			w.word = strings.TrimSuffix(rest[1:1+n], string(c))
			if c == '`' {
				w.backticks++
			}
			w.at += 1 + n
			return true
		case isLetter(c):
			n := 1
			for n < len(rest) && (isLetter(rest[n]) || rest[n] >= '0' && rest[n] <= '9') {
				n++
			}
			w.kind, w.word = 'w', strings.ToLower(rest[:n])
			w.at += n
			return true
		default:
			w.kind = c
			w.at++
			return true
		}
	}
	return false
}

// peek reports whether the next word is that one.
func (w *words) peek(word string) bool {
	ahead := *w
	return ahead.next() && ahead.kind == 'w' && ahead.word == word
}

// skip passes over the next words as long as they are any of those.
func (w *words) skip(any ...string) {
	for {
		ahead := *w
		if !ahead.next() || ahead.kind != 'w' || !slices.Contains(any, ahead.word) {
			return
		}
		*w = ahead
	}
}

// name reads a possibly qualified name and returns its last part, folded as SameName does.
func (w *words) name() string {
	last := ""
	for {
		ahead := *w
		if !ahead.next() || ahead.kind != 'w' && ahead.kind != '"' && ahead.kind != '`' {
			return last
		}
		last = Fold(ahead.word)
		*w = ahead
		if !ahead.next() || ahead.kind != '.' {
			return last
		}
		*w = ahead
	}
}

// until returns the length of text up to and with the first end, or all of it.
func until(text, end string) int {
	if n := strings.Index(text, end); n >= 0 {
		return n + len(end)
	}
	return len(text)
}

// dollar returns the length of the dollar-quoted string at the start of text, or 1.
func dollar(text string) int {
	n := 1
	for n < len(text) && (isLetter(text[n]) || n > 1 && text[n] >= '0' && text[n] <= '9') {
		n++
	}
	if n >= len(text) || text[n] != '$' {
		return 1
	}
	return n + 1 + until(text[n+1:], text[:n+1])
}

func isLetter(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}
