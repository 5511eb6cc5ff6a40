// Package reporting is how every analyzer says what it found: as findings in its result, which
// tenantvet's own driver reads, and as diagnostics, which go vet, golangci-lint and nogo read. It
// applies the suppressions of the package's files, so that all of them give the same.
package reporting

import (
	"go/ast"
	"go/token"

	"golang.org/x/tools/go/analysis"

	"github.com/tenantvet/tenantvet/analyzers/internal/tvconfig"
	"github.com/tenantvet/tenantvet/finding"
)

// Reporter collects what one analyzer says about one package.
type Reporter struct {
	pass          *analysis.Pass
	suppressions  finding.Suppressions
	excluded      map[string]bool // by file: tests and migrations
	generated     map[string]bool // by file
	withGenerated bool
	result        finding.Result
	anchors       map[finding.Position]token.Pos // for findings outside the package's files
}

// New makes the reporter of a package. Findings in generated files are dropped unless
// IncludeGenerated is called, those in migrations always, those in tests unless the model asks for
// them.
func New(pass *analysis.Pass, config *tvconfig.Config) *Reporter {
	r := &Reporter{pass: pass, generated: map[string]bool{}, excluded: map[string]bool{}, anchors: map[finding.Position]token.Pos{}}
	r.suppressions.LeaveNolint = tvconfig.Golangci()
	if !config.FirstParty {
		return r // nothing will be reported
	}
	model := config.Model()
	for _, file := range pass.Files {
		name := pass.Fset.Position(file.FileStart).Filename
		r.generated[name] = ast.IsGenerated(file)
		r.excluded[name] = isTest(model.Root, name, file) && !model.Go.Tests || isMigration(file)
		r.suppressions.Add(finding.GoComments(pass.Fset, file))
	}
	return r
}

// IncludeGenerated makes the reporter take findings in generated files too.
func (r *Reporter) IncludeGenerated() { r.withGenerated = true }

// Position converts a position; the zero Pos gives the zero Position.
func (r *Reporter) Position(pos token.Pos) finding.Position {
	if !pos.IsValid() {
		return finding.Position{}
	}
	p := r.pass.Fset.Position(pos)
	return finding.Position{File: p.Filename, Line: p.Line, Column: p.Column}
}

// Silent reports whether nothing is reported at a place: it is in a test, in a migration or in a
// generated file.
func (r *Reporter) Silent(pos token.Pos) bool {
	file := r.Position(pos).File
	return r.excluded[file] || r.generated[file] && !r.withGenerated
}

// Generated reports whether a place is in a generated file.
func (r *Reporter) Generated(pos token.Pos) bool { return r.generated[r.Position(pos).File] }

// CrossTenant returns why a directive declares the code at a place as deliberately cross-tenant.
func (r *Reporter) CrossTenant(pos token.Pos) (reason string, ok bool) {
	return r.suppressions.CrossTenant(r.Position(pos))
}

// Report adds a finding about the code at anchor. Its Position is set from the anchor unless it is
// set already, as for text inside a literal or in another file.
func (r *Reporter) Report(anchor token.Pos, f finding.Finding) {
	if r.Silent(anchor) {
		return
	}
	if !f.Position.IsValid() {
		f.Position = r.Position(anchor)
	}
	r.anchors[f.Position] = anchor
	r.result.Findings = append(r.result.Findings, f)
}

// Undecided adds a question that stayed open.
func (r *Reporter) Undecided(pos token.Pos, object, code, reason string) {
	if r.Silent(pos) {
		return
	}
	r.result.Undecided = append(r.result.Undecided,
		finding.Undecided{Position: r.Position(pos), Object: object, Code: code, Reason: reason})
}

// Add adds what was found out about the code at anchor elsewhere, with its positions.
func (r *Reporter) Add(anchor token.Pos, found finding.Result) {
	if r.Silent(anchor) {
		return
	}
	for _, f := range found.Findings {
		r.Report(anchor, f)
	}
	r.result.Undecided = append(r.result.Undecided, found.Undecided...)
	r.result.Skipped = append(r.result.Skipped, found.Skipped...)
}

// Skipped adds input that was not looked at.
func (r *Reporter) Skipped(s finding.Skipped) { r.result.Skipped = append(r.result.Skipped, s) }

// Finish applies the suppressions, reports the diagnostics and returns the result.
func (r *Reporter) Finish() *finding.Result {
	r.result.Sort()
	r.suppressions.Apply(r.result.Findings)
	for _, f := range r.result.Findings {
		if f.Severity < finding.Warning || f.Suppressed != "" {
			continue
		}
		r.pass.Report(analysis.Diagnostic{
			Pos: r.place(f), Category: f.Rule, Message: f.Rule + ": " + f.Message, Related: r.related(f),
		})
	}
	return &r.result
}

// place returns the place of a finding's diagnostic: its own, or its anchor for one in a file that
// is no Go file of the package, such as an embedded one.
func (r *Reporter) place(f finding.Finding) token.Pos {
	if pos := r.pos(f.Position); pos.IsValid() {
		return pos
	}
	return r.anchors[f.Position]
}

// related keeps the related places that lie in the package: drivers know only those files. There are
// none for golangci-lint, which makes a finding of each and lets it hide others on its line.
func (r *Reporter) related(f finding.Finding) []analysis.RelatedInformation {
	if tvconfig.Golangci() {
		return nil
	}
	var related []analysis.RelatedInformation
	for _, at := range f.Related {
		if pos := r.pos(at.Position); pos.IsValid() {
			related = append(related, analysis.RelatedInformation{Pos: pos, Message: at.Message})
		}
	}
	return related
}

func (r *Reporter) pos(p finding.Position) token.Pos {
	for _, file := range r.pass.Files {
		tf := r.pass.Fset.File(file.FileStart)
		if tf.Name() == p.File && p.Line >= 1 && p.Line <= tf.LineCount() {
			return tf.LineStart(p.Line) + token.Pos(max(0, p.Column-1))
		}
	}
	return token.NoPos
}
