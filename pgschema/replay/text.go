package replay

import (
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// The parser says where an expression begins, not where it ends. The functions here find the
// source text of expressions from the words and parentheses around them.

// textFrom is the text of the current statement from a node location on.
func (r *replayer) textFrom(location int32) string {
	text := r.stmt.Text()
	return text[min(max(0, int(location)), len(text)):]
}

// afterWords returns the text behind the first occurrence of the words outside parentheses.
func afterWords(text string, words ...string) (string, bool) {
	depth, matched := 0, 0
	for l := range pgast.Lexemes(text) {
		depth += nesting(l)
		switch {
		case depth != 0:
			matched = 0
		case l.Word == words[matched]:
			matched++
		case l.Word == words[0]:
			matched = 1
		default:
			matched = 0
		}
		if matched == len(words) {
			return text[l.End:], true
		}
	}
	return "", false
}

// nesting is 1 for an opening, -1 for a closing parenthesis or bracket.
func nesting(l pgast.Lexeme) int {
	switch l.Kind {
	case '(', '[':
		return 1
	case ')', ']':
		return -1
	}
	return 0
}

// group returns the text inside the first parentheses.
func group(text string) string {
	depth, start, end := 0, -1, -1
	for l := range pgast.Lexemes(text) {
		if depth += nesting(l); depth == 0 && start >= 0 {
			break
		}
		switch {
		case start < 0 && l.Kind == '(':
			start = l.End
		case start >= 0:
			end = l.End
		}
	}
	if end < 0 {
		return ""
	}
	return strings.TrimSpace(text[start:end])
}

// groupAfter returns the text inside the parentheses that follow the words.
func groupAfter(text string, words ...string) string {
	rest, ok := afterWords(text, words...)
	if !ok {
		return ""
	}
	return group(rest)
}

// until returns the text up to the end, the closing parenthesis of the surrounding list, or the
// first lexeme outside parentheses at which stop says so.
func until(text string, stop func(pgast.Lexeme) bool) string {
	depth, start, end := 0, -1, -1
	for l := range pgast.Lexemes(text) {
		if depth += nesting(l); depth < 0 || depth == 0 && start >= 0 && stop(l) {
			break
		}
		if start < 0 {
			start = l.Start
		}
		end = l.End
	}
	if start < 0 {
		return ""
	}
	return text[start:end]
}

// toEnd returns the text behind the words up to the end of the statement.
func toEnd(text string, words ...string) string {
	rest, _ := afterWords(text, words...)
	return until(rest, func(pgast.Lexeme) bool { return false })
}

// columnStops are the words that end a DEFAULT expression in a column definition.
var columnStops = []string{
	"not", "null", "primary", "unique", "check", "references", "constraint", "default", "generated",
	"collate", "deferrable", "initially",
}

// defaultText is the expression behind the DEFAULT at the start of the text.
func defaultText(text string) string {
	rest, _ := afterWords(text, "default")
	return until(rest, func(l pgast.Lexeme) bool { return l.Kind == ',' || slices.Contains(columnStops, l.Word) })
}

// items returns the texts of the elements of a list, cut at its commas.
func items(list string) []string {
	var texts []string
	depth, start, end := 0, -1, 0
	for l := range pgast.Lexemes(list) {
		depth += nesting(l)
		if depth == 0 && l.Kind == ',' {
			texts = append(texts, list[max(start, 0):end])
			start = -1
			continue
		}
		if start < 0 {
			start = l.Start
		}
		end = l.End
	}
	if start >= 0 {
		texts = append(texts, list[start:end])
	}
	return texts
}

// elementText is the expression of an index element, without ordering and operator class.
func elementText(element string) string {
	if strings.HasPrefix(element, "(") {
		return group(element)
	}
	depth := 0
	for l := range pgast.Lexemes(element) {
		before := depth
		if depth += nesting(l); depth == 0 && before > 0 {
			return element[:l.End]
		}
	}
	return element
}
