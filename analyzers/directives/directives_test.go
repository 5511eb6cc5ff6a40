package directives_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/tenantvet/tenantvet/analyzers/directives"
)

func TestAnalyzer(t *testing.T) {
	dir, err := filepath.Abs("testdata/app")
	require.NoError(t, err)
	analysistest.Run(t, dir, directives.Analyzer, "./...")
}
