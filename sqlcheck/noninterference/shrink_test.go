package noninterference

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tenantvet/tenantvet/pgschema/pgast"
	"github.com/tenantvet/tenantvet/sqlcheck"
)

// shrink takes parts out of a statement as long as the engine still calls it pinned and it still
// interferes.
func shrink(t *testing.T, db *sqlcheck.Database, found *trial) *trial {
	best := found
	for again := true; again; {
		again = false
		for _, sql := range smaller(best.sql) {
			next := &trial{index: found.index, sql: sql, changes: found.changes, collides: found.collides, features: found.features}
			next.judge(db)
			if next.failed != "" || !next.pinned {
				continue
			}
			require.NoError(t, try(t.Context(), found.world, []*trial{next}, func(*trial) parameters { return found.parameters }))
			if next.interference == "" {
				continue
			}
			if chance, err := next.byChance(t.Context()); err == nil && !chance {
				best, again = next, true
				break
			}
		}
	}
	return best
}

// smaller returns shorter texts: without a run of words whose parentheses are balanced, longest first,
// or with one argument in place of a list in parentheses and the word before it.
func smaller(sql string) []string {
	words := wordsOf(sql)
	var found []string
	for length := len(words) * 2 / 3; length > 0; length-- {
		for start := 0; start+length <= len(words); start++ {
			if balanced(words[start : start+length]) {
				found = append(found, join(words[:start], " ")+" "+join(words[start+length:], " "))
			}
		}
	}
	for open, word := range words {
		if word != "(" {
			continue
		}
		end := closing(words, open)
		start := open + 1
		for i := open + 1; i <= end; i++ {
			if i == end || words[i] == "," && balanced(words[open+1:i]) {
				part := " " + join(words[start:i], " ") + " "
				found = append(found, join(words[:open], " ")+part+join(words[end+1:], " "))
				if open > 0 {
					found = append(found, join(words[:open-1], " ")+part+join(words[end+1:], " "))
				}
				start = i + 1
			}
		}
	}
	return found
}

func wordsOf(sql string) []string {
	var words []string
	last := -1
	for l := range pgast.Lexemes(sql) {
		// Names with dots, parameters and operators of several characters stay whole.
		text := sql[l.Start:l.End]
		if last == l.Start && len(words) > 0 && !strings.ContainsAny(text+words[len(words)-1], "(),'") {
			words[len(words)-1] += text
		} else {
			words = append(words, text)
		}
		last = l.End
	}
	return words
}

func balanced(words []string) bool {
	depth := 0
	for _, w := range words {
		switch w {
		case "(":
			depth++
		case ")":
			depth--
		}
		if depth < 0 {
			return false
		}
	}
	return depth == 0
}

func closing(words []string, open int) int {
	for i := open; i < len(words); i++ {
		if balanced(words[open : i+1]) {
			return i
		}
	}
	return len(words)
}
