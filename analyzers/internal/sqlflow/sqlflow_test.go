package sqlflow_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/tenantvet/tenantvet/analyzers/internal/sqlflow"
)

// show reports each call that runs SQL with the kind of its handle, how many values are bound and the
// alternatives of its text.
var show = &analysis.Analyzer{
	Name: "show", Doc: "show recovered SQL", Requires: []*analysis.Analyzer{sqlflow.Analyzer},
	Run: func(pass *analysis.Pass) (any, error) {
		for _, call := range pass.ResultOf[sqlflow.Analyzer].(*sqlflow.Result).Calls {
			pass.Reportf(call.Pos(), "%s", describe(call))
		}
		return nil, nil
	},
}

func describe(call *sqlflow.Call) string {
	var texts []string
	for _, t := range call.Templates {
		texts = append(texts, strings.ReplaceAll(text(t), "\n", `\n`))
	}
	slices.Sort(texts)
	bound := ""
	if len(call.Args) > 0 {
		bound = fmt.Sprintf("(%d)", len(call.Args))
	}
	if call.Spread {
		bound = fmt.Sprintf("(%d...)", len(call.Args))
	}
	return fmt.Sprintf("%s%s: %s", call.Kind, bound, strings.Join(texts, " | "))
}

// text writes a template with the kind of each hole that is not plain text.
func text(t sqlflow.Template) string {
	marks := map[sqlflow.HoleKind]string{sqlflow.Number: "#", sqlflow.Identifier: `"`, sqlflow.Literal: "'"}
	var b strings.Builder
	for _, p := range t.Pieces {
		if p.Hole != nil {
			fmt.Fprintf(&b, "{%s%s}", marks[p.Hole.Kind], p.Hole.Code)
		}
		b.WriteString(p.Text)
	}
	return b.String()
}

func TestCalls(t *testing.T) {
	dir := analysistest.TestData() + "/flow"
	analysistest.Run(t, dir, show, "./calls", "./generic")
}

func TestGormChains(t *testing.T) {
	analysistest.Run(t, analysistest.TestData()+"/flow", show, "./orm/...")
}

func TestFacts(t *testing.T) {
	analysistest.Run(t, analysistest.TestData()+"/flow", sqlflow.Analyzer, "./wrappers")
}
