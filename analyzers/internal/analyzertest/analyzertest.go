// Package analyzertest runs an analyzer on a module of test data.
package analyzertest

import (
	"path/filepath"
	"testing"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/tenantvet/tenantvet/finding"
)

// Run checks packages of the module testdata/<module>, all of them by the pattern "./...", against
// their want comments and returns everything that the analyzer found, in order.
func Run(t *testing.T, analyzer *analysis.Analyzer, module string, patterns ...string) finding.Result {
	t.Helper()
	var all finding.Result
	for _, r := range analysistest.Run(t, filepath.Join(analysistest.TestData(), module), analyzer, patterns...) {
		if found, ok := r.Result.(*finding.Result); ok {
			all.Add(*found)
		}
	}
	all.Sort()
	return all
}
