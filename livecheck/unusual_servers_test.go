package livecheck_test

import (
	"context"
	"fmt"
	"net"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tenantvet/tenantvet/internal/pgtest"
	"github.com/tenantvet/tenantvet/livecheck"
	"github.com/tenantvet/tenantvet/tenancy"
)

// auditWith audits with options, as a user.
func auditWith(t *testing.T, d *pgtest.Database, user string, o livecheck.Options) *livecheck.Audit {
	t.Helper()
	conn, err := livecheck.Connect(t.Context(), d.DSN(user))
	require.NoError(t, err)
	defer conn.Close(context.Background())
	audit, err := livecheck.Run(t.Context(), conn, o)
	require.NoError(t, err)
	return audit
}

// An extension that is installed but not loaded says so on each version, and keeps nothing else from being
// audited. Who does not want what was executed is told of nothing.
func TestStatementsWithoutPreload(t *testing.T) {
	for _, major := range pgtest.Majors() {
		t.Run(fmt.Sprintf("postgres%d", major), func(t *testing.T) {
			d := newAudited(t, pgtest.Private(t, major, "shared_preload_libraries="), stall)
			audit, err := d.run(t, d.auditor)
			require.NoError(t, err)
			assert.Equal(t, "what the service executed is not known (--no-statements audits the rest)", audit.Partial)
			assert.Contains(t, reasons(audit.Result.Skipped), "add pg_stat_statements to shared_preload_libraries, restart the server")
			assert.Contains(t, objects(audit.Result.Findings), "public.orders")

			audit = auditWith(t, d.Database, d.auditor, livecheck.Options{Model: d.model, Statements: livecheck.StatementOptions{Off: true}})
			assert.Empty(t, audit.Partial)
			assert.NotContains(t, reasons(audit.Result.Skipped), "pg_stat_statements")
			assert.Contains(t, audit.Result.Notes, "what the service executed was not judged, as the audit was told")
			assert.Contains(t, objects(audit.Result.Findings), "public.orders")
			assert.NotEmpty(t, audit.Probes)
		})
	}
}

// standby is a server that replays the changes of another one, which is itself: a server that crashes
// finds the signal to stay in recovery.
func standby(t *testing.T, major int, sql string) *pgtest.Database {
	t.Helper()
	s := pgtest.Private(t, major, "synchronous_commit=on", "hot_standby=on")
	db := &pgtest.Database{Server: s, Name: "postgres"}
	db.Exec(t, sql)
	db.Exec(t, "CHECKPOINT; COPY (SELECT) TO PROGRAM 'cat > standby.signal'")
	victim := db.Connect(t, pgtest.Superuser)
	require.NoError(t, syscall.Kill(int(victim.PgConn().PID()), syscall.SIGKILL))
	require.Eventually(t, func() bool {
		conn, err := pgx.Connect(t.Context(), db.DSN(pgtest.Superuser))
		if err != nil {
			return false
		}
		defer conn.Close(t.Context())
		var recovers bool
		return conn.QueryRow(t.Context(), "SELECT pg_is_in_recovery()").Scan(&recovers) == nil && recovers
	}, 60*time.Second, 100*time.Millisecond)
	return db
}

// A standby is read like any other server; what it cannot try is said once.
func TestStandby(t *testing.T) {
	for _, major := range pgtest.Majors() {
		t.Run(fmt.Sprintf("postgres%d", major), func(t *testing.T) {
			db := standby(t, major, `CREATE EXTENSION pg_stat_statements; `+twoRoles+`; CREATE TABLE notes (LIKE orders); INSERT INTO notes SELECT * FROM orders;
				CREATE ROLE app LOGIN; CREATE ROLE auditor LOGIN BYPASSRLS; GRANT app, pg_read_all_stats TO auditor;
				GRANT ALL ON ALL TABLES IN SCHEMA public TO app; GRANT SELECT ON ALL TABLES IN SCHEMA public TO auditor`)
			require.NoError(t, db.ExecAs("app", "SELECT id FROM notes"))
			model := &tenancy.Model{Columns: []string{"tenant_id"}, ColumnType: "uuid", Settings: []string{"app.tenant_id"}, Roles: tenancy.Roles{App: []string{"app"}}}
			audit := auditWith(t, db, "auditor", livecheck.Options{Model: model, Probes: livecheck.ProbeOptions{Writes: true}})
			assert.Empty(t, audit.Partial)
			assert.True(t, audit.Standby)
			assert.False(t, audit.Result.Broken(), "%s", reasons(audit.Result.Skipped))
			verdicts := map[string]string{}
			for _, p := range audit.Probes {
				assert.Equal(t, "select", p.Command)
				verdicts[p.Relation+" "+p.State] = p.Verdict
			}
			assert.Equal(t, livecheck.Proved, verdicts["public.orders tenant set"])
			assert.Equal(t, livecheck.Refuted, verdicts["public.notes tenant set"])
			assert.Equal(t, livecheck.Refuted, verdicts["public.notes no tenant, never set"])
			assert.NotEmpty(t, ofRule(audit.Result.Findings, "statement-unscoped"))
			assert.Contains(t, audit.Result.Notes, "the server is a standby, which plans and tries no write: audit the primary for UPDATE, DELETE and --probe-writes")
		})
	}
}

