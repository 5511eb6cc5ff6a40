package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/internal/pgtest"
)

// shardSchema is what every database of the fleet has.
const shardSchema = `
CREATE EXTENSION IF NOT EXISTS pg_stat_statements;
CREATE TABLE invoice (tenant_id int NOT NULL, id int NOT NULL, note text, PRIMARY KEY (tenant_id, id));
CREATE TABLE line (tenant_id int NOT NULL, id int NOT NULL, invoice_id int NOT NULL, PRIMARY KEY (tenant_id, id),
	FOREIGN KEY (tenant_id, invoice_id) REFERENCES invoice);
ALTER TABLE invoice ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON invoice USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::int);
CREATE VIEW open_invoice WITH (security_invoker) AS SELECT i.id, i.note FROM invoice i WHERE i.note IS NULL;
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER touch BEFORE UPDATE ON invoice FOR EACH ROW EXECUTE FUNCTION touch();
CREATE INDEX line_invoice ON line (tenant_id, invoice_id);
CREATE TABLE goose_db_version (id serial PRIMARY KEY, version_id bigint NOT NULL, is_applied boolean NOT NULL);
INSERT INTO goose_db_version (version_id, is_applied) VALUES (0, true), (1, true), (2, true), (3, true);`

// fleetFile writes a fleet file and returns the flags that audit it.
func fleetFile(t *testing.T, text string) []string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "fleet.yml"), []byte(text), 0o600))
	return []string{"audit", "-C", dir, "--fleet", "fleet.yml", "--format", "json", "--tenant-column", "tenant_id"}
}

// databases makes databases of a server, all of one schema, and their lines in a fleet file.
func databases(t *testing.T, s *pgtest.Server, n int, schema string) ([]*pgtest.Database, string) {
	t.Helper()
	var all []*pgtest.Database
	var lines strings.Builder
	for i := range n {
		db := s.Database(t, schema)
		all = append(all, db)
		fmt.Fprintf(&lines, "  - {name: shard%d-%d, dsn: %q, tenants: [%d]}\n", s.Major, i+1, db.DSN(pgtest.Superuser), 100*s.Major+i+1)
	}
	return all, lines.String()
}

// of returns the messages of a rule.
func messagesOf(findings []finding.Finding, rule string) []string {
	var messages []string
	for _, f := range findings {
		if f.Rule == rule {
			messages = append(messages, f.Object+": "+f.Message)
		}
	}
	return messages
}

func audited(t *testing.T, args ...string) (finding.Result, int) {
	t.Helper()
	code, stdout, stderr := tenantvet(t, args...)
	var result finding.Result
	require.NoError(t, json.Unmarshal([]byte(stdout), &result), "%s%s", stdout, stderr)
	return result, code
}

// containsEach wants each text in a message of its own, and no further message.
func containsEach(t *testing.T, messages []string, want ...string) {
	t.Helper()
	assert.Len(t, messages, len(want), "%s", strings.Join(messages, "\n"))
	for i := range min(len(messages), len(want)) {
		assert.Contains(t, messages[i], want[i])
	}
}

func TestFleetDrift(t *testing.T) {
	drifts := map[string]struct {
		sql  string
		want []string
	}{
		"column":       {"ALTER TABLE invoice ADD vat int", []string{"has the column public.invoice.vat that 3 others lack"}},
		"type":         {"DROP VIEW open_invoice; ALTER TABLE invoice ALTER note TYPE varchar(20); CREATE VIEW open_invoice WITH (security_invoker) AS SELECT i.id, i.note FROM invoice i WHERE i.note IS NULL", []string{"has column public.invoice.note with type character varying(20) where 3 others have type text"}},
		"policy":       {"ALTER POLICY tenant ON invoice USING (true)", []string{"has policy tenant on public.invoice with USING true where"}},
		"index":        {"DROP INDEX line_invoice", []string{"lacks the index line_invoice on public.line that 3 others have"}},
		"nullability":  {"ALTER TABLE invoice ALTER note SET NOT NULL", []string{"has column public.invoice.note with NOT NULL where 3 others have nullable"}},
		"extra":        {"CREATE TABLE scratch (id int)", []string{"has the table public.scratch that 3 others lack"}},
		"missing":      {"DROP TABLE line", []string{"lacks the table public.line that 3 others have"}},
		"security off": {"ALTER TABLE invoice DISABLE ROW LEVEL SECURITY", []string{"has table public.invoice with row-level security off where 3 others have row-level security on"}},
		"trigger":      {"ALTER TABLE invoice DISABLE TRIGGER touch", []string{"has trigger touch on public.invoice with trigger off where"}},
		"function":     {"ALTER FUNCTION touch SECURITY DEFINER", []string{"has function public.touch() with SECURITY DEFINER where"}},
		"view":         {"ALTER VIEW open_invoice RESET (security_invoker)", []string{"has view public.open_invoice with security_invoker off where"}},
		"grant":        {"GRANT SELECT ON invoice TO PUBLIC", []string{"has the grant to public on public.invoice that 3 others lack"}},
		"nothing":      {"ALTER TABLE invoice DROP COLUMN IF EXISTS nothing", nil},
	}
	for _, pair := range [][2]int{{15, 18}} {
		all, lines := databases(t, pgtest.Start(t, pair[0]), 2, shardSchema)
		more, rest := databases(t, pgtest.Start(t, pair[1]), 2, shardSchema)
		all = append(all, more...)
		args := fleetFile(t, "databases:\n"+lines+rest)
		proposed := 0
		for name, tt := range drifts {
			t.Run(name, func(t *testing.T) {
				odd := all[3]
				odd.Exec(t, tt.sql)
				defer odd.Exec(t, "DROP SCHEMA public CASCADE; CREATE SCHEMA public AUTHORIZATION pg_database_owner; GRANT USAGE ON SCHEMA public TO PUBLIC;"+shardSchema)
				result, _ := audited(t, args...)
				var want []string
				for _, w := range tt.want {
					want = append(want, "shard18-2 "+w)
				}
				containsEach(t, messagesOf(result.Findings, "schema-drift"), want...)
				assert.False(t, result.Broken(), "%v", result.Skipped)

				// What the finding proposes mends it.
				for _, f := range result.Findings {
					if f.Rule == "schema-drift" && f.Fix.Code != "" {
						proposed++
						odd.Exec(t, strings.ReplaceAll(f.Fix.Code, "CONCURRENTLY ", ""))
						mended, _ := audited(t, args...)
						assert.Empty(t, messagesOf(mended.Findings, "schema-drift"), f.Fix.Code)
					}
				}
			})
		}
		assert.Equal(t, 5, proposed, "policy, index, nullability, row-level security and trigger take no decision")
	}
}

