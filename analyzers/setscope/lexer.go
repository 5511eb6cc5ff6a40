package setscope

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tenantvet/tenantvet/analyzers/internal/sqlflow"
)

// tokenKind is what a token of SQL is.
type tokenKind int

const (
	word tokenKind = iota // also a dotted name and a quoted identifier
	text                  // a string constant
	number
	parameter // $1, ?, :name, @name
	punct
)

// lexeme is one token of SQL text. Text is the content: without quotes, words in lower case unless
// they were quoted. Holes are the parts of the template inside it.
type lexeme struct {
	kind  tokenKind
	text  string
	holes []*sqlflow.Hole
}

// is reports whether the token is the given keyword, or punctuation.
func (t lexeme) is(keyword string) bool {
	return (t.kind == word || t.kind == punct) && len(t.holes) == 0 && t.text == keyword
}

// firstHole is the first of the private-use runes that stand for the holes of a template.
const firstHole = '\uE000'

// maxHoles bounds the holes that are told apart; the private-use area ends there.
const maxHoles = 6400

// lexer splits the text of a template into tokens. It reads what the parser of PostgreSQL refuses:
// SET with a parameter, statements with holes in any place.
type lexer struct {
	rest  string
	holes []*sqlflow.Hole
}

func tokensOf(t sqlflow.Template) []lexeme {
	l := &lexer{holes: t.Holes()}
	var b strings.Builder
	n := 0
	for _, p := range t.Pieces {
		b.WriteString(p.Text)
		if p.Hole != nil {
			b.WriteRune(firstHole + rune(min(n, maxHoles-1)))
			n++
		}
	}
	l.rest = b.String()
	var tokens []lexeme
	for l.skip(); l.rest != ""; l.skip() {
		tokens = append(tokens, l.next())
	}
	return tokens
}

// skip drops white space and comments.
func (l *lexer) skip() {
	for {
		l.rest = strings.TrimLeftFunc(l.rest, unicode.IsSpace)
		switch {
		case strings.HasPrefix(l.rest, "--"):
			_, l.rest, _ = strings.Cut(l.rest, "\n")
		case strings.HasPrefix(l.rest, "/*"):
			l.comment()
		default:
			return
		}
	}
}

// comment drops a block comment, which may nest (PostgreSQL manual, 4.1.5).
func (l *lexer) comment() {
	depth := 0
	for l.rest != "" {
		switch {
		case strings.HasPrefix(l.rest, "/*"):
			depth++
			l.rest = l.rest[2:]
		case strings.HasPrefix(l.rest, "*/"):
			depth--
			l.rest = l.rest[2:]
			if depth == 0 {
				return
			}
		default:
			l.rest = l.rest[1:]
		}
	}
}

func (l *lexer) next() lexeme {
	c, size := utf8.DecodeRuneInString(l.rest)
	switch {
	case c == '\'':
		return l.quoted('\'', text)
	case c == '"':
		return l.quoted('"', word)
	case (c == 'E' || c == 'e') && strings.HasPrefix(l.rest[1:], "'"):
		l.rest = l.rest[1:]
		return l.quoted('\'', text)
	case c == '$':
		if n := span(l.rest[1:], isDigit); n > 0 {
			return l.take(parameter, 1+n)
		}
		return l.dollar()
	case c == '?':
		return l.take(parameter, 1)
	case (c == ':' || c == '@') && !strings.HasPrefix(l.rest, "::") && span(l.rest[1:], isWord) > 0:
		return l.take(parameter, 1+span(l.rest[1:], isWord))
	case strings.HasPrefix(l.rest, "::"):
		return l.take(punct, 2)
	case isDigit(c):
		return l.take(number, span(l.rest, func(r rune) bool { return isDigit(r) || r == '.' }))
	case isWord(c):
		t := l.take(word, span(l.rest, func(r rune) bool { return isWord(r) || isDigit(r) || r == '.' || r == '$' }))
		t.text = strings.ToLower(t.text)
		return t
	}
	return l.take(punct, size)
}

// take makes a token of the next n bytes.
func (l *lexer) take(kind tokenKind, n int) lexeme {
	t := l.lexeme(kind, l.rest[:n])
	l.rest = l.rest[n:]
	return t
}

func (l *lexer) lexeme(kind tokenKind, content string) lexeme {
	t := lexeme{kind: kind, text: content}
	for _, r := range content {
		if i := int(r - firstHole); i >= 0 && i < len(l.holes) && r < firstHole+maxHoles {
			t.holes = append(t.holes, l.holes[i])
		}
	}
	return t
}

// quoted reads up to the closing quote; a doubled quote stands for itself.
func (l *lexer) quoted(quote byte, kind tokenKind) lexeme {
	var content strings.Builder
	i := 1
	for ; i < len(l.rest); i++ {
		if l.rest[i] == quote {
			if i+1 >= len(l.rest) || l.rest[i+1] != quote {
				break
			}
			i++
		}
		content.WriteByte(l.rest[i])
	}
	l.rest = l.rest[min(len(l.rest), i+1):]
	return l.lexeme(kind, content.String())
}

// dollar reads a dollar-quoted string, or the dollar alone.
func (l *lexer) dollar() lexeme {
	end := strings.IndexByte(l.rest[1:], '$')
	if end < 0 || span(l.rest[1:], isWord) != end {
		return l.take(punct, 1)
	}
	tag := l.rest[:end+2]
	content, rest, found := strings.Cut(l.rest[len(tag):], tag)
	if !found {
		rest = ""
	}
	l.rest = rest
	return l.lexeme(text, content)
}

func span(s string, in func(rune) bool) int {
	if i := strings.IndexFunc(s, func(r rune) bool { return !in(r) }); i >= 0 {
		return i
	}
	return len(s)
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' }

func isWord(r rune) bool {
	return r == '_' || unicode.IsLetter(r) || r >= firstHole && r < firstHole+maxHoles
}
