package main

import (
	"encoding/csv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tenantvet/tenantvet/internal/pgtest"
)

func TestAuditCost(t *testing.T) {
	db := pgtest.Start(t, 15).Database(t, `
		CREATE TABLE orders (tenant_id text NOT NULL, id int NOT NULL, PRIMARY KEY (tenant_id, id));
		INSERT INTO orders SELECT CASE WHEN i % 2 = 0 THEN 'big, bad' ELSE 'n' || i % 40 END, i FROM generate_series(1, 20000) i;
		ANALYZE`)
	dsn := db.DSN(pgtest.Superuser)

	code, stdout, stderr := tenantvet(t, "audit", "--cost", dsn, "-C", t.TempDir(), "--tenant-column", "tenant_id")
	require.Equal(t, 0, code, stderr)
	assert.Regexp(t, `(?m)^  tenant +rows +share +space +share +largest in$`, stdout)
	assert.Regexp(t, `(?m)^  big, bad +10\d\d\d +5\d\.\d % +\d+\.\d KiB +5\d\.\d % +public\.orders 5\d\.\d %$`, stdout)
	assert.Contains(t, stdout, "not known: the time of a tenant's statements")

	code, stdout, stderr = tenantvet(t, "audit", "--cost", "--format", "csv", dsn, "-C", t.TempDir(), "--tenant-column", "tenant_id")
	require.Equal(t, 0, code, stderr)
	lines, err := csv.NewReader(strings.NewReader(stdout)).ReadAll()
	require.NoError(t, err)
	require.Greater(t, len(lines), 2)
	assert.Equal(t, []string{"tenant", "table", "rows"}, lines[0][1:4])
	assert.Equal(t, "big, bad", lines[1][1])

	code, stdout, stderr = tenantvet(t, "audit", "--cost", "--tenant", "big, bad", dsn, "-C", t.TempDir(), "--tenant-column", "tenant_id")
	require.Equal(t, 0, code, stderr)
	assert.Regexp(t, `tenant big, bad has about 10\d\d\d rows \(5\d\.\d %\)`, stdout)

	code, stdout, stderr = tenantvet(t, "audit", "--cost", "--tenant", "nobody", dsn, "-C", t.TempDir(), "--tenant-column", "tenant_id")
	require.Equal(t, 0, code, stderr)
	assert.Contains(t, stdout, "tenant nobody is not among the most common tenants of any table")
	assert.Regexp(t, `public\.orders +hardly any rows`, stdout)

	code, _, stderr = tenantvet(t, "audit", "--format", "cvs", "host=127.0.0.1 port=1")
	assert.Equal(t, 2, code)
	assert.Contains(t, stderr, `unknown format "cvs"`, "before it connects")

	code, _, stderr = tenantvet(t, "audit", "--cost", "--format", "sarif", dsn)
	assert.Equal(t, 2, code)
	assert.Contains(t, stderr, `--cost is written as text, csv or json, not as "sarif"`)
}