func TestFleetPlacementVersionsAndShards(t *testing.T) {
	first, second := pgtest.Start(t, 15), pgtest.Start(t, 18)
	all, lines := databases(t, first, 3, shardSchema)
	more, rest := databases(t, second, 3, shardSchema)
	all = append(all, more...)
	for i, db := range all {
		major := db.Server.Major
		db.Exec(t, fmt.Sprintf("INSERT INTO invoice SELECT %d, generate_series(1, 3)", 100*major+i%3+1))
	}
	all[1].Exec(t, "INSERT INTO invoice VALUES (1501, 9); INSERT INTO line VALUES (1501, 9, 9)") // a tenant of the first database
	all[2].Exec(t, "INSERT INTO invoice VALUES (7, 1)")                                          // nobody's
	all[4].Exec(t, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (3, false)")
	all[5].Exec(t, "ALTER TABLE line ADD x int")
	twice := strings.Replace(rest, "tenants: [1803]", "tenants: [1803, 1801]", 1)
	args := fleetFile(t, "parallel: 2\ndatabases:\n"+lines+twice)

	whole, code := audited(t, args...)
	assert.Equal(t, failing, code)
	containsEach(t, messagesOf(whole.Findings, "tenant-misplaced"),
		"shard15-2: tenant 1501: 2 tables hold rows of tenant 1501 in shard15-2, but the routing gives it shard15-1",
		"shard15-3: tenant 7: public.invoice holds rows of tenant 7 in shard15-3, but the routing does not know it")
	containsEach(t, messagesOf(whole.Findings, "tenant-placed-twice"), "tenant 1801: the routing gives tenant 1801 the databases shard18-1, shard18-3")
	containsEach(t, messagesOf(whole.Findings, "migration-version-skew"), "shard18-2 is behind the 5 others at migration 3: the service meets two schemas, at 2 there (goose)")
	containsEach(t, messagesOf(whole.Findings, "schema-drift"), "shard18-3 has the column public.line.x that 5 others lack")
	for _, f := range whole.Findings {
		if f.Rule == "rls-disabled" {
			assert.Equal(t, "public.line", f.Object)
			assert.Contains(t, f.Evidence, "in all 6 databases")
		}
	}

	var merge []string
	dir := t.TempDir()
	for i := range 3 {
		path := filepath.Join(dir, fmt.Sprintf("shard-%d.json", i))
		_, stdout, stderr := tenantvet(t, append(args, "--shard", fmt.Sprintf("%d/3", i+1))...)
		require.NoError(t, os.WriteFile(path, []byte(stdout), 0o600), stderr)
		merge = append(merge, path)
	}
	merged, code := audited(t, append([]string{"report", "merge", "--format", "json"}, merge...)...)
	assert.Equal(t, failing, code)
	assert.Equal(t, whole, merged)

	for _, format := range []string{"text", "sarif", "github", "markdown", "html"} {
		code, stdout, stderr := tenantvet(t, append([]string{"report", "merge", "--format", format}, merge...)...)
		assert.Equal(t, failing, code, stderr)
		assert.Contains(t, stdout, "tenant-misplaced", format)
	}

	lacking, code := audited(t, "report", "merge", "--format", "json", merge[0], merge[2])
	assert.Equal(t, unfinished, code)
	assert.Contains(t, lacking.Skipped, finding.Skipped{What: "shard 2/3", Reason: "its report is not among those that are merged", Broken: true})
}

func TestFleetRoutingTable(t *testing.T) {
	s := pgtest.Start(t, 15)
	all, _ := databases(t, s, 2, shardSchema)
	control := s.Database(t, "CREATE TABLE placement (tenant_id int, host text, dbname text)")
	for i, db := range all {
		db.Exec(t, fmt.Sprintf("INSERT INTO invoice VALUES (%d, 1)", i+1))
		control.Exec(t, fmt.Sprintf("INSERT INTO placement VALUES (%d, '%s', '%s')", i+1, s.SocketDir(), db.Name))
	}
	all[0].Exec(t, "INSERT INTO invoice VALUES (2, 7)")
	t.Setenv("CONTROL", control.DSN(pgtest.Superuser))
	const file = "routing:\n  dsn: ${CONTROL}\n  query: SELECT tenant_id AS tenant, host, dbname, 'postgres' AS user FROM placement\n"
	t.Setenv("PGSSLMODE", "disable")
	result, code := audited(t, fleetFile(t, file)...)
	assert.Equal(t, failing, code)
	containsEach(t, messagesOf(result.Findings, "tenant-misplaced"), "public.invoice holds rows of tenant 2 in")

	// The list may give a name to what the routing table tells of, and may tell of it twice.
	named := fmt.Sprintf("databases:\n  - {name: one, dsn: %q}\n  - %q\n", all[0].DSN(pgtest.Superuser), all[0].DSN(pgtest.Superuser)) + file
	result, _ = audited(t, fleetFile(t, named)...)
	containsEach(t, messagesOf(result.Findings, "tenant-misplaced"), "one: tenant 2: public.invoice holds rows of tenant 2 in one, but")
	assert.Contains(t, result.Skipped, finding.Skipped{What: "database " + s.SocketDir() + "/" + all[0].Name, Reason: "line 3 of the fleet file means the database of line 2"})

	code, _, stderr := tenantvet(t, fleetFile(t, strings.Replace(file, "host", "host AS machine", 1))...)
	assert.Equal(t, unfinished, code)
	assert.Contains(t, stderr, `fleet.yml:2:3: routing: the query has a column "machine"`)

	control.Exec(t, "DELETE FROM placement")
	code, _, stderr = tenantvet(t, fleetFile(t, file)...)
	assert.Equal(t, unfinished, code)
	assert.Contains(t, stderr, "the routing table gives no database")
}

// One database of a fleet that cannot be reached is said; the others are audited.
func TestFleetUnreachable(t *testing.T) {
	_, lines := databases(t, pgtest.Start(t, 15), 2, shardSchema)
	const password = "hunter2hunter2"
	t.Setenv("PASSWORD", password)
	args := fleetFile(t, "databases:\n"+lines+
		"  - postgres://app:${PASSWORD}@127.0.0.1:1/down\n  - {name: broken, dsn: \"host=db port=many password=${PASSWORD}\"}\n")
	code, stdout, stderr := tenantvet(t, args...)
	assert.Equal(t, unfinished, code)
	assert.NotContains(t, stdout+stderr, password)
	var result finding.Result
	require.NoError(t, json.Unmarshal([]byte(stdout), &result))
	assert.NotEmpty(t, messagesOf(result.Findings, "rls-disabled"), "the others are audited")
	var broken []string
	for _, s := range result.Skipped {
		if s.Broken {
			broken = append(broken, s.What)
		}
	}
	assert.Equal(t, []string{"127.0.0.1:1/down: database, line 4 of fleet.yml", "broken: database, line 5 of fleet.yml"}, broken)

	// A password that stands in the file is not shown with its line either.
	args = fleetFile(t, "databases:\n"+lines+"  - postgres://app:"+password+"@127.0.0.1:1/down\n")
	for _, format := range []string{"text", "json", "sarif", "github", "markdown", "html"} {
		_, stdout, stderr := tenantvet(t, append(args, "--format", format)...)
		assert.NotContains(t, stdout+stderr, password, format)
	}
}

func TestFleetRefuses(t *testing.T) {
	file := fleetFile(t, "databases:\n  - nmae: x\n")
	tests := map[string]struct {
		args []string
		want string
	}{
		"bad file":         {file, `fleet.yml:2:5: unknown key "nmae": did you mean "name"?`},
		"no file":          {[]string{"audit", "--fleet", "nowhere.yml"}, "nowhere.yml"},
		"shard of nothing": {[]string{"audit", "--shard", "1/2"}, "name its file with --fleet"},
		"shard 4 of 3":     {append(file, "--shard", "4/3"), `"4/3" is no shard`},
		"DSN too":          {append(file, "service=x"), "leave the DSN away"},
		"merge of nothing": {[]string{"report", "merge", "audit_fleet_test.go"}, "not the JSON report of a shard"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			code, stdout, stderr := tenantvet(t, tt.args...)
			assert.Equal(t, unfinished, code)
			assert.Empty(t, stdout)
			assert.Contains(t, stderr, tt.want)
		})
	}
}
