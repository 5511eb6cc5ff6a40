package replay

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// call evaluates the built-in functions that migrations build statements with.
func (e *evaluator) call(n *pgast.FuncCall) value {
	schema, name := qualified(n.Funcname)
	if schema != "" && schema != catalogSchema {
		return unknown
	}
	args := make([]value, len(n.Args))
	for i, a := range n.Args {
		args[i] = e.value(a)
	}
	if variadic := len(args) - 1; n.FuncVariadic && variadic >= 0 {
		if !args[variadic].array {
			return unknown
		}
		args = slices.Concat(args[:variadic], args[variadic].list)
	}
	switch name {
	case "concat", "concat_ws", "format", "quote_nullable", "to_regclass", "current_setting":
	default:
		for _, a := range args {
			if a.unknown || a.null {
				return a
			}
		}
	}
	return e.builtin(name, args)
}

func (e *evaluator) builtin(name string, args []value) value {
	text := func(i int) string { return args[i].text }
	switch {
	case clockFunctions[name] && len(args) == 0:
		return timeValue(clock)
	case name == "to_char" && len(args) == 2 && !args[0].time.IsZero():
		return formatTime(args[0].time, text(1))
	case name == "date_trunc" && len(args) >= 2 && !args[1].time.IsZero():
		return truncateTime(text(0), args[1].time)
	case name == "format" && len(args) > 0:
		return format(args[0], args[1:])
	case name == "concat":
		return concat("", args)
	case name == "concat_ws" && len(args) > 0:
		return concat(args[0].text, args[1:])
	case name == "current_schema" && len(args) == 0:
		return e.r.currentSchema()
	case name == "to_regclass" && len(args) == 1:
		if args[0].unknown || args[0].null {
			return args[0]
		}
		if v := e.r.objectValue(splitQualified(text(0))); !v.unknown {
			return v
		}
		return null
	case name == "current_setting" && len(args) > 0 && (text(0) == "server_version_num"):
		return textValue(strconv.Itoa(e.r.version * 10000))
	case len(args) == 1:
		return unary(name, args[0])
	case name == "replace" && len(args) == 3:
		return textValue(strings.ReplaceAll(text(0), text(1), text(2)))
	case name == "string_to_array" && len(args) == 2:
		v := value{array: true}
		for _, part := range strings.Split(text(0), text(1)) {
			v.list = append(v.list, textValue(part))
		}
		return v
	case name == "array_length" && len(args) == 2 && args[0].array:
		if len(args[0].list) == 0 {
			return null
		}
		return textValue(strconv.Itoa(len(args[0].list)))
	case name == "split_part" && len(args) == 3:
		parts := strings.Split(text(0), text(1))
		if i, err := args[2].integer(); err == nil && i >= 1 && i <= len(parts) {
			return textValue(parts[i-1])
		}
	case name == "array_to_string" && len(args) == 2 && args[0].array:
		return concat(text(1), args[0].list)
	case name == "pg_get_expr":
		return args[0] // the catalogs here hold the text
	case name == "regexp_replace" && len(args) == 3:
		return replaceFirst(text(0), text(1), text(2))
	case name == "left" && len(args) == 2:
		if i, err := args[1].integer(); err == nil && i >= 0 {
			runes := []rune(text(0))
			return textValue(string(runes[:min(i, len(runes))]))
		}
	case name == "starts_with" && len(args) == 2:
		return boolValue(strings.HasPrefix(text(0), text(1)))
	}
	return unknown
}

// replaceFirst is regexp_replace without flags, for patterns that both kinds of regular expressions
// share and replacements without references.
func replaceFirst(text, pattern, replacement string) value {
	re, err := regexp.Compile(pattern)
	if err != nil || strings.Contains(replacement, `\`) {
		return unknown
	}
	at := re.FindStringIndex(text)
	if at == nil {
		return textValue(text)
	}
	return textValue(text[:at[0]] + replacement + text[at[1]:])
}

func unary(name string, v value) value {
	switch name {
	case "quote_ident":
		return textValue(quoteIdent(v.text))
	case "quote_literal":
		return textValue(quoteLiteral(v.text))
	case "quote_nullable":
		if v.unknown {
			return v
		}
		if v.null {
			return textValue("NULL")
		}
		return textValue(quoteLiteral(v.text))
	case "lower":
		return textValue(strings.ToLower(v.text))
	case "upper":
		return textValue(strings.ToUpper(v.text))
	case "trim", "btrim":
		return textValue(strings.Trim(v.text, " "))
	case "length", "char_length":
		return textValue(strconv.Itoa(len([]rune(v.text))))
	case "cardinality":
		if v.array {
			return textValue(strconv.Itoa(len(v.list)))
		}
	}
	return unknown
}

func quoteLiteral(s string) string {
	quoted := "'" + strings.ReplaceAll(s, "'", "''") + "'"
	if strings.Contains(s, `\`) {
		return "E" + strings.ReplaceAll(quoted, `\`, `\\`)
	}
	return quoted
}

// concat joins what is not NULL.
func concat(separator string, args []value) value {
	var parts []string
	for _, a := range args {
		switch {
		case a.unknown || a.array:
			return unknown
		case !a.null:
			parts = append(parts, a.text)
		}
	}
	return textValue(strings.Join(parts, separator))
}

// format is the SQL function format (PostgreSQL manual, 9.4.1) with %s, %I, %L, %% and positions.
func format(pattern value, args []value) value {
	if pattern.unknown || pattern.null {
		return pattern
	}
	var b strings.Builder
	next := 0
	for text := pattern.text; ; {
		before, rest, found := strings.Cut(text, "%")
		b.WriteString(before)
		if !found {
			return textValue(b.String())
		}
		if strings.HasPrefix(rest, "%") {
			b.WriteByte('%')
			text = rest[1:]
			continue
		}
		if digits, after, ok := strings.Cut(rest, "$"); ok {
			if n, err := strconv.Atoi(digits); err == nil {
				next, rest = n-1, after
			}
		}
		if rest == "" || next < 0 || next >= len(args) || args[next].unknown || args[next].array {
			return unknown
		}
		arg := args[next]
		next++
		switch {
		case rest[0] == 's' && arg.null:
		case rest[0] == 's' && arg.object, rest[0] == 's':
			b.WriteString(arg.text)
		case rest[0] == 'I' && !arg.null:
			b.WriteString(quoteIdent(arg.text))
		case rest[0] == 'L' && arg.null:
			b.WriteString("NULL")
		case rest[0] == 'L':
			b.WriteString(quoteLiteral(arg.text))
		default:
			return unknown // a width, or an error at run time
		}
		text = rest[1:]
	}
}
