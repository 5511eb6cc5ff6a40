package report

import (
	"fmt"
	"strings"

	"github.com/tenantvet/tenantvet/finding"
)

func (t *textWriter) summary() {
	s := summarize(t.report.Result, t.report.Coverage)
	fmt.Fprintln(t.out, t.style.verdict(t.report.Result.Verdict(), headline(t.report, s)))
	width := 0
	for _, row := range s.rows {
		width = max(width, len(row.rule))
	}
	for _, row := range s.rows {
		rule, _ := finding.Lookup(row.rule)
		severity := t.style.severity(row.severity, fmt.Sprintf("%-9s", row.severity))
		fmt.Fprintf(t.out, "  %s %5d  %-*s  %s\n", severity, row.count, width, row.rule, t.style.faint(rule.Summary))
	}
	codes := tally{}
	for _, u := range t.report.Result.Undecided {
		codes[u.Code]++
	}
	for _, code := range codes.sorted() {
		fmt.Fprintf(t.out, "  undecided %5d  %s\n", codes[code], code)
	}
	if s.Infos > 0 && !t.report.Show.has("info") {
		fmt.Fprintln(t.out, t.style.faint("--show info lists the infos; "+explainHint))
	} else if s.Errors+s.Warnings > 0 {
		fmt.Fprintln(t.out, t.style.faint(explainHint))
	}
}

const explainHint = "tenantvet explain RULE says more about a rule"

// headline is the verdict with its counts and what it rests on.
func headline(r *Report, s *summary) string {
	verdict, found := headlineParts(r, s)
	return fmt.Sprintf("%s: %s (%s)", verdict, found, s.Coverage)
}

func headlineParts(r *Report, s *summary) (verdict, found string) {
	var parts []string
	add := func(n int, one, many string) {
		switch {
		case n == 1:
			parts = append(parts, "1 "+one)
		case n > 1:
			parts = append(parts, fmt.Sprintf("%d %s", n, many))
		}
	}
	add(s.Errors, "error", "errors")
	add(s.Warnings, "warning", "warnings")
	add(s.Infos, "info", "infos")
	add(s.Undecided, "undecided", "undecided")
	add(s.Broken, "broken", "broken")
	add(s.Skipped-s.Broken, "skipped", "skipped")
	add(s.Suppressed, "suppressed", "suppressed")
	if len(parts) == 0 {
		parts = append(parts, "nothing found")
	}
	verdict = string(r.Result.Verdict())
	if s.Coverage.TenantTables == 0 && r.Result.Verdict() == finding.Isolated {
		verdict = "nothing to judge"
	}
	return verdict, strings.Join(parts, ", ")
}

// String says what was looked at.
func (c Coverage) String() string {
	var parts []string
	if c.Packages > 0 {
		parts = append(parts, count(c.Packages, "package"))
	}
	if c.Statements > 0 {
		parts = append(parts, count(c.Statements, "query"))
	}
	if c.Databases > 1 {
		parts = append(parts, count(c.Databases, "database"))
	}
	if c.Executed > 0 {
		parts = append(parts, count(c.Executed, "executed statement"))
	}
	return strings.Join(append(parts, fmt.Sprintf("%s of %d", count(c.TenantTables, "tenant table"), c.Tables)), ", ")
}

func count(n int, noun string) string {
	switch {
	case n == 1:
		return "1 " + noun
	case strings.HasSuffix(noun, "y"):
		noun = strings.TrimSuffix(noun, "y") + "ie"
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
