package finding

import (
	"math"
	"strings"
)

// Nearest returns the candidate that a misspelt name most likely means, or "" when none is near
// enough to be worth proposing: at most two fifths of the name may differ. Case, underscores and
// hyphens do not count.
func Nearest(name string, candidates []string) string {
	best, distance := "", max(1, 2*len(name)/5)+1
	for _, c := range candidates {
		if folded.Replace(strings.ToLower(c)) == folded.Replace(strings.ToLower(name)) {
			return c
		}
		if d := editDistance(strings.ToLower(name), strings.ToLower(c)); d < distance {
			best, distance = c, d
		}
	}
	if best == "" && len(name) >= 3 {
		for _, c := range candidates {
			if strings.HasPrefix(c, name) {
				return c
			}
		}
	}
	return best
}

var folded = strings.NewReplacer("_", "", "-", "")

// editDistance counts the insertions, deletions, replacements and swaps of neighbouring bytes that
// make b of a (optimal string alignment). Names longer than any real one are not compared.
func editDistance(a, b string) int {
	const longest = 200
	if len(a) > longest || len(b) > longest {
		return math.MaxInt
	}
	before, previous := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range previous {
		previous[j] = j
	}
	for i := 1; i <= len(a); i++ {
		current := make([]int, len(b)+1)
		current[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			current[j] = min(previous[j]+1, current[j-1]+1, previous[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				current[j] = min(current[j], before[j-2]+1)
			}
		}
		before, previous = previous, current
	}
	return previous[len(b)]
}
