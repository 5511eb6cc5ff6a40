package livecheck

import (
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// restoreLiterals puts constants back that pg_stat_statements replaced. Of an expression that a
// statement repeats, as date_trunc('week', at) in SELECT and GROUP BY, the server keeps one tree, and
// only the constant of the first copy becomes a parameter: the two no longer are the same expression.
func restoreLiterals(text string) string {
	lexemes := slices.Collect(pgast.Lexemes(text))
	literals := map[int]string{} // by the place of the parameter
	for k, literal := range lexemes {
		if literal.Kind != '\'' && (literal.Kind < '0' || literal.Kind > '9') {
			continue
		}
		best, at := 1, -1
		for i, parameter := range lexemes {
			if parameter.Kind == '$' {
				if n := alike(text, lexemes, i, k); n > best {
					best, at = n, i
				}
			}
		}
		literals[at] = text[literal.Start:literal.End]
	}
	var b strings.Builder
	done := 0
	for i, l := range lexemes {
		if literal, ok := literals[i]; ok {
			b.WriteString(text[done:l.Start] + literal)
			done = l.End
		}
	}
	return b.String() + text[done:]
}

// alike counts the tokens around two places of a text that are the same, away from the places.
func alike(text string, lexemes []pgast.Lexeme, a, b int) int {
	count := 0
	for _, step := range []int{-1, 1} {
		for i, k := a+step, b+step; i >= 0 && k >= 0 && i < len(lexemes) && k < len(lexemes); i, k = i+step, k+step {
			if !strings.EqualFold(text[lexemes[i].Start:lexemes[i].End], text[lexemes[k].Start:lexemes[k].End]) {
				break
			}
			count++
		}
	}
	return count
}
