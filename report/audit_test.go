package report_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/livecheck"
	"github.com/tenantvet/tenantvet/report"
	"github.com/tenantvet/tenantvet/report/page"
)

// audited is a report on one running database.
func audited() *report.Report {
	matrix := matrixReport(false).Matrix
	leak := finding.New("statement-unscoped", finding.Position{}, "public.notes", "the plan reads rows of every tenant in public.notes")
	leak.Fix = &finding.Fix{Message: "add a condition", Code: "ALTER TABLE notes ENABLE ROW LEVEL SECURITY;"}
	a := &livecheck.Audit{
		Database: "db.internal/shop", Server: "18.4", Role: "auditor", Pooled: true, Matrix: matrix,
		Result: finding.Result{
			Findings: []finding.Finding{leak, finding.New("schema-drift", finding.Position{}, "t7.notes", "column body is missing in schema t7")},
			Skipped:  []finding.Skipped{{What: "pg_stat_statements", Reason: "not loaded"}},
		},
		Statements: []livecheck.Statement{
			{Text: "SELECT *\n  FROM notes", Calls: 12, Total: 600, Mean: 50, Rows: 1200, Share: .61, Scope: livecheck.EveryTenant, Plan: "Seq Scan on public.notes"},
			{Text: "SELECT 1 FROM invoices WHERE id = $1", Calls: 900, Total: 300, Mean: .3, Share: .3, Scope: livecheck.OneTenant, Access: livecheck.ByTenant},
			{Text: "CALL f()", Calls: 1, Share: .01, Unjudged: "a procedure"},
		},
		Probes: []livecheck.Probe{{Role: "app", Relation: "public.notes", Command: "select", State: "tenant A", Verdict: "refuted", Why: "3 rows of B"}},
		Skew: &livecheck.Skew{
			Tenants: []livecheck.TenantShare{{Tenant: "a|b", Rows: 100, Bytes: 4096, Share: .25, ByteShare: .4}},
			Tables:  []livecheck.TableSkew{{Table: "public.notes", Tenants: []livecheck.TenantShare{{Tenant: "a|b", Rows: 100, Share: .5}}}, {Table: "public.empty"}},
			Unknown: []string{"public.log was never analyzed"},
		},
	}
	return &report.Report{
		Result: &finding.Result{Findings: a.Result.Findings, Skipped: a.Result.Skipped}, Audits: []*livecheck.Audit{a},
		Coverage: report.Coverage{Databases: 1, Executed: 3, Tables: 4, TenantTables: 2},
		When:     time.Date(2026, 11, 21, 23, 0, 0, 0, time.UTC), Version: "v0.1.0",
	}
}

func TestAuditGolden(t *testing.T) {
	for name, format := range map[string]report.Format{"audit.txt": report.Text, "audit.md": report.Markdown, "audit.json": report.JSON} {
		var out bytes.Buffer
		require.NoError(t, report.Write(&out, format, audited()))
		golden := filepath.Join("testdata", "golden", name)
		if *update {
			require.NoError(t, os.WriteFile(golden, out.Bytes(), 0o644))
		}
		want, err := os.ReadFile(golden)
		require.NoError(t, err)
		assert.Equal(t, string(want), out.String(), name)
	}
}

// shown reads back what an HTML page shows.
func shown(t *testing.T, r *report.Report) (p page.Page) {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, report.Write(&out, report.HTML, r))
	data := regexp.MustCompile(`(?s)id="data">(.*?)</script>`).FindSubmatch(out.Bytes())
	require.Len(t, data, 2)
	require.NoError(t, json.Unmarshal(data[1], &p))
	return p
}

func TestPageOfAnAudit(t *testing.T) {
	p := shown(t, audited())
	assert.Equal(t, "leaks", p.Verdict)
	assert.Equal(t, "21 Nov 2026, 23:00 UTC", p.When)
	assert.Equal(t, []page.Database{{Name: "db.internal/shop", Server: "18.4", Role: "auditor", Pooled: true, Verdict: "leaks"}}, p.Databases)
	require.Len(t, p.Relations, 1, "without those that nobody reaches")
	assert.Equal(t, "ilu--", p.Relations[0].Cells)
	assert.Equal(t, []page.Note{
		{Commands: []string{"insert"}, Verdict: "leaks", Reason: "policy p: every row passes", Rule: "policy-leaks", Witness: "INSERT INTO invoices\nVALUES (1);"},
		{Commands: []string{"update"}, Verdict: "undecided", Reason: "policy p: dynamic"},
	}, p.Relations[0].Notes)
	matrix := matrixReport(false)
	for i := range matrix.Matrix.Cells[:3] {
		c := &matrix.Matrix.Cells[i]
		c.Verdict, c.Reason, c.Rule, c.Witness = finding.Leaks, "no row-level security", "rls-disabled", strings.ToUpper(c.Command)
	}
	assert.Equal(t, []page.Note{{Commands: []string{"select", "insert", "update"}, Verdict: "leaks", Reason: "no row-level security",
		Rule: "rls-disabled", Witness: "SELECT\n\nINSERT\n\nUPDATE"}}, shown(t, matrix).Relations[0].Notes, "one reason, said once")
	require.Len(t, p.Findings, 1, "once, though it is in the audit and in the whole")
	require.Len(t, p.Drift, 1)
	assert.Equal(t, "schema-drift", p.Drift[0].Rule)
	var levels []string
	for _, s := range p.Statements {
		levels = append(levels, s.Level)
	}
	assert.Equal(t, []string{"bad", "good", "unknown"}, levels)
	require.Len(t, p.Skew, 2, "the whole and the table with shares")
	assert.Equal(t, page.Tenant{Name: "a|b", Rows: 100, Bytes: 4096, Share: .25, ByBytes: .4}, p.Skew[0].Tenants[0])
	assert.Len(t, p.Gaps, 2)
	for _, rule := range []string{"statement-unscoped", "policy-leaks", "function-set-not-local", "schema-drift"} {
		assert.Equal(t, report.RulePage(rule), p.Rules[rule])
	}
}

