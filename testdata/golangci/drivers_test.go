package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tenantvet/tenantvet/finding"
)

// asGolangci makes the test binary golangci-lint itself, which spares a second link of it.
const asGolangci = "TENANTVET_TEST_AS_GOLANGCI"

func TestMain(m *testing.M) {
	if os.Getenv(asGolangci) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// place is what the drivers must agree on.
type place struct {
	File string
	Line int
	Rule string
}

// build builds tenantvet.
func build(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "tenantvet")
	cmd := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "./cmd/tenantvet")
	cmd.Dir = "../.."
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return binary
}

// TestDriversAgree runs the same code through tenantvet, go vet and golangci-lint.
func TestDriversAgree(t *testing.T) {
	tenantvet := build(t)
	config, err := filepath.Abs("golangci.yml")
	require.NoError(t, err)
	self, err := os.Executable()
	require.NoError(t, err)

	// The demo, also from above its planted part, whose packages are judged by its own model; and the
	// modules that the analyzers are tested on.
	dirs := []string{"../demo", "../demo/planted"}
	fixtures, err := filepath.Glob("../../analyzers/*/testdata/*/go.mod")
	require.NoError(t, err)
	require.NotEmpty(t, fixtures)
	for _, mod := range fixtures {
		dirs = append(dirs, filepath.Dir(mod))
	}
	for _, dir := range dirs {
		t.Run(dir, func(t *testing.T) {
			dir, err := filepath.Abs(dir)
			require.NoError(t, err)
			own := standalone(t, output(t, dir, nil, tenantvet, "--format=json", "./..."))
			vet := diagnostics(t, dir, output(t, dir, nil, "go", "vet", "-vettool="+tenantvet, "./..."))
			lint := diagnostics(t, dir, output(t, dir, []string{asGolangci + "=1", "GOLANGCI_LINT_CACHE=" + t.TempDir()},
				self, "run", "--config", config, "--path-mode=abs", "--output.text.print-issued-lines=false", "--output.text.colors=false", "./..."))
			require.NotEmpty(t, own)
			assert.ElementsMatch(t, own, vet, "tenantvet and go vet")
			assert.ElementsMatch(t, own, lint, "tenantvet and golangci-lint")
		})
	}
}

// The go command keeps the findings of a package whose Go files did not change; a migration must make
// it forget them.
func TestVetForgetsWhenAMigrationChanges(t *testing.T) {
	tenantvet, dir := build(t), t.TempDir()
	write := func(name, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644))
	}
	write("go.mod", "module example.com/app\n\ngo 1.26\n")
	write(".tenantvet.yml", "tenant:\n  columns: [tenant_id]\nenforcement: predicate\nmigrations:\n  - path: schema.sql\n")
	write("app.go", "package app\n\nimport \"database/sql\"\n\nfunc Touch(db *sql.DB) { db.Exec(\"UPDATE notes SET body = ''\") }\n")
	vet := func() []place {
		return diagnostics(t, dir, output(t, dir, nil, "go", "vet", "-vettool="+tenantvet, "./..."))
	}
	write("schema.sql", "CREATE TABLE invoices (tenant_id uuid NOT NULL); CREATE TABLE notes (body text);\n")
	assert.Empty(t, vet())
	write("schema.sql", "CREATE TABLE invoices (tenant_id uuid NOT NULL); CREATE TABLE notes (tenant_id uuid NOT NULL, body text);\n")
	assert.Equal(t, []place{{"app.go", 5, "query-unscoped"}}, vet())
	assert.Len(t, vet(), 1, "from the cache")
	write("schema.sql", "CREATE TABLE invoices (tenant_id uuid NOT NULL); CREATE TABLE notes (body text);\n")
	assert.Empty(t, vet())
}

// output runs a command and returns what it prints; an exit code of 1 means findings.
func output(t *testing.T, dir string, env []string, name string, args ...string) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil && cmd.ProcessState.ExitCode() != 1 {
		t.Fatalf("%s: %v\n%s%s", cmd, err, &stdout, &stderr)
	}
	return append(stdout.Bytes(), stderr.Bytes()...)
}

// standalone returns the findings about Go code, which the other drivers show too: one in an embedded
// SQL file stands there where the statement runs.
func standalone(t *testing.T, report []byte) []place {
	t.Helper()
	var r struct{ Findings []finding.Finding }
	require.NoError(t, json.Unmarshal(report, &r), "%s", report)
	places := map[place]bool{}
	for _, f := range r.Findings {
		at := f.Position
		if !isGo(at) && len(f.Related) > 0 {
			at = f.Related[len(f.Related)-1].Position
		}
		if isGo(at) && f.Severity >= finding.Warning && f.Suppressed == "" {
			places[place{at.File, at.Line, f.Rule}] = true
		}
	}
	return keys(places)
}

func isGo(at finding.Position) bool { return strings.HasSuffix(at.File, ".go") }

var diagnostic = regexp.MustCompile(`(?m)^(?:vet: )?(\S+\.go):(\d+):\d+: (?:[a-z]+: )?([a-z]+(?:-[a-z]+)+): `)

// diagnostics reads the lines of go vet and of golangci-lint.
func diagnostics(t *testing.T, dir string, text []byte) []place {
	t.Helper()
	places := map[place]bool{}
	for _, m := range diagnostic.FindAllStringSubmatch(string(text), -1) {
		file := m[1]
		if filepath.IsAbs(file) {
			var err error
			file, err = filepath.Rel(dir, file)
			require.NoError(t, err)
		}
		line, err := strconv.Atoi(m[2])
		require.NoError(t, err)
		places[place{filepath.ToSlash(filepath.Clean(file)), line, m[3]}] = true
	}
	if len(places) == 0 && len(bytes.TrimSpace(text)) > 0 {
		t.Logf("no findings in:\n%s", text)
	}
	return keys(places)
}

func keys(places map[place]bool) []place {
	list := make([]place, 0, len(places))
	for p := range places {
		list = append(list, p)
	}
	return list
}
