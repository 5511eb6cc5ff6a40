package report

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/livecheck"
	"github.com/tenantvet/tenantvet/schemacheck"
)

// Lines of each kind that Markdown shows: a comment on a pull request has room for 65,536 characters.
const (
	mostFindings   = 60
	mostRelations  = 100
	mostStatements = 20
	mostTenants    = 5
)

// writeMarkdown writes GitHub Flavored Markdown for a comment or the summary of a job: what Text lists,
// as tables.
func writeMarkdown(w io.Writer, r *Report) error {
	out := bufio.NewWriter(w)
	m := &markdownWriter{out: out, report: r}
	verdict, found := headlineParts(r, summarize(r.Result, r.Coverage))
	m.line("## tenantvet: %s", inline(verdict))
	m.line("%s (%s)", inline(found), inline(r.Coverage.String()))
	m.databases(r.Audits)
	m.findings()
	if r.Matrix != nil {
		m.matrix("", r.Matrix)
	}
	single := r.Audits
	if len(single) > mostAudits {
		single = nil // no comment has room for them
	}
	for _, a := range single {
		title := ""
		if len(r.Audits) > 1 {
			title = a.Database
		}
		if a.Matrix != nil && r.Matrix == nil {
			m.matrix(title, a.Matrix)
		}
		m.statements(title, a.Statements)
		m.tenants(title, a.Skew)
	}
	m.gaps()
	return out.Flush()
}

type markdownWriter struct {
	out    *bufio.Writer
	report *Report
}

// line writes a paragraph.
func (m *markdownWriter) line(format string, args ...any) { fmt.Fprintf(m.out, format+"\n\n", args...) }

func (m *markdownWriter) head(title, of string, columns ...string) {
	if of != "" {
		title += " of " + of
	}
	m.line("### %s", inline(title))
	m.row(columns...)
	m.row(slices.Repeat([]string{"---"}, len(columns))...)
}

func (m *markdownWriter) row(cells ...string) {
	fmt.Fprintf(m.out, "| %s |\n", strings.Join(cells, " | "))
}

// end closes a table of which some lines were left out.
func (m *markdownWriter) end(rest int) {
	fmt.Fprintln(m.out)
	if rest > 0 {
		m.line("and %d more", rest)
	}
}

// databases says what was audited.
func (m *markdownWriter) databases(audits []*livecheck.Audit) {
	if len(audits) == 1 {
		m.line("%s", inline(auditLine(audits[0])))
	}
	if len(audits) < 2 {
		return
	}
	m.head("Databases", "", "verdict", "database")
	shown := worstFirst(audits)[:min(len(audits), mostListed)]
	for _, a := range shown {
		m.row(signs[a.Result.Verdict()], inline(auditLine(a)))
	}
	m.end(len(audits) - len(shown))
}

func (m *markdownWriter) findings() {
	listed := slices.DeleteFunc(slices.Clone(m.report.Result.Findings), func(f finding.Finding) bool { return !m.report.listed(f) })
	if len(listed) == 0 {
		return
	}
	slices.SortStableFunc(listed, func(a, b finding.Finding) int { return int(b.Severity) - int(a.Severity) })
	m.head("Findings", "", "", "where", "what")
	shown := listed[:min(len(listed), mostFindings)]
	for _, f := range shown {
		severity := f.Severity.String()
		if f.Suppressed != "" {
			severity = "suppressed"
		}
		m.row(severity, span(placeOf(f)), fmt.Sprintf("%s [%s](%s)", inline(f.Message), f.Rule, RulePage(f.Rule)))
	}
	m.end(len(listed) - len(shown))
	m.fixes(shown)
}

// fixes shows the code that mends, folded.
func (m *markdownWriter) fixes(shown []finding.Finding) {
	var codes []string
	for _, f := range shown {
		if f.Suppressed == "" && f.Fix != nil && f.Fix.Code != "" && !slices.Contains(codes, f.Fix.Code) {
			codes = append(codes, f.Fix.Code)
		}
	}
	if len(codes) == 0 {
		return
	}
	m.line("<details><summary>Fixes</summary>")
	m.code(strings.Join(codes, "\n\n"))
	m.line("</details>")
}

