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

func TestAuditCostOfAFleet(t *testing.T) {
	all, lines := databases(t, pgtest.Start(t, 15), 3, `
		CREATE TABLE orders (tenant_id text NOT NULL, id int NOT NULL, PRIMARY KEY (tenant_id, id));
		INSERT INTO orders SELECT CASE WHEN i % 2 = 0 THEN 'both' ELSE 'n' || i % 40 END, i FROM generate_series(1, 4000) i`)
	all[2].Exec(t, "DELETE FROM orders WHERE tenant_id = 'both'; INSERT INTO orders SELECT 'alone', i FROM generate_series(1, 9000) i")
	for _, db := range all {
		db.Exec(t, "ANALYZE")
	}
	args := append(fleetFile(t, "databases:\n"+lines), "--cost")

	code, stdout, stderr := tenantvet(t, append(args, "--format", "text")...)
	require.Equal(t, 0, code, stderr)
	assert.Regexp(t, `^3 databases: 19000 rows and [\d.]+ [KM]iB of tenants\n`, stdout)
	assert.Regexp(t, `(?m)^  database +rows +space +share +largest tenant\n  shard15-3 +11000 .* alone 8\d\.\d %$`, stdout, "the largest database first")
	assert.Regexp(t, `(?m)^  tenant +rows +space +share +in\n  alone +[89]\d\d\d .* shard15-3\n  both +4\d\d\d .* and 1 more$`, stdout)
	assert.Contains(t, stdout, "not known in 3 of 3 databases: the time of a tenant's statements")

	code, stdout, stderr = tenantvet(t, append(args, "--format", "csv")...)
	require.Equal(t, 0, code, stderr)
	read, err := csv.NewReader(strings.NewReader(stdout)).ReadAll()
	require.NoError(t, err)
	seen := map[string]bool{}
	for _, line := range read[1:] {
		seen[line[0]] = true
	}
	assert.Len(t, seen, 3)

	code, stdout, stderr = tenantvet(t, append(args, "--format", "text", "--tenant", "alone")...)
	require.Equal(t, 0, code, stderr)
	assert.Equal(t, 1, strings.Count(stdout, "tenant alone has about"), stdout)
	assert.NotContains(t, stdout, "shard15-1")

	args = append(fleetFile(t, "databases:\n"+lines+"  - {name: away, dsn: \"postgres://app:hunter2@127.0.0.1:1/down\"}\n"), "--cost")
	code, stdout, stderr = tenantvet(t, append(args, "--format", "text")...)
	assert.Equal(t, unfinished, code, "a database is missing in the sum")
	assert.Regexp(t, `not read: away: database, line \d of fleet.yml: cannot audit: .*connection refused`, stdout)
	code, stdout, _ = tenantvet(t, append(args, "--format", "json")...)
	assert.Equal(t, unfinished, code)
	assert.Contains(t, stdout, `"what": "away: database`)
	assert.NotContains(t, stdout+stderr, "hunter2")
}
