package tenantname

import (
	"slices"
	"strings"
	"unicode"
)

// Words splits a name in camel case, snake case or kebab case into its words in lower case:
// "AuthorizedWorkspaceIDs" gives authorized, workspace, ids.
func Words(name string) []string {
	runes := []rune(name)
	var words []string
	start := 0
	cut := func(end int) {
		if end > start {
			words = append(words, strings.ToLower(string(runes[start:end])))
		}
		start = end
	}
	for i, r := range runes {
		switch {
		case r == '_' || r == '-' || r == '.' || r == ' ':
			cut(i)
			start = i + 1
		case i > start && unicode.IsUpper(r) && startsWord(runes, i):
			cut(i)
		}
	}
	cut(len(runes))
	return words
}

// startsWord reports whether the upper-case rune at i begins a word: after a lower-case rune or a
// digit, or as the last capital of a run that is followed by a lower-case word ("IDToken"), but not
// before the plural s of an abbreviation ("IDs").
func startsWord(runes []rune, i int) bool {
	if !unicode.IsUpper(runes[i-1]) {
		return true
	}
	if i+1 >= len(runes) || !unicode.IsLower(runes[i+1]) {
		return false
	}
	plural := runes[i+1] == 's' && (i+2 == len(runes) || !unicode.IsLower(runes[i+2]))
	return !plural
}

func contains(words, part []string) bool {
	for i := 0; i+len(part) <= len(words); i++ {
		if slices.Equal(words[i:i+len(part)], part) {
			return true
		}
	}
	return false
}

func hasSuffix(words, suffix []string) bool {
	return len(suffix) <= len(words) && slices.Equal(words[len(words)-len(suffix):], suffix)
}

func pluralOf(words []string) []string {
	plural := slices.Clone(words)
	plural[len(plural)-1] += "s"
	return plural
}
