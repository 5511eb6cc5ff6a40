package report

import (
	"io"
	"net/url"
	"strings"

	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"

	"github.com/tenantvet/tenantvet/finding"
)

const (
	homePage = "https://github.com/tenantvet/tenantvet"
	// sourceRoot is the base that the relative paths of a SARIF log refer to.
	sourceRoot = "%SRCROOT%"
)

// RulePage is the address of the page about a rule.
func RulePage(rule string) string { return homePage + "/blob/main/docs/rules/" + rule + ".md" }

var sarifLevels = map[finding.Severity]string{
	finding.Error: "error", finding.Warning: "warning", finding.Info: "note",
}

func writeSARIF(w io.Writer, r *Report) error {
	log := sarif.NewReport()
	log.AddRun(sarifRun(r))
	if err := log.PrettyWrite(w); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func sarifRun(r *Report) *sarif.Run {
	run := sarif.NewRunWithInformationURI("tenantvet", homePage)
	run.Tool.Driver.WithVersion(r.Version)
	run.WithColumnKind("utf16CodeUnits")
	used := map[string]bool{}
	for _, f := range r.Result.Findings {
		used[f.Rule] = true
	}
	for _, rule := range finding.Rules() {
		if !used[rule.Name] {
			continue
		}
		run.AddRule(rule.Name).
			WithDescription(rule.Summary).
			WithHelpURI(RulePage(rule.Name)).
			WithDefaultConfiguration(sarif.NewReportingConfiguration().WithLevel(sarifLevels[rule.Severity])).
			WithProperties(sarif.NewPropertyBag().Add("category", rule.Category))
	}
	for _, f := range r.Result.Findings {
		run.AddResult(sarifResult(run, f))
	}
	run.AddInvocation(sarifInvocation(r.Result))
	return run
}

func sarifResult(run *sarif.Run, f finding.Finding) *sarif.Result {
	result := sarif.NewRuleResult(f.Rule).
		WithRuleIndex(run.GetRuleIndex(f.Rule)).
		WithLevel(sarifLevels[f.Severity]).
		WithMessage(sarif.NewTextMessage(longMessage(f))).
		WithLocations(findingLocations(f)).
		WithPartialFingerprints(map[string]string{"tenantvet/v1": f.Fingerprint})
	for _, related := range f.Related {
		for _, location := range sarifLocations(related.Position) {
			result.AddRelatedLocation(location.WithMessage(sarif.NewTextMessage(related.Message)))
		}
	}
	if f.Suppressed != "" {
		result.AddSuppression(sarif.NewSuppression().WithKind("inSource").WithJustification(f.Suppressed))
	}
	if f.Object != "" {
		result.WithProperties(sarif.NewPropertyBag().Add("object", f.Object))
	}
	return result
}

// longMessage holds all that a finding says: viewers of SARIF show nothing else.
func longMessage(f finding.Finding) string {
	lines := append([]string{f.Message}, f.Evidence...)
	if f.Fix != nil {
		lines = append(lines, "Fix: "+f.Fix.Message)
		if f.Fix.Code != "" {
			lines = append(lines, f.Fix.Code)
		}
	}
	return strings.Join(lines, "\n")
}

// findingLocations returns the place of a finding in a file or, as its object, in a running database.
func findingLocations(f finding.Finding) []*sarif.Location {
	if f.File == "" && f.Object != "" {
		object := sarif.NewLogicalLocation().WithFullyQualifiedName(f.Object).WithKind("resource")
		return []*sarif.Location{sarif.NewLocation().AddLogicalLocation(object)}
	}
	return sarifLocations(f.Position)
}

// sarifLocations returns the location of a position; none for an object of a live database.
func sarifLocations(at finding.Position) []*sarif.Location {
	if at.File == "" {
		return []*sarif.Location{}
	}
	file := sarif.NewSimpleArtifactLocation((&url.URL{Path: at.File}).EscapedPath())
	if !strings.HasPrefix(at.File, "/") {
		file.WithURIBaseID(sourceRoot)
	}
	place := sarif.NewPhysicalLocation().WithArtifactLocation(file)
	if at.Line > 0 {
		region := sarif.NewRegion().WithStartLine(at.Line)
		if at.Column > 0 {
			region.WithStartColumn(at.Column)
		}
		place.WithRegion(region)
	}
	return []*sarif.Location{sarif.NewLocationWithPhysicalLocation(place)}
}

// sarifInvocation tells what was undecided or skipped as notifications of the run.
func sarifInvocation(r *finding.Result) *sarif.Invocation {
	invocation := sarif.NewInvocation().WithExecutionSuccessful(!r.Broken())
	note := func(level, id, text string, at finding.Position) {
		invocation.AddToolExecutionNotification(sarif.NewNotification().
			WithLevel(level).
			WithDescriptor(sarif.NewReportingDescriptorReference().WithID(id)).
			WithMessage(sarif.NewTextMessage(text)).
			WithLocations(sarifLocations(at)))
	}
	for _, u := range r.Undecided {
		note("note", "undecided/"+u.Code, u.Reason, u.Position)
	}
	for _, s := range r.Skipped {
		level := "note"
		if s.Broken {
			level = "error"
		}
		note(level, "skipped", s.What+": "+s.Reason, s.Position)
	}
	return invocation
}