// A policy that takes long ends each probe of its table, and none of another.
func TestProbesThatTakeLong(t *testing.T) {
	d := newAudited(t, pgtest.Start(t, 15), twoRoles+`;
		CREATE FUNCTION tenant() RETURNS uuid LANGUAGE sql VOLATILE AS $$ SELECT nullif(current_setting('app.tenant_id', true), '')::uuid FROM pg_sleep(5) $$;
		ALTER POLICY tenant ON jobs USING (tenant_id = tenant())`)
	d.Exec(t, fmt.Sprintf("ALTER ROLE %[1]s BYPASSRLS; GRANT SELECT ON ALL TABLES IN SCHEMA public TO %[1]s", d.auditor))
	started := time.Now()
	audit, err := d.run(t, d.auditor)
	require.NoError(t, err)
	assert.Less(t, time.Since(started), 30*time.Second)
	assert.Empty(t, audit.Partial)
	assert.Contains(t, reasons(audit.Result.Skipped), "probe of public.jobs: select (tenant set), select (no tenant, set before), select (no tenant, never set): the server took longer than 2s")
	for _, p := range audit.Probes {
		if p.Relation == "public.orders" {
			assert.Equal(t, livecheck.Proved, p.Verdict, "%v", p)
		}
	}
}

// A catalog that takes too long refuses the audit, as nothing can be said without it.
func TestCatalogTakesLong(t *testing.T) {
	d := newAudited(t, pgtest.Start(t, 15), "DO $$ BEGIN FOR i IN 1..400 LOOP EXECUTE format('CREATE TABLE t%s (tenant_id int, a int, b int, c int)', i); END LOOP; END $$")
	conn, err := livecheck.Connect(t.Context(), d.DSN(d.auditor))
	require.NoError(t, err)
	defer conn.Close(context.Background())
	watcher := d.Connect(t, pgtest.Superuser)
	const attempts = 20 // the catalog is read in milliseconds, and whoever cancels may be late
	for range attempts {
		if err = runCancelled(t, d, conn, watcher); err != nil {
			break
		}
	}
	assert.ErrorContains(t, err, "read the catalog: a query on the catalog took longer than 60s")
}

// runCancelled audits while the watcher does to queries on the catalog what statement_timeout does, before its time.
func runCancelled(t *testing.T, d *audited, conn, watcher *pgx.Conn) error {
	ctx, stop := context.WithCancel(t.Context())
	var cancelling sync.WaitGroup
	_, err := livecheck.Run(t.Context(), conn, livecheck.Options{Model: d.model, Progress: func(s livecheck.Step) {
		if s.What != "catalog" || s.Done > 0 {
			return
		}
		cancelling.Go(func() {
			for ctx.Err() == nil {
				watcher.Exec(t.Context(), fmt.Sprintf("SELECT pg_cancel_backend(%d) FROM pg_stat_activity WHERE pid = %[1]d AND state = 'active' AND query LIKE '%%pg_attribute%%'", conn.PgConn().PID()))
			}
		})
	}})
	stop()
	cancelling.Wait()
	return err
}

// Whoever accepts a connection and says nothing is not waited for.
func TestSilentServer(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer silent.Close()
	started := time.Now()
	_, err = livecheck.Connect(t.Context(), fmt.Sprintf("host=127.0.0.1 port=%d user=app dbname=app connect_timeout=1", silent.Addr().(*net.TCPAddr).Port))
	assert.ErrorContains(t, err, "nobody answers there: a firewall may drop what is sent")
	assert.Less(t, time.Since(started), 8*time.Second)
}
