package report_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/report"
)

var update = flag.Bool("update", false, "write the golden files anew")

// sample has one of everything; its files are in testdata.
func sample(t *testing.T) *report.Report {
	t.Helper()
	dir, err := filepath.Abs("testdata")
	require.NoError(t, err)
	at := func(file string, line, column int) finding.Position {
		return finding.Position{File: filepath.Join(dir, file), Line: line, Column: column}
	}
	leak := finding.New("rls-disabled", at("schema.sql", 3, 1), "public.invoice",
		"table public.invoice has no row-level security, so every role with a grant reads all tenants")
	leak.Evidence = []string{"tenant column tenant_id", "app_user has SELECT"}
	leak.Related = []finding.Related{{Position: at("schema.sql", 8, 1), Message: "granted here"}}
	leak.Fix = &finding.Fix{Message: "enable and force it", Code: "ALTER TABLE invoice ENABLE ROW LEVEL SECURITY;\nALTER TABLE invoice FORCE ROW LEVEL SECURITY;"}
	column := finding.New("tenant-column-nullable", at("schema.sql", 5, 2), "public.invoice", "tenant_id accepts NULL: 100%% of, say, nothing\nis known")
	info := finding.New("query-by-id-unscoped", at("schema.sql", 9, 8), "", "invoice is reached by its id")
	quiet := finding.New("query-unscoped", at("schema.sql", 10, 1), "", "statement reaches all tenants")
	quiet.Suppressed = "nightly rollup"
	live := finding.New("connection-bypasses-rls", finding.Position{}, "role postgres", "role postgres is a superuser")
	result := &finding.Result{
		Findings: []finding.Finding{quiet, info, column, leak, live},
		Undecided: []finding.Undecided{
			{Position: at("schema.sql", 11, 1), Object: "public.f", Code: "dynamic-sql", Reason: "EXECUTE of a computed text"},
		},
		Skipped: []finding.Skipped{
			{Position: at("broken.sql", 1, 8), What: "statement", Reason: "syntax error at or near \"FORM\"", Broken: true},
			{What: "example.com/app/gen", Reason: "no Go files"},
		},
		Notes: []string{"inferred: tenant column tenant_id"},
	}
	report.Localize(result, dir, dir)
	return &report.Report{
		Result: result, Dir: dir, Version: "v0.1.0",
		Coverage: report.Coverage{Packages: 3, Statements: 1, Tables: 4, TenantTables: 2},
	}
}

func TestGolden(t *testing.T) {
	tests := map[string]struct {
		format report.Format
		change func(*report.Report)
	}{
		"text.txt":       {format: report.Text},
		"text-all.txt":   {format: report.Text, change: func(r *report.Report) { r.Show, _ = report.ParseShow("all") }},
		"text-color.txt": {format: report.Text, change: func(r *report.Report) { r.Color = true }},
		"report.json":    {format: report.JSON},
		"report.sarif":   {format: report.SARIF},
		"github.txt":     {format: report.GitHub},
		"report.md":      {format: report.Markdown},
		"empty.txt":      {format: report.Text, change: empty},
		"empty.json":     {format: report.JSON, change: empty},
		"isolated.txt":   {format: report.Text, change: func(r *report.Report) { r.Result = &finding.Result{} }},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := sample(t)
			if tt.change != nil {
				tt.change(r)
			}
			var out bytes.Buffer
			require.NoError(t, report.Write(&out, tt.format, r))
			golden := filepath.Join("testdata", "golden", name)
			if *update {
				require.NoError(t, os.WriteFile(golden, out.Bytes(), 0o644))
			}
			want, err := os.ReadFile(golden)
			require.NoError(t, err)
			assert.Equal(t, string(want), out.String())
		})
	}
}

func empty(r *report.Report) {
	r.Result, r.Coverage = &finding.Result{}, report.Coverage{}
}

