package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/report/page"
	"github.com/tenantvet/tenantvet/schemacheck"
)

// writeHTML writes one file that holds everything, whatever Show says.
func writeHTML(w io.Writer, r *Report) error {
	s := summarize(r.Result, r.Coverage)
	verdict, found := headlineParts(r, s)
	p := &page.Page{
		Verdict: verdict, Headline: found, Basis: r.Coverage.String(), Version: r.Version,
		Counts:   map[string]int{"error": s.Errors, "warning": s.Warnings, "info": s.Infos},
		Commands: schemacheck.Commands, Rules: map[string]string{},
		Databases: []page.Database{}, Relations: []page.Relation{}, Beside: []page.Beside{}, Others: []page.Other{}, Findings: []page.Finding{}, Drift: []page.Finding{},
		Statements: []page.Statement{}, Probes: []page.Probe{}, Skew: []page.Skew{}, Gaps: []page.Gap{},
	}
	if !r.When.IsZero() {
		p.When = r.When.UTC().Format("2 Jan 2006, 15:04 UTC")
	}
	b := &pageBuilder{Page: p, sources: sources{dir: r.Dir}}
	if r.Matrix != nil && len(r.Audits) == 0 { // each audit has its own
		b.matrix("", r.Matrix)
	}
	rest := *r.Result
	if r.Fleet != nil {
		rest = r.Fleet.Conclude(true) // each database lists its own
	}
	for _, a := range r.Audits {
		b.audit(a)
		rest = without(rest, a.Result)
	}
	b.result("", rest)
	slices.SortStableFunc(p.Findings, func(a, b page.Finding) int { return cmp.Compare(severityRank(b.Severity), severityRank(a.Severity)) })
	slices.SortStableFunc(p.Statements, func(a, b page.Statement) int { return cmp.Compare(b.Share, a.Share) })
	for _, f := range slices.Concat(p.Findings, p.Drift) {
		p.Rules[f.Rule] = RulePage(f.Rule)
	}
	for _, b := range p.Beside {
		p.Rules[b.Rule] = RulePage(b.Rule)
	}
	for _, o := range p.Others {
		if o.Rule != "" {
			p.Rules[o.Rule] = RulePage(o.Rule)
		}
	}
	for _, relation := range p.Relations {
		for _, n := range relation.Notes {
			if n.Rule != "" {
				p.Rules[n.Rule] = RulePage(n.Rule)
			}
		}
	}
	return page.Write(w, p)
}

// pageBuilder fills a page.
type pageBuilder struct {
	*page.Page
	sources sources
}

func severityRank(name string) int {
	if s, err := finding.ParseSeverity(name); err == nil {
		return int(s)
	}
	return -1 // suppressed
}

// driftRules are those whose findings compare one tenant's schema or database with the others'.
var driftRules = []string{"schema-drift", "tenant-misplaced", "tenant-placed-twice", "migration-version-skew"}

// result adds findings, gaps and notes of a database.
func (p *pageBuilder) result(database string, r finding.Result) {
	for _, f := range r.Findings {
		shown := p.finding(f)
		shown.Database = database
		if slices.Contains(driftRules, f.Rule) {
			p.Drift = append(p.Drift, shown)
		} else {
			p.Findings = append(p.Findings, shown)
		}
	}
	for _, s := range r.Skipped {
		kind := "skipped"
		if s.Broken {
			kind = "broken"
		}
		p.Gaps = append(p.Gaps, page.Gap{Database: database, Kind: kind, What: placeAnd(s.Position, s.What), Reason: s.Reason})
	}
	for _, u := range r.Undecided {
		p.Gaps = append(p.Gaps, page.Gap{Database: database, Kind: "undecided", What: placeAnd(u.Position, u.Object), Reason: u.Reason + " [" + u.Code + "]"})
	}
	for _, note := range r.Notes {
		p.Gaps = append(p.Gaps, page.Gap{Database: database, Kind: "note", Reason: note})
	}
}

// placeAnd names a place and the object there.
func placeAnd(at finding.Position, object string) string {
	switch {
	case at.File == "":
		return object
	case object == "":
		return at.String()
	}
	return at.String() + " " + object
}

