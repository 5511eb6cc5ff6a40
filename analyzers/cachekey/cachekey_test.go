package cachekey_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/tenantvet/tenantvet/analyzers/cachekey"
	"github.com/tenantvet/tenantvet/analyzers/internal/analyzertest"
	"github.com/tenantvet/tenantvet/finding"
)

func TestAnalyzer(t *testing.T) {
	all := analyzertest.Run(t, cachekey.Analyzer, "app", "./...")
	bySeverity := map[finding.Severity][]string{}
	for _, f := range all.Findings {
		bySeverity[f.Severity] = append(bySeverity[f.Severity], f.Object)
		assert.NotNil(t, f.Fix)
	}
	assert.Equal(t, []string{"keys.store.unique", "keys.store.unique", "keys.store.loaded"}, bySeverity[finding.Info],
		"unique ids and credentials")
	assert.Equal(t, []string{"keys.store.counter", "keys.store.checked"}, bySeverity[finding.Warning],
		"a counter, and a value that is checked before it is handed out")
	if assert.Len(t, all.Undecided, 1, "a key that comes out of a function value") {
		assert.Equal(t, "cache-key-unresolved", all.Undecided[0].Code)
	}
}

func TestFix(t *testing.T) {
	var code []string
	for _, f := range analyzertest.Run(t, cachekey.Analyzer, "app", "./keys").Findings {
		if f.Object == "keys.store.byName" {
			code = append(code, f.Fix.Code)
		}
	}
	assert.Equal(t, []string{`fmt.Sprintf("%s:%s", workspaceID, "namespace:"+name)`}, code)
}