// Two databases may have the same finding: each has its own row.
func TestPageOfSeveralDatabases(t *testing.T) {
	r := audited()
	other := *r.Audits[0]
	other.Database = "db.internal/other"
	r.Audits = append(r.Audits, &other)
	p := shown(t, r)
	require.Len(t, p.Findings, 2)
	assert.ElementsMatch(t, []string{"db.internal/shop", "db.internal/other"}, []string{p.Findings[0].Database, p.Findings[1].Database})
	assert.Len(t, p.Relations, 2)
}

// A large fleet is a line for each database, the worst first; a comment has room for no more.
func TestLargeFleet(t *testing.T) {
	r := audited()
	for i := range 40 {
		other := livecheck.Audit{Database: fmt.Sprintf("shard%02d", i), Server: "17.9", Statements: r.Audits[0].Statements}
		r.Audits = append(r.Audits, &other)
	}
	r.Audits[7].Partial = "the connection was lost"
	for format, order := range map[report.Format]string{
		report.Text:     `(?s)leaks      db\.internal/shop: .*isolated   shard06: PostgreSQL 17\.9, audited as ; partial, as the connection was lost.*isolated   shard00: .*and 11 more databases`,
		report.Markdown: `(?s)\| \*\*leaks\*\* \| db\.internal/shop: .*\| isolated \| shard06: .*\| isolated \| shard00: .*and 11 more`,
	} {
		var out bytes.Buffer
		require.NoError(t, report.Write(&out, format, r))
		assert.Regexp(t, order, out.String())
		assert.NotContains(t, out.String(), "SELECT 1 FROM invoices")
	}
}

// The page holds everything; what Text lists only with Show is filtered in the browser.
func TestPageOfFiles(t *testing.T) {
	p := shown(t, sample(t))
	assert.Len(t, p.Findings, 5)
	assert.Equal(t, "error", p.Findings[0].Severity)
	assert.Equal(t, "suppressed", p.Findings[4].Severity)
	sources := 0
	for _, f := range p.Findings {
		if strings.HasPrefix(f.Source, "CREATE TABLE invoice") {
			sources++
		}
	}
	assert.Equal(t, 1, sources, "the line of the finding is there")
	kinds := map[string]int{}
	for _, g := range p.Gaps {
		kinds[g.Kind]++
	}
	assert.Equal(t, map[string]int{"broken": 1, "skipped": 1, "undecided": 1, "note": 1}, kinds)
	assert.Empty(t, p.When)
	assert.Len(t, shown(t, matrixReport(false)).Relations, 1)
}

// Names cannot become markup, elements, mentions or cells.
func TestHostileMarkdown(t *testing.T) {
	const name = "a|b`c</table><img src=x> @admin [x](http://evil)\n# head\n```"
	f := finding.New("query-unscoped", finding.Position{}, name, "%s", name)
	f.Fix = &finding.Fix{Message: name, Code: "SELECT '\n```\n'"}
	r := audited()
	r.Result.Findings, r.Audits[0].Database, r.Audits[0].Statements[0].Text = []finding.Finding{f}, name, name
	var out bytes.Buffer
	require.NoError(t, report.Write(&out, report.Markdown, r))
	text := out.String()
	assert.NotContains(t, text, "<img")
	assert.NotContains(t, text, "@admin")
	assert.NotContains(t, text, "[x](")
	assert.NotContains(t, text, "\n# head")
	assert.Contains(t, text, "````\nSELECT '\n```\n'\n````")
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "| error |") {
			assert.Equal(t, 4, len(regexp.MustCompile(`(^|[^\\])\|`).FindAllString(line, -1)), line)
		}
	}
}
