package livecheck

import (
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// sessionState is what a statement leaves in its session beyond its transaction.
type sessionState struct {
	// what is a setting's name, or "ROLE", "SESSION AUTHORIZATION", "advisory lock", "temporary table",
	// "prepared statement", "LISTEN", "cursor WITH HOLD".
	what string
	// value is what a setting is given, as far as the text says.
	value string
	// resets says that it takes state back.
	resets bool
	// unclear says that the text, normalized, does not tell whether it stays.
	unclear bool
}

const (
	theRole          = "ROLE"
	theAuthorization = "SESSION AUTHORIZATION"
	allSettings      = "ALL"
)

// sessionStateOf reads a text of pg_stat_statements. From version 18 on the value of a SET is normalized
// too, and such a text does not parse: its words tell.
func sessionStateOf(text string) (sessionState, bool) {
	s, ok := stateOf(text)
	return s, ok && s.what != ""
}

func stateOf(text string) (sessionState, bool) {
	var words []string // upper case; quoted names and values as they are
	for l := range pgast.Lexemes(text) {
		if word := text[l.Start:l.End]; l.Kind == 'w' {
			words = append(words, strings.ToUpper(word))
		} else if l.Kind != ';' {
			words = append(words, word)
		}
	}
	word := func(i int) string {
		if i < len(words) {
			return words[i]
		}
		return ""
	}
	switch word(0) {
	case "SET":
		return setOf(words[1:])
	case "RESET":
		return sessionState{what: settingName(words[1:]), resets: true}, len(words) > 1
	case "DISCARD":
		return sessionState{what: allSettings, resets: true}, true
	case "LISTEN":
		return sessionState{what: "LISTEN"}, true
	case "PREPARE":
		return sessionState{what: "prepared statement"}, word(1) != "TRANSACTION"
	case "CREATE":
		temporary := slices.Contains([]string{"TEMP", "TEMPORARY"}, word(1)) || slices.Contains([]string{"TEMP", "TEMPORARY"}, word(2))
		return sessionState{what: "temporary table"}, temporary && word(len(words)-1) != "DROP" // ON COMMIT DROP
	case "DECLARE":
		i := slices.Index(words, "HOLD")
		return sessionState{what: "cursor WITH HOLD"}, i > 0 && words[i-1] == "WITH"
	}
	return calledOf(words)
}

// setOf reads what stands behind SET.
func setOf(words []string) (sessionState, bool) {
	if len(words) == 0 {
		return sessionState{}, false
	}
	switch words[0] {
	case "LOCAL", "TRANSACTION", "CONSTRAINTS":
		return sessionState{}, false // ends with the transaction
	case "SESSION":
		if len(words) > 1 && words[1] != "AUTHORIZATION" {
			words = words[1:]
		}
	}
	s := sessionState{what: settingName(words)}
	switch i := slices.IndexFunc(words, func(w string) bool { return w == "TO" || w == "=" }); {
	case i >= 0:
		s.value = strings.Join(words[i+1:], " ")
	default:
		s.value = words[len(words)-1]
	}
	s.resets = s.value == "DEFAULT" || s.what == theRole && s.value == "NONE"
	return s, true
}

// settingName reads a setting's name from the words behind SET or RESET. Custom settings have two parts.
func settingName(words []string) string {
	if len(words) == 0 {
		return ""
	}
	switch words[0] {
	case "ROLE":
		return theRole
	case "SESSION":
		if len(words) > 1 && words[1] == "AUTHORIZATION" {
			return theAuthorization
		}
	case "ALL":
		return allSettings
	case "SCHEMA":
		return "search_path"
	case "TIME":
		return "timezone"
	case "NAMES":
		return "client_encoding"
	}
	name := words[0]
	for i := 1; i+1 < len(words) && words[i] == "."; i += 2 {
		name += "." + words[i+1]
	}
	return strings.ToLower(strings.ReplaceAll(name, `"`, ""))
}

// calledOf finds calls of functions that leave something in the session.
func calledOf(words []string) (sessionState, bool) {
	for i, w := range words {
		if i+1 >= len(words) || words[i+1] != "(" {
			continue
		}
		switch strings.ToLower(w) {
		case "set_config":
			args := arguments(words[i+1:])
			if len(args) != 3 || args[2] == "TRUE" {
				continue
			}
			return sessionState{what: strings.ToLower(strings.Trim(args[0], "'")), value: args[1], unclear: args[2] != "FALSE"}, true
		case "pg_advisory_lock", "pg_advisory_lock_shared", "pg_try_advisory_lock", "pg_try_advisory_lock_shared":
			return sessionState{what: "advisory lock"}, true
		}
	}
	return sessionState{}, false
}

// arguments splits what stands between parentheses at the commas outside inner ones.
func arguments(words []string) []string {
	var args []string
	var current []string
	depth := 0
	for _, w := range words {
		switch w {
		case "(", "[":
			if depth++; depth == 1 {
				continue
			}
		case ")", "]":
			if depth--; depth == 0 {
				return append(args, strings.Join(current, " "))
			}
		case ",":
			if depth == 1 {
				args, current = append(args, strings.Join(current, " ")), nil
				continue
			}
		}
		current = append(current, w)
	}
	return nil
}
