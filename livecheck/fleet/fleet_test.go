package fleet_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/internal/pgtest"
	"github.com/tenantvet/tenantvet/livecheck"
	"github.com/tenantvet/tenantvet/livecheck/fleet"
	"github.com/tenantvet/tenantvet/pgschema/catalog"
	"github.com/tenantvet/tenantvet/tenancy"
)

// write writes a fleet file and reads it.
func write(t *testing.T, format string, args ...any) *tenancy.Fleet {
	t.Helper()
	path := filepath.Join(t.TempDir(), "fleet.yml")
	require.NoError(t, os.WriteFile(path, fmt.Appendf(nil, format, args...), 0o600))
	file, err := tenancy.LoadFleet(path, os.LookupEnv)
	require.NoError(t, err)
	return file
}

func options(pattern tenancy.Pattern) fleet.Options {
	m := &tenancy.Model{Pattern: pattern, Columns: []string{"tenant_id"}, Enforcement: tenancy.EnforcePredicate, Inferred: []string{"roles.app", "roles.owner", "tenant.settings"}}
	return fleet.Options{Audit: livecheck.Options{Model: m}}
}

// said returns the findings of a rule as "object: message".
func said(r finding.Result, rule string) []string {
	var all []string
	for _, f := range r.Findings {
		if f.Rule == rule {
			all = append(all, f.Object+": "+f.Message)
		}
	}
	return all
}

// Schemas of tenants are compared across databases and versions of the server; each schema has its own
// table of migrations.
func TestSchemasOfTenantsInSeveralDatabases(t *testing.T) {
	const migrated = `CREATE TABLE $.schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL); INSERT INTO $.schema_migrations VALUES (7, false);`
	var lines strings.Builder
	var all []*pgtest.Database
	for i, major := range []int{15, 18} {
		db := pgtest.Start(t, major).Database(t)
		for n := range 3 {
			schema := fmt.Sprintf("tenant_%d", 3*i+n)
			db.Exec(t, tables(schema, 2)+strings.ReplaceAll(migrated, "$", schema))
		}
		all = append(all, db)
		fmt.Fprintf(&lines, "  - {name: silo%d, dsn: %q, tenants: [%d, %d, %d]}\n", i+1, db.DSN(pgtest.Superuser), 3*i, 3*i+1, 3*i+2)
	}
	all[0].Exec(t, tables("tenant_5", 2)) // the routing gives it the other database
	all[1].Exec(t, `ALTER POLICY own ON tenant_4.t1 USING (true); UPDATE tenant_3.schema_migrations SET version = 6; UPDATE tenant_5.schema_migrations SET dirty = true`)
	control := all[0].Server.Database(t, "CREATE TABLE tenant (id int PRIMARY KEY, name text)")
	fmt.Fprintf(&lines, "  - {name: control, dsn: %q}\n", control.DSN(pgtest.Superuser))
	f, err := fleet.Run(t.Context(), write(t, "databases:\n%s", lines.String()), options(tenancy.SchemaPerTenant))
	require.NoError(t, err)
	result := f.Conclude(false)
	assert.Contains(t, result.Notes, "control is like no other database of the fleet, so it is compared with none")
	drifted := said(result, "schema-drift")
	require.Len(t, drifted, 1, "%q", drifted)
	assert.Contains(t, drifted[0], "silo2/tenant_4.t1: silo2/tenant_4 has policy own on t1 with USING true where 6 others have USING owner_id =")
	assert.Equal(t, []string{"silo1: tenant 5: schema tenant_5 holds rows of tenant 5 in silo1, but the routing gives it silo2: no request of the tenant reaches them, and no deletion"},
		said(result, "tenant-misplaced"))
	assert.Equal(t, []string{
		"silo2/tenant_5: migration 7 of silo2/tenant_5 stopped half way: the schema is neither the old nor the new one (tenant_5.schema_migrations says so)",
		"silo2/tenant_3: silo2/tenant_3 is behind the 5 others at migration 7: the service meets two schemas, at 6 there (golang-migrate)",
	}, said(result, "migration-version-skew"))
}

