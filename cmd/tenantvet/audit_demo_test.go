package main

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tenantvet/tenantvet/internal/pgtest"
)

func TestAuditDemo(t *testing.T) {
	if len(pgtest.Majors()) == 0 && os.Getenv("TENANTVET_REQUIRE_SERVERS") != "1" {
		t.Skip("no PostgreSQL is installed; run .ci/servers")
	}
	// The model of the folder is about another database.
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, ".tenantvet.yml"), []byte("tenant:\n  columns: [org_id]\n"), 0o644))
	code, stdout, stderr := tenantvet(t, "audit", "--demo", "-C", dir)
	assert.Equal(t, failing, code, stderr)
	for _, line := range []string{
		"public.notes: error[rls-disabled]", "error[statement-unscoped]", "error[view-bypasses-rls]", "error[partition-exposed]",
		"public.customers       isolated", "statements by their share of the database's time", "largest tenants: 5bd0c1e0-0000-4000-8000-000000000001 2",
	} {
		assert.Contains(t, stdout, line)
	}
	assert.NotContains(t, stdout, "broken")
	server := regexp.MustCompile(`/tmp/tenantvet-pg-\d+`).FindString(stdout)
	require.NotEmpty(t, server)
	assert.NoDirExists(t, server, "the server is gone")
}

func TestAuditDemoMisused(t *testing.T) {
	code, _, stderr := tenantvet(t, "audit", "--demo", "postgres://localhost/app")
	assert.Equal(t, unfinished, code)
	assert.Contains(t, stderr, "leave the DSN away")
	code, _, stderr = tenantvet(t, "audit", "--demo", "--format", "xml")
	assert.Equal(t, unfinished, code)
	assert.Contains(t, stderr, "unknown format")
}
