package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/tools/txtar"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/internal/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// lay writes the files of a txtar text into a new folder.
func lay(t *testing.T, archive string) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	require.NoError(t, err)
	for _, f := range txtar.Parse([]byte(archive)).Files {
		path := filepath.Join(dir, f.Name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, f.Data, 0o644))
	}
	return dir
}

func tenantvet(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(t.Context(), args, &out, &errs)
	return code, out.String(), errs.String()
}

const isolated = `
-- .tenantvet.yml --
tenant:
  columns: [tenant_id]
  settings: [app.tenant_id]
enforcement: both
-- migrations/001_invoices.up.sql --
CREATE TABLE invoices (
	id uuid NOT NULL,
	tenant_id uuid NOT NULL,
	PRIMARY KEY (tenant_id, id)
);
ALTER TABLE invoices ENABLE ROW LEVEL SECURITY;
ALTER TABLE invoices FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON invoices USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
-- queries/invoices.sql --
-- name: GetInvoice :one
SELECT id FROM invoices WHERE tenant_id = $1 AND id = $2;
`

const leaking = isolated + `
-- migrations/002_notes.up.sql --
CREATE TABLE notes (
	id uuid NOT NULL,
	tenant_id uuid NOT NULL,
	PRIMARY KEY (tenant_id, id)
);
`

func TestExitCodes(t *testing.T) {
	tests := map[string]struct {
		files  string
		args   []string
		code   int
		stdout []string
		stderr string
	}{
		"isolated":             {files: isolated, stdout: []string{"isolated: nothing found (1 query, 1 tenant table of 1)"}},
		"leaking":              {files: leaking, code: 1, stdout: []string{"migrations/002_notes.up.sql:1:14: error[rls-disabled]", "leaks: 1 error"}},
		"schema alone":         {files: leaking, args: []string{"schema"}, code: 1, stdout: []string{"2 tenant tables"}},
		"given files":          {files: leaking, args: []string{"schema", "migrations/001_invoices.up.sql"}, stdout: []string{"isolated: nothing found"}},
		"queries alone":        {files: leaking, args: []string{"sql"}, stdout: []string{"isolated: nothing found (1 query"}},
		"suppressed":           {files: strings.Replace(leaking, "CREATE TABLE notes", "-- tenantvet:ignore rls-disabled lookup\nCREATE TABLE notes", 1), stdout: []string{"isolated: 1 suppressed"}},
		"suppressed no more":   {files: strings.Replace(isolated, "CREATE TABLE invoices", "-- tenantvet:ignore rls-disabled lookup\nCREATE TABLE invoices", 1), stdout: []string{"warning[suppression-unused]"}},
		"fail on warnings":     {files: strings.Replace(isolated, "CREATE TABLE invoices", "-- tenantvet:ignore rls-disabled lookup\nCREATE TABLE invoices", 1), args: []string{"--fail-on=warning"}, code: 1},
		"not parsing":          {files: leaking + "-- migrations/003.up.sql --\nCREATE TABEL x ();\n", code: 2, stdout: []string{"migrations/003.up.sql:1:8: broken: syntax error", "error[rls-disabled]"}},
		"broken model":         {files: isolated + "-- .tenantvet.yml --\ntenants:\n  columns: [tenant_id]\n", code: 2, stderr: ".tenantvet.yml:1:1: "},
		"nothing at all":       {files: "-- README --\n", stdout: []string{"nothing to judge", "no SQL schema found", "no Go module here"}},
		"unknown flag":         {files: isolated, args: []string{"--fromat", "json"}, code: 2, stderr: "unknown flag: --fromat: did you mean --format?"},
		"unknown format":       {files: isolated, args: []string{"--format", "xml"}, code: 2, stderr: `unknown format "xml": use text, json, sarif, github`},
		"unknown severity":     {files: isolated, args: []string{"--fail-on", "high"}, code: 2, stderr: `unknown severity "high": use info, warning or error`},
		"unknown show":         {files: isolated, args: []string{"--show", "infos"}, code: 2, stderr: `cannot show "infos"`},
		"unknown enforcement":  {files: isolated, args: []string{"--enforcement", "none"}, code: 2, stderr: "--enforcement none: use rls, predicate or both"},
		"mistyped command":     {files: isolated, args: []string{"shcema"}, code: 2, stderr: `unknown command "shcema": did you mean tenantvet schema?`},
		"neither of both":      {files: isolated, args: []string{"invoicing"}, code: 2, stderr: `"invoicing" is neither a command nor a package`},
		"a folder by its name": {files: isolated, args: []string{"queries"}, code: 2, stderr: `"queries" is a folder: write ./queries`},
		"no such file":         {files: isolated, args: []string{"schema", "migratoins"}, code: 2, stderr: "migratoins: no such file or folder"},
		"no such revision":     {files: isolated, args: []string{"--changed-since", "HEAD"}, code: 2, stderr: "not a git repository"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, stdout, stderr := tenantvet(t, append(tt.args, "-C", lay(t, tt.files))...)
			assert.Equal(t, tt.code, code, "%s%s", stdout, stderr)
			for _, want := range tt.stdout {
				assert.Contains(t, stdout, want)
			}
			if tt.stderr == "" {
				assert.Empty(t, stderr)
			}
			assert.Contains(t, stderr, tt.stderr)
		})
	}
}

