// Package reporting is how every analyzer says what it found: as findings in its result, which
// tenantvet's own driver reads, and as diagnostics, which go vet, golangci-lint and nogo read. It
// applies the suppressions of the package's files, so that all of them give the same.
package reporting

import (
	"go/ast"
	"go/token"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/tenantvet/tenantvet/analyzers/internal/tvconfig"
	"github.com/tenantvet/tenantvet/finding"
)

// Reporter collects what one analyzer says about one package.
type Reporter struct {
	pass         *analysis.Pass
	suppressions finding.Suppressions
	silent       map[string]bool // files in which nothing is reported
	result       finding.Result
	at           map[finding.Position]token.Pos
}

// New makes the reporter of a package. Findings in generated files are dropped, and those in tests
// unless the model asks for them.
func New(pass *analysis.Pass, config *tvconfig.Config) *Reporter {
	r := &Reporter{pass: pass, silent: map[string]bool{}, at: map[finding.Position]token.Pos{}}
	tests := config.FirstParty && config.Model().Go.Tests
	for _, file := range pass.Files {
		name := pass.Fset.Position(file.FileStart).Filename
		if strings.HasSuffix(name, "_test.go") && !tests || ast.IsGenerated(file) {
			r.silent[name] = true
		}
		r.suppressions.Add(finding.GoComments(pass.Fset, file))
	}
	return r
}

// Position converts a position; the zero Pos gives the zero Position.
func (r *Reporter) Position(pos token.Pos) finding.Position {
	if !pos.IsValid() {
		return finding.Position{}
	}
	p := r.pass.Fset.Position(pos)
	return finding.Position{File: p.Filename, Line: p.Line, Column: p.Column}
}

// Silent reports whether nothing is reported at a place: it is in a generated file or a test.
func (r *Reporter) Silent(pos token.Pos) bool { return r.silent[r.Position(pos).File] }

// CrossTenant returns why a directive declares the code at a place as deliberately cross-tenant.
func (r *Reporter) CrossTenant(pos token.Pos) (reason string, ok bool) {
	return r.suppressions.CrossTenant(r.Position(pos))
}

// Report adds a finding. Its Position is set from pos unless it is set, as for text in another file.
func (r *Reporter) Report(pos token.Pos, f finding.Finding) {
	if r.Silent(pos) {
		return
	}
	if !f.Position.IsValid() {
		f.Position = r.Position(pos)
	}
	r.at[f.Position] = pos
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
			Pos: r.at[f.Position], Category: f.Rule, Message: f.Rule + ": " + f.Message, Related: r.related(f),
		})
	}
	return &r.result
}

// related keeps the related places that lie in the package: drivers know only those files.
func (r *Reporter) related(f finding.Finding) []analysis.RelatedInformation {
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
