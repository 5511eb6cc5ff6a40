package pgast

import "iter"

// Lexeme is a lexical token of SQL text; blanks and comments are none.
type Lexeme struct {
	Start, End int
	// Kind is 'w' for a word, '\'' for a quoted string of any form, '"' for a quoted identifier,
	// otherwise the first byte of the token.
	Kind byte
	// Word is an unquoted word in lower case.
	Word string
}

// Lexemes returns the tokens of SQL text in order.
func Lexemes(text string) iter.Seq[Lexeme] {
	return func(yield func(Lexeme) bool) {
		for l := (lexer{text: text}); l.next(); {
			if !yield(Lexeme{Start: l.start, End: l.end, Kind: l.kind, Word: l.word()}) {
				return
			}
		}
	}
}
