package report

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/tenantvet/tenantvet/finding"
)

func TestLocalizeNamesFilesFromWhereTheReaderStands(t *testing.T) {
	for dir, want := range map[string]string{
		"/repo":              "server/queries/a.sql",
		"/repo/server":       "queries/a.sql",
		"/repo/server/other": "../queries/a.sql",
		"/elsewhere":         "../repo/server/queries/a.sql",
	} {
		r := finding.Result{Findings: []finding.Finding{{Position: finding.Position{File: "/repo/server/queries/a.sql", Line: 1}}}}
		Localize(&r, "/repo", dir)
		assert.Equal(t, want, r.Findings[0].File, "from %s", dir)
	}
}
