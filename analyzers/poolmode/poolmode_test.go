package poolmode_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/tenantvet/tenantvet/analyzers/internal/analyzertest"
	"github.com/tenantvet/tenantvet/analyzers/poolmode"
	"github.com/tenantvet/tenantvet/finding"
)

func TestAnalyzer(t *testing.T) {
	for _, f := range analyzertest.Run(t, poolmode.Analyzer, "app", "./config").Findings {
		assert.Equal(t, finding.Warning, f.Severity, "nothing says that there is a pooler: %s", f.Message)
		assert.NotNil(t, f.Fix)
	}
	pooled := analyzertest.Run(t, poolmode.Analyzer, "app", "./pooled").Findings
	for _, f := range pooled {
		assert.Equal(t, finding.Error, f.Severity)
		assert.Len(t, f.Related, 1, "where the pooler is named")
	}
	if assert.Len(t, pooled, 2) {
		assert.Equal(t, "the admin console of the pooler has one client", pooled[1].Suppressed)
	}
}
