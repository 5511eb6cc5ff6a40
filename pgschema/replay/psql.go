package replay

import (
	"strings"

	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// psqlNotes says of the psql commands that matter why they are not followed; the others change
// output alone (PostgreSQL manual, psql).
var psqlNotes = map[string]string{
	"c":                "the statements behind it run in another database or as another role",
	"connect":          "the statements behind it run in another database or as another role",
	"i":                "the file it includes is read only if it is listed by itself",
	"include":          "the file it includes is read only if it is listed by itself",
	"ir":               "the file it includes is read only if it is listed by itself",
	"include_relative": "the file it includes is read only if it is listed by itself",
	"!":                "what the command of the shell does is not known",
	"set":              "the value of this variable is not known, so it is not replaced",
	"gexec":            "the statements that the query returns are applied where they are known",
	"if":               "both branches of the condition are applied",
	"elif":             "both branches of the condition are applied",
}

// psql blanks what psql does not send to the server as SQL: its own commands and the rows behind
// COPY … FROM STDIN.
func (b *blanker) psql() {
	text := b.result()
	if !strings.Contains(text, `\`) {
		return
	}
	for offset := 0; offset < len(text); {
		offset = b.psqlFrom(text, offset)
	}
	b.closeBranches()
}

// psqlFrom reads statements up to the next thing to blank and returns where to go on.
func (b *blanker) psqlFrom(text string, offset int) int {
	var statement []string // the words of the statement
	colon := -1            // where a colon ended that begins a reference to a variable
	for l := range pgast.Lexemes(text[offset:]) {
		if colon == l.Start {
			b.reference(text, offset+l.Start-1, offset+l.End)
		}
		if colon = -1; l.Kind == ':' && l.End == l.Start+1 && !strings.HasSuffix(text[:offset+l.Start], ":") {
			colon = l.End
		}
		switch l.Kind {
		case '\\':
			if at := offset + l.Start; strings.HasPrefix(text[at:], `\;`) {
				b.blank(at, at+1) // the semicolon sends the statement later, with the next one
				return at + 1
			}
			return b.command(text, offset+l.Start, len(statement) > 0)
		case ';':
			if copiesRows(statement) {
				return b.rows(text, offset+l.End)
			}
			statement = statement[:0]
		default:
			statement = append(statement, l.Word)
		}
	}
	return len(text)
}

// copiesRows reports whether a statement is COPY … FROM STDIN.
func copiesRows(words []string) bool {
	if len(words) == 0 || words[0] != "copy" {
		return false
	}
	for i := range words[:len(words)-1] {
		if words[i] == "from" && words[i+1] == "stdin" {
			return true
		}
	}
	return false
}

// command blanks a psql command up to the end of its line. One that sends the statement before it,
// as \gexec does, leaves the semicolon.
func (b *blanker) command(text string, start int, inStatement bool) int {
	end := len(text)
	if n := strings.IndexByte(text[start:], '\n'); n >= 0 {
		end = start + n
	}
	name, _, _ := strings.Cut(strings.TrimSpace(text[start+1:end]), " ")
	if i := strings.Index(text[start:end], `\\`); i > 0 && name != "!" && name != "copy" {
		end = start + i + len(`\\`) // behind it, SQL goes on
	}
	line := strings.TrimSpace(strings.TrimSuffix(text[start:end], `\\`))
	name, argument, _ := strings.Cut(strings.TrimPrefix(line, `\`), " ")
	known, conditional := b.psqlBranch(name, argument, start, end)
	b.blank(start, end)
	switch {
	case conditional && known, !conditional && !b.applies():
		return end
	case name == "q" || name == "quit":
		b.blank(end, len(text))
		return len(text)
	case name == "set" && b.setVariable(argument):
		return end
	case name == "unset" || name == "getenv" || name == "prompt" || name == "gset":
		b.variables = nil // at least one of them has another value
	case name == "gexec" && inStatement:
		b.generating = append(b.generating, start)
	}
	if inStatement && (strings.HasPrefix(name, "g") || name == "watch" || name == "crosstabview") {
		b.out[start] = ';'
	}
	if reason := psqlNotes[name]; reason != "" {
		b.notes = append(b.notes, formatNote{offset: start, what: line, reason: reason})
	}
	return end
}

// rows blanks the lines behind COPY up to the one that holds \. alone.
func (b *blanker) rows(text string, start int) int {
	offset := start
	if n := strings.IndexByte(text[offset:], '\n'); n >= 0 {
		offset += n + 1
	} else {
		return len(text)
	}
	begin := offset
	for line := range strings.Lines(text[offset:]) {
		offset += len(line)
		if strings.TrimRight(line, "\r\n") == `\.` {
			break
		}
	}
	b.blank(begin, offset)
	return offset
}