func TestNoSuchFolder(t *testing.T) {
	code, _, stderr := tenantvet(t, "-C", "/nowhere/at/all")
	assert.Equal(t, 2, code)
	assert.Equal(t, "tenantvet: -C /nowhere/at/all: no such folder\n", stderr)
}

func TestJSON(t *testing.T) {
	code, stdout, _ := tenantvet(t, "--format", "json", "-C", lay(t, leaking))
	assert.Equal(t, 1, code)
	var got struct {
		Verdict  finding.Verdict
		Findings []finding.Finding
	}
	require.NoError(t, json.Unmarshal([]byte(stdout), &got))
	assert.Equal(t, finding.Leaks, got.Verdict)
	require.Len(t, got.Findings, 1)
	assert.Equal(t, "rls-disabled", got.Findings[0].Rule)
	assert.NotEmpty(t, got.Findings[0].Fingerprint)
}

func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var stdout, stderr bytes.Buffer
	assert.Equal(t, 2, run(ctx, []string{"-C", lay(t, isolated)}, &stdout, &stderr))
	assert.Empty(t, stdout.String())
	assert.Equal(t, "tenantvet: interrupted\n", stderr.String())
}

func TestRules(t *testing.T) {
	code, stdout, _ := tenantvet(t, "rules")
	assert.Equal(t, 0, code)
	assert.Len(t, strings.Split(strings.TrimSpace(stdout), "\n"), len(finding.Rules()))
}

func TestExplain(t *testing.T) {
	code, stdout, _ := tenantvet(t, "explain", "rls-disabled")
	assert.Equal(t, 0, code)
	assert.True(t, strings.HasPrefix(stdout, "# rls-disabled\n"))

	code, _, stderr := tenantvet(t, "explain", "rls-disable")
	assert.Equal(t, 2, code)
	assert.Equal(t, "tenantvet: no rule is named \"rls-disable\": did you mean rls-disabled?\n", stderr)
}

func TestInit(t *testing.T) {
	dir := lay(t, strings.Replace(leaking, "-- .tenantvet.yml --", "-- old.yml --", 1))
	code, stdout, stderr := tenantvet(t, "init", "-C", dir)
	require.Equal(t, 0, code, stderr)
	assert.Contains(t, stdout, "  invoices: ")
	assert.Contains(t, stdout, "wrote "+filepath.Join(dir, ".tenantvet.yml"))

	code, _, stderr = tenantvet(t, "init", "-C", dir)
	assert.Equal(t, 2, code)
	assert.Contains(t, stderr, "exists: --force replaces it")

	code, stdout, stderr = tenantvet(t, "-C", dir)
	assert.Equal(t, 1, code, stderr)
	assert.Contains(t, stdout, "error[rls-disabled]")
}