func TestSARIFIsValid(t *testing.T) {
	for _, r := range []*report.Report{sample(t), {Result: &finding.Result{}}} {
		var out bytes.Buffer
		require.NoError(t, report.Write(&out, report.SARIF, r))
		log, err := sarif.FromBytes(out.Bytes(), sarif.WithStrictValidation())
		require.NoError(t, err)
		require.NoError(t, log.Validate())
		run := log.Runs[0]
		for _, result := range run.Results {
			assert.Equal(t, *result.RuleID, *run.Tool.Driver.Rules[result.RuleIndex].ID)
		}
	}
}

func TestFingerprintsDoNotDependOnWhereTheReaderStands(t *testing.T) {
	fingerprints := func(dir string) (files, prints []string) {
		r := sample(t).Result
		for i := range r.Findings { // back to absolute paths
			if r.Findings[i].File != "" {
				r.Findings[i].File = filepath.Join("/repo", r.Findings[i].File)
			}
		}
		report.Localize(r, "/repo", dir)
		for _, f := range r.Findings {
			files, prints = append(files, f.File), append(prints, f.Fingerprint)
		}
		return files, prints
	}
	files, here := fingerprints("/repo")
	assert.Contains(t, files, "schema.sql")
	files, below := fingerprints("/repo/cmd")
	assert.Contains(t, files, "../schema.sql")
	assert.Equal(t, here, below)
}

// A hostile repository must steer neither the terminal nor the runner of a workflow.
func TestHostileText(t *testing.T) {
	f := finding.New("query-unscoped", finding.Position{File: "a,b:c\n.sql", Line: 1}, "\x1b[2J", "one\r\n::error::two\x1b]0;x\a")
	f.Evidence = []string{"\x1b[31mred"}
	r := &report.Report{Result: &finding.Result{Findings: []finding.Finding{f}}}
	for _, format := range report.Formats() {
		var out bytes.Buffer
		require.NoError(t, report.Write(&out, report.Format(format), r))
		assert.NotContains(t, out.String(), "\x1b", format)
		if format == string(report.GitHub) {
			assert.Equal(t, 1, strings.Count("\n"+out.String(), "\n::"))
		}
	}
}

func TestLongLines(t *testing.T) {
	dir := t.TempDir()
	line := strings.Repeat("é", 400) + "\tX" + strings.Repeat("y", 400)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "a.sql"), []byte(line), 0o644))
	f := finding.New("query-unscoped", finding.Position{File: "a.sql", Line: 1, Column: strings.Index(line, "X") + 1}, "", "m")
	var out bytes.Buffer
	require.NoError(t, report.Write(&out, report.Text, &report.Report{Result: &finding.Result{Findings: []finding.Finding{f}}, Dir: dir}))
	lines := strings.Split(out.String(), "\n")
	source, caret := []rune(lines[1]), []rune(lines[2])
	assert.Less(t, len(source), 140)
	require.Equal(t, '^', caret[len(caret)-1])
	assert.Equal(t, 'X', source[len(caret)-1])
}

func TestJSONHasListsInsteadOfNull(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, report.Write(&out, report.JSON, &report.Report{Result: &finding.Result{}}))
	var got map[string]any
	require.NoError(t, json.Unmarshal(out.Bytes(), &got))
	for _, list := range []string{"findings", "undecided", "skipped", "notes"} {
		assert.IsType(t, []any{}, got[list], list)
	}
}

func TestParse(t *testing.T) {
	_, err := report.ParseFormat("xml")
	assert.EqualError(t, err, `unknown format "xml": use text, json, sarif, github, markdown, html`)
	_, err = report.ParseShow("infos")
	assert.EqualError(t, err, `cannot show "infos": use info, undecided, skipped, suppressed or all`)
	show, err := report.ParseShow("info, skipped")
	require.NoError(t, err)
	assert.Equal(t, report.Show{"info", "skipped"}, show)
}
