package queryscope_test

import (
	"testing"

	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/tenantvet/tenantvet/analyzers/queryscope"
)

func TestPredicate(t *testing.T) {
	analysistest.Run(t, analysistest.TestData()+"/predicate", queryscope.Analyzer, "./...")
}

func TestRowLevelSecurity(t *testing.T) {
	analysistest.Run(t, analysistest.TestData()+"/rls", queryscope.Analyzer, "./...")
}
