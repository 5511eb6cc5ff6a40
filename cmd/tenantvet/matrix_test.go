package main

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/schemacheck"
)

// TestMatrixOfTheDemo compares the flag's cells with what the demo is known for: clean at the top, leaking where
// defects are planted.
func TestMatrixOfTheDemo(t *testing.T) {
	for dir, want := range map[string]bool{demo: false, filepath.Join(demo, "planted"): true} {
		var stdout, stderr bytes.Buffer
		run(t.Context(), []string{"schema", "-C", dir, "--matrix", "--format", "json"}, &stdout, &stderr)
		var document struct{ Matrix schemacheck.Matrix }
		require.NoError(t, json.Unmarshal(stdout.Bytes(), &document), "stderr: %s", &stderr)
		found := false
		for _, c := range document.Matrix.Cells {
			assert.Equal(t, "invoicing_app", c.Role)
			found = found || c.Relation == "public.payments" && c.Verdict == finding.Leaks
			assert.True(t, want || c.Verdict == finding.Isolated || c.Verdict == schemacheck.NoAccess, "%v", c)
		}
		assert.NotEmpty(t, document.Matrix.Cells)
		assert.Equal(t, want, found, dir)
	}
}

func TestMatrixNeedsAFormatThatShowsIt(t *testing.T) {
	var stdout, stderr bytes.Buffer
	assert.Equal(t, unfinished, run(t.Context(), []string{"schema", "-C", demo, "--matrix", "--format", "sarif"}, &stdout, &stderr))
	assert.Contains(t, stderr.String(), "--matrix with --format sarif: use text, json, markdown or html")
}

func TestMatrixForReaders(t *testing.T) {
	for format, want := range map[string]string{"html": `"name":"public.invoices","cells":"iiii-"`, "markdown": "| `public.invoices` | `invoicing_app` | isolated |"} {
		var stdout, stderr bytes.Buffer
		assert.Equal(t, clean, run(t.Context(), []string{"schema", "-C", demo, "--matrix", "--format", format}, &stdout, &stderr), stderr.String())
		assert.Contains(t, stdout.String(), want)
	}
}
