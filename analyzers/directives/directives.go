// Package directives judges tenantvet's own directives in Go files: those without a reason, with an
// unknown rule, or that match nothing.
package directives

import (
	"go/token"
	"reflect"
	"slices"

	"golang.org/x/tools/go/analysis"

	"github.com/tenantvet/tenantvet/analyzers/cachekey"
	"github.com/tenantvet/tenantvet/analyzers/internal/reporting"
	"github.com/tenantvet/tenantvet/analyzers/internal/tvconfig"
	"github.com/tenantvet/tenantvet/analyzers/poolmode"
	"github.com/tenantvet/tenantvet/analyzers/queryscope"
	"github.com/tenantvet/tenantvet/analyzers/setscope"
	"github.com/tenantvet/tenantvet/finding"
)

const doc = `report directives of tenantvet that are malformed or match nothing

A suppression without a reason or with an unknown rule has no effect; one that matches no finding is
left over, or stands in the wrong place:

	//tenantvet:ignore query-unscoped           // no reason
	//tenantvet:ignore query-unscopd batch job  // unknown rule

Generated files are passed over, and tests unless the model asks for them.`

// judged are the analyzers whose findings a directive in a Go file can match.
var judged = []*analysis.Analyzer{queryscope.Analyzer, setscope.Analyzer, cachekey.Analyzer, poolmode.Analyzer}

// Analyzer reports directives.
var Analyzer = &analysis.Analyzer{
	Name:       "directives",
	Doc:        doc,
	Run:        run,
	Requires:   append([]*analysis.Analyzer{tvconfig.Analyzer}, judged...),
	ResultType: reflect.TypeFor[*finding.Result](),
}

func run(pass *analysis.Pass) (any, error) {
	config := pass.ResultOf[tvconfig.Analyzer].(*tvconfig.Config)
	reporter := reporting.New(pass, config)
	if !config.FirstParty {
		return reporter.Finish(), nil
	}
	var suppressions finding.Suppressions
	places := map[finding.Position]token.Pos{}
	for _, file := range pass.Files {
		suppressions.Add(finding.GoComments(pass.Fset, file))
		for _, group := range file.Comments {
			for _, c := range group.List {
				places[reporter.Position(c.Pos())] = c.Pos()
			}
		}
	}
	for _, a := range judged {
		suppressions.Apply(slices.Clone(pass.ResultOf[a].(*finding.Result).Findings))
	}
	problems := suppressions.Problems()
	// Without a project no rule was looked for.
	if _, err := config.Project(); err == nil {
		problems = append(problems, suppressions.Unused(func(string) bool { return true })...)
	}
	for _, f := range problems {
		reporter.Report(places[f.Position], f)
	}
	return reporter.Finish(), nil
}