func (p *pageBuilder) finding(f finding.Finding) page.Finding {
	shown := page.Finding{Severity: f.Severity.String(), Rule: f.Rule, Place: placeOf(f), Message: f.Message, Evidence: slices.Clone(f.Evidence)}
	if f.Position.IsValid() {
		shown.Source, _ = excerpt(strings.TrimSpace(p.sources.line(f.File, f.Line)), 0)
	}
	for _, related := range f.Related {
		shown.Evidence = append(shown.Evidence, placed(related))
	}
	if f.Suppressed != "" {
		shown.Severity = "suppressed"
		shown.Evidence = append(shown.Evidence, "suppressed: "+f.Suppressed)
	}
	if f.Fix != nil {
		shown.Fix, shown.Code = f.Fix.Message, f.Fix.Code
	}
	return shown
}

// placeOf is the file of a finding, or the object of a running database.
func placeOf(f finding.Finding) string {
	if f.File == "" {
		return f.Object
	}
	return f.Position.String()
}

var letters = map[finding.Verdict]byte{finding.Isolated: 'i', finding.Leaks: 'l', finding.Unknown: 'u', schemacheck.NoAccess: '-', schemacheck.Suppressed: 's', schemacheck.Warned: 'w'}

// matrix adds the rows of a matrix; a matrix of several databases names them itself.
func (p *pageBuilder) matrix(database string, m *schemacheck.Matrix) {
	rows, _ := rowsOf(m.Cells)
	for _, cells := range rows {
		row := page.Relation{Database: cmp.Or(cells[0].Database, database), Role: cells[0].Role, Name: cells[0].Relation}
		var line strings.Builder
		for _, c := range cells {
			line.WriteByte(letters[c.Verdict])
			if c.Reason != "" && (c.Verdict == finding.Leaks || c.Verdict == finding.Unknown || c.Verdict == schemacheck.Suppressed || c.Verdict == schemacheck.Warned) {
				c.Reason = accepted(c.Accepted, c.Reason)
				row.Notes = noted(row.Notes, c)
			}
		}
		row.Cells = line.String()
		p.Relations = append(p.Relations, row)
	}
	for _, o := range m.Others {
		p.Others = append(p.Others, page.Other{Database: cmp.Or(o.Database, database), Role: o.Role, Kind: o.Kind, Name: o.Object,
			Privileges: strings.Join(o.Privileges, ", "), Verdict: string(o.Verdict), Reason: accepted(o.Accepted, o.Reason), Rule: o.Rule, Witness: o.Witness})
	}
	for _, b := range m.Beside {
		p.Beside = append(p.Beside, page.Beside{Database: database, Role: b.Role, Rule: b.Rule, Object: b.Object, Reason: b.Reason})
	}
}

// noted adds what a cell says, once for all commands of which it says the same.
func noted(notes []page.Note, c schemacheck.Cell) []page.Note {
	for i, n := range notes {
		if n.Reason == c.Reason && n.Rule == c.Rule && n.Verdict == string(c.Verdict) {
			notes[i].Commands = append(n.Commands, c.Command)
			if c.Witness != n.Witness {
				notes[i].Witness = strings.TrimSpace(n.Witness + "\n\n" + c.Witness)
			}
			return notes
		}
	}
	return append(notes, page.Note{Commands: []string{c.Command}, Verdict: string(c.Verdict), Reason: c.Reason, Rule: c.Rule, Witness: c.Witness})
}

// without returns what a result holds beside another.
func without(r, other finding.Result) finding.Result {
	same := map[string]bool{}
	for _, f := range other.Findings {
		same[identity(f)] = true
	}
	return finding.Result{
		Findings:  slices.DeleteFunc(slices.Clone(r.Findings), func(f finding.Finding) bool { return same[identity(f)] }),
		Undecided: slices.DeleteFunc(slices.Clone(r.Undecided), func(u finding.Undecided) bool { return slices.Contains(other.Undecided, u) }),
		Skipped:   slices.DeleteFunc(slices.Clone(r.Skipped), func(s finding.Skipped) bool { return slices.Contains(other.Skipped, s) }),
		Notes:     slices.DeleteFunc(slices.Clone(r.Notes), func(n string) bool { return slices.Contains(other.Notes, n) }),
	}
}

func identity(f finding.Finding) string {
	return fmt.Sprint(f.Position, "\x00", f.Rule, "\x00", f.Object, "\x00", f.Message)
}
