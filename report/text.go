package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/tenantvet/tenantvet/finding"
)

// most is how many undecided or skipped things are listed one by one without being asked for.
const most = 5

// writeText writes notes, findings in order of place, and a summary that is still on the screen when
// the rest has scrolled by.
func writeText(w io.Writer, r *Report) error {
	out := bufio.NewWriter(w)
	t := &textWriter{out: out, report: r, sources: sources{dir: r.Dir}, style: newStyle(r.Color)}
	for _, note := range r.Result.Notes {
		fmt.Fprintln(out, t.style.faint("note: "+clean(note)))
	}
	if len(r.Result.Notes) > 0 {
		fmt.Fprintln(out)
	}
	for _, f := range r.Result.Findings {
		if r.listed(f) {
			t.finding(f)
		}
	}
	t.gaps()
	if r.Matrix != nil {
		t.matrix(r.Matrix)
	}
	t.audits(r.Audits)
	t.summary()
	return out.Flush()
}

type textWriter struct {
	out     *bufio.Writer
	report  *Report
	sources sources
	style   style
}

func (t *textWriter) finding(f finding.Finding) {
	place := f.Position.String()
	if f.File == "" {
		place = f.Object
	}
	kind := t.style.severity(f.Severity, f.Severity.String())
	if f.Suppressed != "" {
		kind = t.style.faint("suppressed")
	}
	t.detail(fmt.Sprintf("%s: %s[%s]: ", t.style.bold(clean(place)), kind, f.Rule), f.Message)
	t.source(f.Position)
	for _, e := range f.Evidence {
		t.detail("  = ", e)
	}
	for _, related := range f.Related {
		t.detail("  > ", placed(related))
	}
	if f.Suppressed != "" {
		t.detail("  suppressed: ", f.Suppressed)
	}
	if f.Fix != nil {
		t.detail(t.style.good("  fix: "), f.Fix.Message)
		t.code(f.Fix.Code)
	}
	fmt.Fprintln(t.out)
}

// placed is a related message with its place, if it has one: what a server says has none.
func placed(r finding.Related) string {
	if r.File == "" {
		return r.Message
	}
	return r.Position.String() + ": " + r.Message
}

// source shows the line of a finding with a caret under its column.
func (t *textWriter) source(at finding.Position) {
	if !at.IsValid() {
		return
	}
	line := t.sources.line(at.File, at.Line)
	if strings.TrimSpace(line) == "" {
		return
	}
	text, caret := excerpt(line, at.Column)
	gutter := fmt.Sprintf("%6d | ", at.Line)
	fmt.Fprintf(t.out, "%s%s\n", t.style.faint(gutter), text)
	if caret >= 0 {
		fmt.Fprintf(t.out, "%s%s%s\n", t.style.faint("       | "), strings.Repeat(" ", caret), t.style.caret("^"))
	}
}

// detail writes a text behind a mark, its further lines below its first.
func (t *textWriter) detail(mark, text string) {
	lines := strings.Split(clean(text), "\n")
	fmt.Fprintf(t.out, "%s%s\n", mark, lines[0])
	for _, line := range lines[1:] {
		fmt.Fprintf(t.out, "    %s\n", line)
	}
}

func (t *textWriter) code(code string) {
	if code == "" {
		return
	}
	for line := range strings.SplitSeq(strings.TrimRight(clean(code), "\n"), "\n") {
		fmt.Fprintf(t.out, "        %s\n", line)
	}
}

// gaps shows what was undecided or skipped: what is broken always, of the rest a few or, with
// Show, all.
func (t *textWriter) gaps() {
	var lines []string
	for _, s := range t.report.Result.Skipped {
		if s.Broken {
			kind := t.style.severity(finding.Error, "broken")
			t.detail(fmt.Sprintf("%s: %s: ", clean(t.place(s.Position, s.What)), kind), s.Reason)
			t.source(s.Position)
			fmt.Fprintln(t.out)
			continue
		}
		lines = append(lines, t.place(s.Position, s.What)+": skipped: "+s.Reason)
	}
	t.list("skipped", lines)
	lines = nil
	for _, u := range t.report.Result.Undecided {
		lines = append(lines, t.place(u.Position, u.Object)+": undecided ["+u.Code+"]: "+u.Reason)
	}
	t.list("undecided", lines)
}

func (t *textWriter) list(kind string, lines []string) {
	shown := lines
	if len(lines) > most && !t.report.Show.has(kind) {
		shown = lines[:most-2]
	}
	for _, line := range shown {
		fmt.Fprintln(t.out, t.style.faint(clean(line)))
	}
	if rest := len(lines) - len(shown); rest > 0 {
		fmt.Fprintln(t.out, t.style.faint(fmt.Sprintf("… and %d more %s (--show %s lists them)", rest, kind, kind)))
	}
	if len(lines) > 0 {
		fmt.Fprintln(t.out)
	}
}

func (t *textWriter) place(at finding.Position, otherwise string) string {
	if at.File == "" && otherwise != "" {
		return otherwise
	}
	return at.String()
}

// clean keeps text from steering the terminal.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r != '\n' && r != '\t' && unicode.IsControl(r) {
			return '\u00b7'
		}
		return r
	}, s)
}