// What databases grant in advance and set for each session is compared across versions of the server; each
// database's own value of a setting is no drift.
func TestSurroundingsOfDatabases(t *testing.T) {
	var lines strings.Builder
	var all []*pgtest.Database
	for i, major := range pgtest.Majors() {
		db := pgtest.Start(t, major).Database(t, tables("public", 2))
		db.Exec(t, fmt.Sprintf(`ALTER DATABASE %s SET app.region = 'region %d'; ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO pg_monitor`, db.Name, i))
		all = append(all, db)
		fmt.Fprintf(&lines, "  - {name: on%d, dsn: %q}\n", major, db.DSN(pgtest.Superuser))
	}
	if len(all) < 3 {
		t.Skip("of two databases neither is odd")
	}
	run := func() []string {
		f, err := fleet.Run(t.Context(), write(t, "databases:\n%s", lines.String()), options(tenancy.Hybrid))
		require.NoError(t, err)
		return said(f.Conclude(false), "schema-drift")
	}
	assert.Empty(t, run())
	all[1].Exec(t, fmt.Sprintf(`ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO PUBLIC; ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
		ALTER DATABASE %[1]s SET row_security = off; ALTER DATABASE %[1]s SET work_mem = '8MB'`, all[1].Name))
	drifted, odd := strings.Join(run(), "\n"), fmt.Sprintf("on%d", pgtest.Majors()[1])
	assert.Equal(t, 3, strings.Count(drifted, "what holds for one"), drifted)
	others := len(all) - 1
	assert.Contains(t, drifted, fmt.Sprintf("%s has the grant to public on future tables in public that %d others lack", odd, others))
	assert.Contains(t, drifted, fmt.Sprintf("%s lacks the grant to public on future functions that %d others have", odd, others))
	assert.Contains(t, drifted, fmt.Sprintf("%s has the setting row_security that %d others lack", odd, others))
}

// Credentials come from the environment, a password file and a service file; who has wrong ones is left out.
func TestCredentials(t *testing.T) {
	dir, err := os.MkdirTemp("/tmp", "tenantvet-hba-") // the server runs as another user when the tests run as root
	require.NoError(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	require.NoError(t, os.Chmod(dir, 0o755))
	file := func(name, text string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(text), mode))
		require.NoError(t, os.Chmod(path, mode))
		return path
	}
	s := pgtest.Private(t, 15, "hba_file="+file("pg_hba.conf", "local all postgres trust\nlocal all all scram-sha-256\n", 0o644))
	d := s.Database(t)
	d.Exec(t, "CREATE EXTENSION pg_stat_statements; CREATE ROLE auditor LOGIN PASSWORD 'right-in-env' IN ROLE pg_read_all_stats; CREATE ROLE filed LOGIN PASSWORD 'right-in-file' IN ROLE pg_read_all_stats; CREATE ROLE served LOGIN PASSWORD 'right-in-service' IN ROLE pg_read_all_stats")
	host := fmt.Sprintf("host=%s port=5432 dbname=%s", s.SocketDir(), d.Name)
	t.Setenv("AUDITOR", "right-in-env")
	t.Setenv("WRONG", "wrong-in-env")
	t.Setenv("PGPASSFILE", file("pgpass", "localhost:5432:*:filed:right-in-file\n", 0o600))
	t.Setenv("PGSERVICEFILE", file("pg_service.conf", fmt.Sprintf("[served]\nhost=%s\nport=5432\ndbname=%s\nuser=served\npassword=right-in-service\n", s.SocketDir(), d.Name), 0o600))
	f, err := fleet.Run(t.Context(), write(t, `databases:
  - {name: environment, dsn: "%[1]s user=auditor password=${AUDITOR}"}
  - {name: password file, dsn: "%[1]s user=filed"}
  - {name: service file, dsn: "service=served"}
  - {name: wrong, dsn: "%[1]s user=auditor password=${WRONG}"}
`, host), options(tenancy.SharedSchema))
	require.NoError(t, err)
	unreachable := map[string]string{}
	for _, db := range f.Databases {
		unreachable[db.Name] = db.Unreachable
	}
	assert.Contains(t, unreachable["wrong"], "password")
	delete(unreachable, "wrong")
	assert.Equal(t, map[string]string{"environment": "", "password file": "", "service file": ""}, unreachable)
	result := f.Conclude(false)
	assert.True(t, result.Broken())
	text, err := json.Marshal(f)
	require.NoError(t, err)
	assert.NotRegexp(t, "right-in|wrong-in", string(text)+fmt.Sprint(result))
}

