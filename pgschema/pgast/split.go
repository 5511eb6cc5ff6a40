package pgast

import "strings"

// span is a statement in a text, without leading blanks and comments and without its semicolon.
type span struct{ start, end int }

// split cuts a text at the semicolons that end statements, by the lexical rules of the PostgreSQL
// manual, section 4.1: semicolons in quotes, dollar quotes, comments, parentheses (CREATE RULE) and
// SQL-standard function bodies (BEGIN ATOMIC … END) do not end one.
func split(text string) []span {
	var spans []span
	l := lexer{text: text}
	start, last := -1, 0 // start of the statement, end of its last token
	depth, atomic := 0, 0
	begun := false // the last token is BEGIN
	for l.next() {
		switch {
		case l.kind == ';' && depth == 0 && atomic == 0:
			if start >= 0 {
				spans = append(spans, span{start, last})
			}
			start, begun = -1, false
			continue
		case l.kind == '(':
			depth++
		case l.kind == ')':
			depth = max(0, depth-1)
		case begun && l.is("atomic"):
			atomic = 1
		case atomic > 0 && l.is("case"):
			atomic++
		case atomic > 0 && l.is("end"):
			atomic--
		}
		if start < 0 {
			start = l.start
		}
		last, begun = l.end, l.is("begin")
	}
	if start >= 0 {
		spans = append(spans, span{start, last})
	}
	return spans
}

// lexer walks the tokens of a text, passing over blanks and comments. An unterminated quote or
// comment is a token that extends to the end of the text; the parser then says what is wrong with it.
type lexer struct {
	text       string
	start, end int
	kind       byte // first byte of the token; 'w' for a word, '\'' for any quoted string
}

func (l *lexer) next() bool {
	l.start = skipBlank(l.text, l.end)
	if l.start >= len(l.text) {
		return false
	}
	l.end = l.scan()
	return true
}

// is reports whether the token is an unquoted word, given in lower case.
func (l *lexer) is(word string) bool {
	return l.kind == 'w' && l.end-l.start == len(word) && strings.EqualFold(l.text[l.start:l.end], word)
}

// word is the token in lower case if it is an unquoted word.
func (l *lexer) word() string {
	if l.kind != 'w' {
		return ""
	}
	return strings.ToLower(l.text[l.start:l.end])
}

func (l *lexer) scan() int {
	rest := l.text[l.start:]
	l.kind = rest[0]
	switch c := rest[0]; {
	case c == '\'':
		return l.start + quoted(rest, '\'', false)
	case (c == 'e' || c == 'E') && len(rest) > 1 && rest[1] == '\'':
		l.kind = '\''
		return l.start + 1 + quoted(rest[1:], '\'', true)
	case strings.HasPrefix(rest, "/*"):
		return len(l.text)
	case c == '"':
		return l.start + quoted(rest, '"', false)
	case c == '$':
		if n := dollarQuoted(rest); n > 0 {
			l.kind = '\''
			return l.start + n
		}
		return l.start + 1 + wordLength(rest[1:])
	case isWordStart(c):
		l.kind = 'w'
		return l.start + wordLength(rest)
	}
	return l.start + 1
}

// skipBlank returns the offset of the first byte at or after i that is no blank and in no comment that
// ends.
func skipBlank(text string, i int) int {
	for i < len(text) {
		switch c := text[i]; {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v':
			i++
		case strings.HasPrefix(text[i:], "\ufeff"):
			i += len("\ufeff")
		case strings.HasPrefix(text[i:], "--"):
			n := strings.IndexByte(text[i:], '\n')
			if n < 0 {
				return len(text)
			}
			i += n + 1
		case strings.HasPrefix(text[i:], "/*"):
			n := blockComment(text[i:])
			if n == 0 {
				return i
			}
			i += n
		default:
			return i
		}
	}
	return i
}

// blockComment returns the length of the comment at the start of text, or 0 when nothing ends it; such
// comments nest.
func blockComment(text string) int {
	depth := 0
	for i := 0; i+1 < len(text); i++ {
		switch text[i : i+2] {
		case "/*":
			depth++
			i++
		case "*/":
			depth--
			i++
			if depth == 0 {
				return i + 1
			}
		}
	}
	return 0
}

// quoted returns the length of the quoted token at the start of text; a doubled quote stands for
// itself, and so does a quote behind a backslash where escapes apply.
func quoted(text string, quote byte, escapes bool) int {
	for i := 1; i < len(text); i++ {
		switch {
		case escapes && text[i] == '\\':
			i++
		case text[i] == quote && i+1 < len(text) && text[i+1] == quote:
			i++
		case text[i] == quote:
			return i + 1
		}
	}
	return len(text)
}

// dollarQuoted returns the length of the dollar-quoted string at the start of text, or 0.
func dollarQuoted(text string) int {
	n := 1
	for n < len(text) && isWord(text[n]) && text[n] != '$' {
		n++
	}
	if n >= len(text) || text[n] != '$' || (n > 1 && text[1] >= '0' && text[1] <= '9') {
		return 0
	}
	tag := text[:n+1]
	if end := strings.Index(text[len(tag):], tag); end >= 0 {
		return end + 2*len(tag)
	}
	return len(text)
}

func wordLength(text string) int {
	n := 0
	for n < len(text) && isWord(text[n]) {
		n++
	}
	return n
}

func isWordStart(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

func isWord(c byte) bool { return isWordStart(c) || c == '$' || c >= '0' && c <= '9' }
