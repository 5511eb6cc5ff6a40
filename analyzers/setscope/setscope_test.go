package setscope_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/tenantvet/tenantvet/analyzers/internal/analyzertest"
	"github.com/tenantvet/tenantvet/analyzers/setscope"
	"github.com/tenantvet/tenantvet/finding"
)

func TestAnalyzer(t *testing.T) {
	all := analyzertest.Run(t, setscope.Analyzer, "app", "./...")
	severities := map[string]map[finding.Severity]int{}
	for _, f := range all.Findings {
		if severities[f.Rule] == nil {
			severities[f.Rule] = map[finding.Severity]int{}
		}
		severities[f.Rule][f.Severity]++
		assert.NotNil(t, f.Fix, f.Message)
	}
	assert.Equal(t, 3, severities["set-injection"][finding.Warning], "UUIDs that are pasted into the text")
	assert.Equal(t, 2, severities["set-with-parameter"][finding.Warning], "the simple protocol, and a setting without a tenant")

	if assert.Len(t, all.Undecided, 1, "a struct field with queries on an unknown handle") {
		assert.Equal(t, "handle-unknown", all.Undecided[0].Code)
	}
	suppressed := 0
	for _, f := range all.Findings {
		if f.Suppressed != "" {
			suppressed++
		}
	}
	assert.Equal(t, 1, suppressed)
}