// An interrupt ends the fleet soon, with what is known by then.
func TestInterrupt(t *testing.T) {
	s := pgtest.Start(t, 15)
	var lines strings.Builder
	for range 6 {
		fmt.Fprintf(&lines, "  - %q\n", s.Database(t, tables("public", 3)).DSN(pgtest.Superuser))
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	o := options(tenancy.SharedSchema)
	o.Audit.Progress = func(livecheck.Step) { cancel() }
	started := time.Now()
	f, err := fleet.Run(ctx, write(t, "parallel: 1\ndatabases:\n%s", lines.String()), o)
	require.NoError(t, err)
	assert.Less(t, time.Since(started), 20*time.Second)
	require.Len(t, f.Databases, 6)
	for _, db := range f.Databases {
		assert.Contains(t, db.Unreachable, "interrupted")
	}
	result := f.Conclude(false)
	assert.True(t, result.Broken())
}

var (
	logged = regexp.MustCompile(`(?m)^auditor\|LOG:  (?:statement|execute [^:]*): ([\s\S]*?)(?:\n[a-z]*\||\z)`)
	reads  = regexp.MustCompile(`(?i)^\s*(SELECT|WITH|EXPLAIN \(|BEGIN ISOLATION LEVEL [A-Z ]+ READ ONLY|SET LOCAL|ROLLBACK|SAVEPOINT|RELEASE|PREPARE|DEALLOCATE|begin read only)`)
)

// What a fleet sends reads, in read-only transactions, and is marked as the audit's.
func TestFleetOnlyReads(t *testing.T) {
	s := pgtest.Private(t, 15, "log_statement=all", "log_line_prefix=%u|")
	s.Exec(t, "postgres", "CREATE ROLE auditor LOGIN BYPASSRLS IN ROLE pg_read_all_data, pg_read_all_stats")
	control := s.Database(t, "CREATE TABLE placement (tenant_id int, host text, dbname text)")
	for range 2 {
		d := s.Database(t, "CREATE EXTENSION pg_stat_statements; CREATE TABLE item (tenant_id int NOT NULL, id int, PRIMARY KEY (tenant_id, id)); INSERT INTO item VALUES (1, 1), (2, 1);"+
			"CREATE TABLE note (tenant_id int NOT NULL, id int); INSERT INTO note VALUES (3, 1); CREATE TABLE schema_migrations (version bigint, dirty boolean)")
		control.Exec(t, fmt.Sprintf("INSERT INTO placement VALUES (1, '%s', '%s')", s.SocketDir(), d.Name))
	}
	f, err := fleet.Run(t.Context(), write(t, "routing:\n  dsn: %q\n  query: SELECT tenant_id AS tenant, host, dbname, 'auditor' AS user FROM placement\n", control.DSN("auditor")),
		options(tenancy.Hybrid))
	require.NoError(t, err)
	result := f.Conclude(false)
	assert.Len(t, said(result, "tenant-misplaced"), 4, "tenants 2 and 3 in either database: %v %v", result.Findings, result.Skipped)
	assert.Len(t, said(result, "tenant-placed-twice"), 1)

	log, err := os.ReadFile(filepath.Join(s.SocketDir(), "log"))
	require.NoError(t, err)
	statements := logged.FindAllStringSubmatch(string(log), -1)
	require.Greater(t, len(statements), 20)
	for _, statement := range statements {
		assert.Regexp(t, reads, statement[1])
		if !strings.EqualFold(strings.TrimSpace(statement[1]), "rollback") {
			assert.Contains(t, statement[1], catalog.Marker)
		}
	}
}

func TestShards(t *testing.T) {
	counts := map[string]int{}
	for i := 1; i <= 3; i++ {
		s, err := fleet.ParseShard(fmt.Sprintf("%d/3", i))
		require.NoError(t, err)
		assert.Equal(t, fmt.Sprintf("%d/3", i), s.String())
		for n := range 300 {
			if s.Has(fmt.Sprintf("db%d/app", n)) {
				counts[s.String()]++
			}
		}
	}
	assert.Equal(t, 300, counts["1/3"]+counts["2/3"]+counts["3/3"], "each database is in one shard")
	for shard, n := range counts {
		assert.Greater(t, n, 70, shard)
	}
	assert.True(t, fleet.Shard{}.Has("anything"))
	for _, text := range []string{"", "1", "0/3", "4/3", "a/b", "1/3/5", "-1/3"} {
		_, err := fleet.ParseShard(text)
		assert.Error(t, err, text)
	}
}

func TestMissingShards(t *testing.T) {
	tests := map[string]struct {
		shards []string
		want   []string
	}{
		"all":           {[]string{"2/2", "1/2"}, nil},
		"one whole":     {[]string{""}, nil},
		"lacks one":     {[]string{"1/2"}, []string{"shard 2/2"}},
		"one twice":     {[]string{"1/2", "2/2", "1/2"}, []string{"shard 1/2"}},
		"of two runs":   {[]string{"1/2", "2/3"}, []string{"shards"}},
		"whole besides": {[]string{"1/2", ""}, []string{"shards"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var shards []*fleet.Fleet
			for _, s := range tt.shards {
				shards = append(shards, &fleet.Fleet{Shard: s})
			}
			var missing []string
			for _, s := range fleet.Missing(shards) {
				missing = append(missing, s.What)
			}
			assert.Equal(t, tt.want, missing)
		})
	}
}
