package queryscope_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/tenantvet/tenantvet/analyzers/internal/analyzertest"
	"github.com/tenantvet/tenantvet/analyzers/queryscope"
	"github.com/tenantvet/tenantvet/finding"
)

func TestPredicate(t *testing.T) {
	all := analyzertest.Run(t, queryscope.Analyzer, "predicate", "./...")
	assert.Empty(t, all.Skipped)

	for _, f := range all.Findings {
		if filepath.Base(f.File) == "associations.go" && f.Line == 35 {
			assert.Equal(t, "Preload of Payments reads public.payment by the keys of other rows, whichever tenant it belongs to", f.Message)
			assert.Equal(t, &finding.Fix{Message: "give the association a condition", Code: `.Preload("Payments", "payment.tenant_id = ?", tenantID)`}, f.Fix)
		}
		if filepath.Base(f.File) == "orm.go" && f.Rule == "query-unscoped" {
			assert.Equal(t, &finding.Fix{Message: "add to the chain", Code: `.Where("invoice.tenant_id = ?", tenantID)`}, f.Fix)
		}
	}

	// What is no diagnostic: hints, suppressed findings, open questions.
	var quiet []string
	for _, f := range all.Findings {
		at := fmt.Sprintf("%s:%d:%d %s", filepath.Base(f.File), f.Line, f.Column, f.Rule)
		switch {
		case f.Suppressed != "":
			quiet = append(quiet, at+" suppressed")
		case f.Severity == finding.Info:
			quiet = append(quiet, at)
		case f.File == "" || filepath.Ext(f.File) == ".sql":
			quiet = append(quiet, at)
		}
	}
	assert.Equal(t, []string{
		"associations.go:35:45 query-by-id-unscoped", "associations.go:39:43 query-by-id-unscoped", "associations.go:41:14 query-by-id-unscoped",
		"associations.go:47:13 insert-without-tenant", "associations.go:52:11 query-by-id-unscoped",
		"orm.go:44:120 query-by-id-unscoped",
		"orm.go:53:20 query-by-id-unscoped",
		"later.go:16:35 query-by-id-unscoped",
		"queries.go:43:40 query-by-id-unscoped",
		"queries.go:74:34 query-unscoped suppressed",
		"queries.go:75:34 query-unscoped suppressed",
		"query.sql:2:6 query-unscoped",
		"unused.go:25:49 query-by-id-unscoped",
		"unused.go:55:60 query-by-id-unscoped",
		"unused.go:124:32 query-by-id-unscoped", "unused.go:146:32 query-by-id-unscoped",
		"store.go:22:42 query-by-id-unscoped",
	}, slices.Compact(quiet))
	var open []string
	for _, u := range all.Undecided {
		open = append(open, fmt.Sprintf("%s:%d %s", filepath.Base(u.File), u.Line, u.Code))
	}
	assert.Equal(t, []string{"associations.go:40 sql-unresolved", "orm.go:68 tenant-undecided", "queries.go:52 sql-unresolved", "queries.go:80 sql-unresolved", "given.go:26 tenant-undecided"}, open)
}

func TestRowLevelSecurity(t *testing.T) {
	all := analyzertest.Run(t, queryscope.Analyzer, "rls", "./...")
	assert.Equal(t, []finding.Skipped{{
		What: "example.com/rls/local", Reason: "its SQL goes to SQLite, by the driver that it imports, and not to PostgreSQL",
	}}, all.Skipped)
	var open []string
	for _, u := range all.Undecided {
		open = append(open, fmt.Sprintf("%s:%d %s", filepath.Base(u.File), u.Line, u.Code))
	}
	assert.Equal(t, []string{"service.go:118 handle-unknown", "service.go:126 handle-unknown", "service.go:140 handle-unknown"}, open)

	// An obligation that is met far from its statement shows the way there.
	i := slices.IndexFunc(all.Findings, func(f finding.Finding) bool {
		return filepath.Base(f.File) == "service.go" && f.Line == 91
	})
	if assert.GreaterOrEqual(t, i, 0) {
		var chain []string
		for _, r := range all.Findings[i].Related {
			chain = append(chain, fmt.Sprintf("%d %s", r.Line, r.Message))
		}
		assert.Equal(t, []string{
			"91 called here",
			"82 called here",
			"13 the statement on public.invoice relies on row-level security",
			"90 the handle comes from here",
		}, chain)
	}
}

// Where both are wanted, a statement that names the tenant still has to run where the tenant is set.
func TestBoth(t *testing.T) {
	all := analyzertest.Run(t, queryscope.Analyzer, "both", "./...")
	assert.Empty(t, all.Skipped)
	assert.Empty(t, all.Undecided)
	for _, f := range all.Findings {
		if strings.Contains(f.Message, "names the tenant") {
			assert.Equal(t, finding.Warning, f.Severity, f.Message)
		}
	}
}