// code writes a block whose fence is longer than any in the text.
func (m *markdownWriter) code(text string) {
	fence := "```"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	m.line("%s\n%s\n%s", fence, clean(text), fence)
}

var signs = map[finding.Verdict]string{finding.Isolated: "isolated", finding.Leaks: "**leaks**", finding.Unknown: "undecided", schemacheck.NoAccess: "–", schemacheck.Suppressed: "suppressed", schemacheck.Warned: "warned"}

func (m *markdownWriter) matrix(of string, matrix *schemacheck.Matrix) {
	rows, _ := rowsOf(matrix.Cells)
	if len(rows) == 0 {
		return
	}
	slices.SortStableFunc(rows, func(a, b []schemacheck.Cell) int { return worst(b) - worst(a) })
	m.head("Matrix", of, append([]string{"relation", "role"}, schemacheck.Commands...)...)
	shown := rows[:min(len(rows), mostRelations)]
	for _, cells := range shown {
		line := []string{span(cells[0].Relation), span(cells[0].Role)}
		for _, c := range cells {
			line = append(line, signs[c.Verdict])
		}
		m.row(line...)
	}
	m.end(len(rows) - len(shown))
}

// worst orders the rows of a matrix.
func worst(cells []schemacheck.Cell) (rank int) {
	for _, c := range cells {
		switch c.Verdict {
		case finding.Leaks:
			return 2
		case finding.Unknown:
			rank = 1
		}
	}
	return rank
}

func (m *markdownWriter) statements(of string, statements []livecheck.Statement) {
	if len(statements) == 0 {
		return
	}
	m.head("Statements by cost", of, "time", "calls", "mean", "reaches", "statement")
	shown := statements[:min(len(statements), mostStatements)]
	by := executedBy(statements)
	for _, s := range shown {
		m.row(percent(s.Share), fmt.Sprint(s.Calls), fmt.Sprintf("%.3g ms", s.Mean), reaches(s), inline(by(s))+span(oneLine(s.Text, 160)))
	}
	m.end(len(statements) - len(shown))
}

func (m *markdownWriter) tenants(of string, skew *livecheck.Skew) {
	if skew == nil || len(skew.Tenants) == 0 {
		return
	}
	m.head("Largest tenants", of, "tenant", "rows", "share", "space", "share")
	shown := skew.Tenants[:min(len(skew.Tenants), mostTenants)]
	for _, t := range shown {
		m.row(span(t.Tenant), fmt.Sprint(t.Rows), percent(t.Share), size(t.Bytes), percent(t.ByteShare))
	}
	m.end(len(skew.Tenants) - len(shown))
}

// gaps lists what was broken, and counts the rest.
func (m *markdownWriter) gaps() {
	for _, s := range m.report.Result.Skipped {
		if s.Broken {
			m.line("**broken**: %s: %s", span(placeAnd(s.Position, s.What)), inline(s.Reason))
		}
	}
}

// inline escapes text so that it is nothing but text: no markup, no element, no mention.
func inline(text string) string { return markdownEscapes.Replace(strings.TrimSpace(clean(text))) }

var markdownEscapes = strings.NewReplacer("\n", " ", "\t", " ", "&", "&amp;", "<", "&lt;", ">", "&gt;", "|", `\|`, `\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`,
	"[", `\[`, "]", `\]`, "#", `\#`, "~", `\~`, "@", "&#64;", "$", `\$`, "!", `\!`)

// span writes a name as code; one that code in a table cannot hold, as text.
func span(name string) string {
	name = strings.Join(strings.Fields(clean(name)), " ")
	if name == "" || strings.ContainsAny(name, "`|\\") {
		return inline(name)
	}
	return "`" + name + "`"
}
