package pgast

import (
	"errors"
	"strings"
	"unicode/utf8"

	pg_query "github.com/pganalyze/pg_query_go/v5"
	"github.com/pganalyze/pg_query_go/v5/parser"
	"google.golang.org/protobuf/proto"
)

// maxDepth is how deeply the messages of a tree may nest; an operator takes two. The C code that
// writes a tree as SQL recurses and overflows its stack not far above.
const maxDepth = 5000

// maxChain is how many tokens may extend one expression or join. The parser keeps chains of operators
// on its own stack and checks only brackets; the C code that hands out its tree recurses.
const maxChain = 20_000

var errTooDeep = errors.New("nested too deeply, or too many operators in a row, to be read")

// maxJSON is how long a text may be whose tree is read from JSON, in bytes. Short names make some fifty times
// as much JSON, for which the C code has a limit that nothing survives.
const maxJSON = 1 << 18

// parse returns the statements of a text, refusing what the C code would not survive.
func parse(text string) ([]*Node, error) {
	if len(text) > maxChain && longestChain(text) > maxChain {
		return nil, errTooDeep
	}
	if len(text) <= maxJSON {
		json, err := parser.ParseToJSON(text)
		if err != nil {
			return nil, err
		}
		if statements, certain := decode(json, text); certain {
			return statements, nil
		}
	}
	return parseProtobuf(text)
}

// parseProtobuf reads the tree from protobuf, which says everything.
func parseProtobuf(text string) ([]*Node, error) {
	encoded, err := parser.ParseToProtobuf(text)
	if err != nil {
		return nil, err
	}
	tree := &pg_query.ParseResult{}
	if err := (proto.UnmarshalOptions{RecursionLimit: maxDepth}).Unmarshal(encoded, tree); err != nil {
		return nil, errTooDeep // the parser's own output can be wrong in no other way
	}
	statements := make([]*Node, len(tree.Stmts))
	for i, s := range tree.Stmts {
		statements[i] = s.Stmt
	}
	return statements, nil
}

// longestChain returns an upper bound of the levels of a text's tree. What stands between commas, AND
// and OR, which the parser keeps in flat lists, nests in itself only; set operations and joins nest
// across them.
func longestChain(text string) int {
	type level struct{ tokens, arms int }
	levels := []level{{}}
	longest, total := 0, 0
	for l := (lexer{text: text}); l.next(); {
		top := &levels[len(levels)-1]
		word := l.word()
		switch {
		case l.kind == '(' || l.kind == '[' || word == "case":
			levels = append(levels, level{})
			total++
		case l.kind == ')' || l.kind == ']' || word == "end":
			if len(levels) > 1 {
				total -= 1 + top.tokens + top.arms
				levels = levels[:len(levels)-1]
			}
		case l.kind == ',' || l.kind == ';' || word == "and" || word == "or":
			total -= top.tokens
			top.tokens = 0
		case word == "union" || word == "intersect" || word == "except" || word == "join":
			top.arms++
			total++
		default:
			top.tokens++
			total++
		}
		longest = max(longest, total)
	}
	return longest
}

// invalid returns the offset of the first byte that PostgreSQL cannot hold in a text (NUL, or not
// UTF-8) and what is wrong with it, or -1.
func invalid(text string) (int, string) {
	if i := strings.IndexByte(text, 0); i >= 0 {
		return i, "NUL byte in SQL text; save the file as UTF-8"
	}
	if utf8.ValidString(text) {
		return -1, ""
	}
	for i, r := range text {
		if r == utf8.RuneError {
			if _, size := utf8.DecodeRuneInString(text[i:]); size == 1 {
				return i, "SQL text is not valid UTF-8; save the file as UTF-8"
			}
		}
	}
	return -1, ""
}
