package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tenantvet/tenantvet/finding"
)

const firstMigration = `-- +goose Up
CREATE TABLE orders (id uuid PRIMARY KEY, tenant_id uuid NOT NULL, at date);
CREATE INDEX orders_at ON orders (tenant_id, at);
ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
ALTER TABLE orders FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON orders USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE TABLE old_defect (id uuid PRIMARY KEY, tenant_id uuid);
`

// TestChangedSinceShowsConsequences wants --changed-since to show what a new migration does to a table of an
// old one, and nothing of what was there before.
func TestChangedSinceShowsConsequences(t *testing.T) {
	dir := t.TempDir()
	git := func(args ...string) {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), "git", append([]string{"-C", dir, "-c", "user.name=t", "-c", "user.email=t@t", "-c", "commit.gpgsign=false"}, args...)...)
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
	}
	write := func(name, text string) {
		t.Helper()
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644))
	}
	require.NoError(t, os.Mkdir(filepath.Join(dir, "migrations"), 0o755))
	git("init", "--quiet")
	write("migrations/00001_orders.sql", firstMigration)
	git("add", "-A")
	git("commit", "--quiet", "-m", "x")

	for migration, want := range map[string][]string{
		"ALTER TABLE orders ADD COLUMN note text;":       nil,
		"DROP INDEX orders_at;":                          {"tenant-index-missing 00001_orders.sql"},
		"ALTER TABLE orders DISABLE ROW LEVEL SECURITY;": {"isolation-weakened 00002_next.sql", "policy-without-rls 00002_next.sql"},
		"DROP POLICY tenant ON orders;":                  {"rls-no-policy 00001_orders.sql"},
	} {
		write("migrations/00002_next.sql", "-- +goose Up\n"+migration+"\n")
		var stdout, stderr bytes.Buffer
		run(t.Context(), []string{"schema", "-C", dir, "--format", "json", "--tenant-column", "tenant_id", "--changed-since", "HEAD"}, &stdout, &stderr)
		var result finding.Result
		require.NoError(t, json.Unmarshal(stdout.Bytes(), &result), "stderr: %s", &stderr)
		var got []string
		for _, f := range result.Findings {
			got = append(got, f.Rule+" "+filepath.Base(f.File))
		}
		assert.ElementsMatch(t, want, got, migration)
	}
}
