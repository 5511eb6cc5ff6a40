package mend

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/tenancy"
)

// about says what each part does and why it stands where it does.
var about = map[part]string{
	expand: `Close the ways in, in one transaction: no session sees row-level security without its policies. The
exclusive locks are short.`,
	online: `Scan the tables while they are read and written. CREATE INDEX CONCURRENTLY refuses to run in a
transaction block; if one fails, it leaves an invalid index of its name, to be dropped before the next try.`,
	contract: `Rely on what the parts above have built and proved, in one transaction: no index is built in it, but the
key of a partitioned table.`,
	verify: `Check the rows that were there before. A refusal shows a row that refers to another tenant's: mend it and
run this part again.`,
	discard: `Drop what has been replaced, outside a transaction as well.`,
}

// transactional reports whether the statements of a part belong together.
func (p part) transactional() bool { return p == expand || p == contract }

// write writes the migration, with the findings that it does not mend in a comment at its end.
func (p *plan) write(format tenancy.Format, unmended []finding.Finding) string {
	w := &writer{tool: tools[format]}
	steps := p.needed()
	w.split = slices.ContainsFunc(steps, func(s *step) bool { return s.part != expand })
	w.header()
	for part := expand; part <= discard; part++ {
		of := slices.DeleteFunc(slices.Clone(steps), func(s *step) bool { return s.part != part })
		if len(of) > 0 {
			w.part(part, of)
		}
	}
	w.unmended(unmended)
	w.WriteString(w.tool.footer)
	return w.String()
}

type writer struct {
	strings.Builder
	tool
	// split says that the migration is not one transaction.
	split bool
	parts int
}

func (w *writer) comment(text string) {
	for line := range strings.SplitSeq(text, "\n") {
		fmt.Fprintf(w, "-- %s\n", line)
	}
}

func (w *writer) header() {
	// The annotations come first: goose reads none above its own.
	if w.split {
		w.WriteString(w.alone)
	} else {
		w.WriteString(w.within)
	}
	w.comment(`Proposed by tenantvet schema --fix-migration: read it through, then apply it once, as a role that owns the
tables and, where it changes roles, administers those.`)
	switch {
	case !w.split:
	case w.together:
		w.comment(`Indexes are built outside a transaction, which the tool knows for a file of one statement only: apply this one with
psql -v ON_ERROR_STOP=1 -f, or give each statement outside a transaction a file of its own.`)
	case w.alone != "":
		w.comment("Indexes are built outside a transaction, so the parts that are one say so themselves.")
	default:
		w.comment(`Indexes are built outside a transaction, so the parts that are one say so themselves: apply it with
psql -v ON_ERROR_STOP=1 -f, or, with a tool that runs each file in a transaction, as one file for each part.`)
	}
}

func (w *writer) part(p part, steps []*step) {
	w.parts++
	w.WriteString("\n")
	if w.split {
		w.comment(fmt.Sprintf("Part %d. %s", w.parts, about[p]))
	}
	// A tool's own transaction serves where the whole file is one.
	block := p.transactional() && (w.split || !w.wraps)
	if block {
		w.WriteString(w.begin + "BEGIN;\n")
	}
	for i, s := range steps {
		if i == 0 || s.reason() != steps[i-1].reason() {
			w.WriteString("\n")
			w.comment(s.reason())
		}
		w.WriteString(s.text + "\n")
	}
	if block {
		w.WriteString("\nCOMMIT;\n" + w.end)
	}
}

// reason says which findings a statement mends, and what its author should know.
func (s *step) reason() string {
	var lines []string
	for _, f := range s.why {
		lines = append(lines, line(f), "  "+oneLine(f.Fix.Message))
	}
	return strings.Join(lines, "\n")
}

// line writes a finding in one line; its text must not end the comment that holds it.
func line(f finding.Finding) string {
	text := fmt.Sprintf("%s: %s", f.Rule, f.Message)
	if f.IsValid() {
		text += fmt.Sprintf(" (%s:%d)", f.File, f.Line)
	}
	return oneLine(text)
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

func (w *writer) unmended(findings []finding.Finding) {
	if len(findings) == 0 {
		return
	}
	w.WriteString("\n-- Not mended here:\n")
	for _, f := range findings {
		w.comment("  " + line(f))
		if f.Fix != nil {
			w.comment("    " + oneLine(f.Fix.Message))
		}
	}
}
