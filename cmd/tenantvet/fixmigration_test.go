package main

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestFixMigrationOfTheDemo(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "demo")
	require.NoError(t, os.CopyFS(dir, os.DirFS(demo)))
	planted := filepath.Join(dir, "planted")
	fix := filepath.Join("migrations", "00042_isolation.sql")
	write := func() (string, int) {
		var stdout, stderr bytes.Buffer
		code := run(t.Context(), []string{"schema", "-C", planted, "--format", "json", "--fix-migration", fix}, &stdout, &stderr)
		return stdout.String() + stderr.String(), code
	}
	output, code := write()
	assert.Equal(t, failing, code, "the findings are reported all the same")
	assert.Regexp(t, `migrations/00042_isolation\.sql mends \d{2} findings`, output)
	text, err := os.ReadFile(filepath.Join(planted, fix))
	require.NoError(t, err)
	assert.Regexp(t, `^-- \+goose NO TRANSACTION\n-- \+goose Up\n`, string(text))
	assert.Contains(t, string(text), "-- Not mended here:\n--   tenant-column-missing: public.attachments")

	result, _ := checkDemo(t, planted, "./...")
	for _, f := range result.Findings {
		if f.Fix != nil && f.Category == "isolation" && filepath.Ext(f.File) == ".sql" {
			assert.NotRegexp(t, `^(ALTER|CREATE|DROP|REVOKE) `, f.Fix.Code, "%s: %s", f.Position, f.Message)
		}
	}

	output, code = write()
	assert.Equal(t, unfinished, code)
	assert.Contains(t, output, "the file exists already: name a new one")
	again, err := os.ReadFile(filepath.Join(planted, fix))
	require.NoError(t, err)
	assert.Equal(t, string(text), string(again))
}

func TestFixMigrationWithoutFindings(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "schema.sql"), []byte("CREATE TABLE currencies (code text PRIMARY KEY);\n"), 0o644))
	var stdout, stderr bytes.Buffer
	assert.Equal(t, clean, run(t.Context(), []string{"schema", "-C", dir, "--fix-migration", "fix.sql", "schema.sql"}, &stdout, &stderr))
	assert.Contains(t, stdout.String(), "so no file is written")
	_, err := os.Stat(filepath.Join(dir, "fix.sql"))
	assert.ErrorIs(t, err, fs.ErrNotExist)
}
