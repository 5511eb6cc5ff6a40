package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/livecheck"
	"github.com/tenantvet/tenantvet/pgschema/classify"
)

// CoverAudits counts what audits looked at.
func CoverAudits(audits []*livecheck.Audit) Coverage {
	c := Coverage{Databases: len(audits)}
	for _, a := range audits {
		c.Executed += len(a.Statements)
		for _, t := range a.Classes.Tables() {
			c.Tables++
			switch t.Class {
			case classify.Tenant, classify.Child, classify.Registry:
				c.TenantTables++
			}
		}
	}
	return c
}

// auditLine says what was audited.
func auditLine(a *livecheck.Audit) string {
	line := fmt.Sprintf("%s: PostgreSQL %s, audited as %s", a.Database, a.Server, a.Role)
	if a.Pooled {
		line += " through a pooler"
	}
	if a.Standby {
		line += ", a standby"
	}
	if a.Partial != "" {
		line += "; partial, as " + a.Partial
	}
	return line
}

// executedBy begins with the role that executed a statement, where several did.
func executedBy(a []livecheck.Statement) func(livecheck.Statement) string {
	several := slices.ContainsFunc(a, func(s livecheck.Statement) bool { return s.Role != a[0].Role })
	return func(s livecheck.Statement) string {
		if !several || s.Role == "" {
			return ""
		}
		return s.Role + ": "
	}
}

// reaches says of an executed statement whose rows it reaches, and how it finds them.
func reaches(s livecheck.Statement) string {
	switch {
	case s.Unjudged != "":
		return "not judged"
	case s.Access != "":
		return fmt.Sprintf("%s, %s", s.Scope, s.Access)
	}
	return string(s.Scope)
}

// oneLine writes a text on one line of at most n characters.
func oneLine(text string, n int) string {
	line := []rune(strings.Join(strings.Fields(text), " "))
	if len(line) > n {
		return string(line[:n-1]) + "…"
	}
	return string(line)
}

// mostExecuted and mostShares are how many statements and tenants the text lists.
const mostExecuted, mostShares = 10, 3

// mostAudits is how many databases are shown each with its statements; of a larger fleet only what is
// said about each, for mostListed of them, the worst first.
const mostAudits, mostListed = 5, 30

// worstFirst orders databases by their verdicts, those whose audit is partial before others.
func worstFirst(audits []*livecheck.Audit) []*livecheck.Audit {
	rank := func(a *livecheck.Audit) int {
		n := slices.Index([]finding.Verdict{finding.Leaks, finding.Unknown, finding.Isolated}, a.Result.Verdict()) * 2
		if a.Partial == "" {
			n++
		}
		return n
	}
	return slices.SortedStableFunc(slices.Values(audits), func(a, b *livecheck.Audit) int { return rank(a) - rank(b) })
}

// audits shows the databases of a report.
func (t *textWriter) audits(audits []*livecheck.Audit) {
	if len(audits) <= mostAudits {
		for _, a := range audits {
			t.audit(a)
		}
		return
	}
	for _, a := range worstFirst(audits)[:min(len(audits), mostListed)] {
		verdict := a.Result.Verdict()
		fmt.Fprintf(t.out, "%s  %s\n", t.style.verdict(verdict, fmt.Sprintf("%-9s", verdict)), clean(auditLine(a)))
	}
	if rest := len(audits) - mostListed; rest > 0 {
		fmt.Fprintln(t.out, t.style.faint(fmt.Sprintf("and %d more databases", rest)))
	}
	fmt.Fprintln(t.out)
}

// audit shows what a running database adds: its statements, probes and tenants.
func (t *textWriter) audit(a *livecheck.Audit) {
	fmt.Fprintln(t.out, t.style.bold(clean(auditLine(a))))
	if len(a.Statements) > 0 {
		fmt.Fprintln(t.out, "  statements by their share of the database's time")
		by := executedBy(a.Statements)
		for _, s := range a.Statements[:min(len(a.Statements), mostExecuted)] {
			scope := t.style.statement(s, fmt.Sprintf("%-29s", reaches(s)))
			fmt.Fprintf(t.out, "  %8s  %s  %s\n", percent(s.Share), scope, clean(by(s)+oneLine(s.Text, 90)))
		}
		if rest := len(a.Statements) - mostExecuted; rest > 0 {
			fmt.Fprintln(t.out, t.style.faint(fmt.Sprintf("  and %d more", rest)))
		}
	}
	if len(a.Probes) > 0 {
		verdicts := map[string]int{}
		for _, p := range a.Probes {
			verdicts[p.Verdict]++
		}
		var parts []string
		for _, v := range []string{"refuted", "vacuous", "skipped", "proved"} {
			if n := verdicts[v]; n > 0 {
				parts = append(parts, fmt.Sprintf("%d %s", n, v))
			}
		}
		fmt.Fprintf(t.out, "  probes: %s\n", strings.Join(parts, ", "))
	}
	if a.Skew != nil && len(a.Skew.Tenants) > 0 {
		var parts []string
		for _, s := range a.Skew.Tenants[:min(len(a.Skew.Tenants), mostShares)] {
			parts = append(parts, fmt.Sprintf("%s %s of the rows", clean(s.Tenant), percent(s.Share)))
		}
		fmt.Fprintf(t.out, "  largest tenants: %s\n", strings.Join(parts, ", "))
	}
	fmt.Fprintln(t.out)
}

// statement colours what is said about a statement.
func (s style) statement(judged livecheck.Statement, text string) string {
	switch levelOf(judged) {
	case "bad":
		return s.levels[finding.Error](text)
	case "good":
		return s.good(text)
	case "fair":
		return s.levels[finding.Warning](text)
	}
	return s.faint(text)
}
