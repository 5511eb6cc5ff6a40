package livecheck_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tenantvet/tenantvet/internal/pgtest"
	"github.com/tenantvet/tenantvet/livecheck"
)

// run audits as a user.
func (d *audited) run(t *testing.T, user string) (*livecheck.Audit, error) {
	t.Helper()
	conn, err := livecheck.Connect(t.Context(), d.DSN(user))
	require.NoError(t, err)
	defer conn.Close(context.Background())
	return livecheck.Run(t.Context(), conn, livecheck.Options{Model: d.model})
}

// Each fault ends in a report that says it is not whole and why.
func TestFaultsLeaveAPartialReport(t *testing.T) {
	tests := map[string]struct {
		break_  func(t *testing.T, d *audited)
		user    func(d *audited) string // the auditor unless it says otherwise
		partial string
		reason  string
	}{
		"no extension": {
			break_:  func(t *testing.T, d *audited) { d.Exec(t, "DROP EXTENSION pg_stat_statements") },
			partial: "what the service executed is not known",
			reason:  "pg_stat_statements: the extension is not in this database: CREATE EXTENSION pg_stat_statements;",
		},
		"statistics refused": {
			break_: func(t *testing.T, d *audited) {
				d.Exec(t, "REVOKE ALL ON pg_stat_statements FROM public; REVOKE pg_read_all_stats FROM "+d.auditor)
			},
			partial: "what the service executed is not known",
			reason:  "may not read it: GRANT SELECT ON",
		},
		"no privilege at all": {
			user:    func(d *audited) string { return d.app + "_stranger" },
			break_:  func(t *testing.T, d *audited) { d.Exec(t, "CREATE ROLE "+d.app+"_stranger LOGIN") },
			partial: "what the service executed is not known",
			reason:  "statements of other roles are hidden from",
		},
		"table locked throughout": {
			break_: func(t *testing.T, d *audited) {
				migration, err := d.Connect(t, pgtest.Superuser).Begin(t.Context())
				require.NoError(t, err)
				_, err = migration.Exec(t.Context(), "LOCK TABLE orders IN ACCESS EXCLUSIVE MODE")
				require.NoError(t, err)
			},
			partial: "1 relations were locked by other sessions",
			reason:  "public.orders: not audited: locked by another session",
		},
	}
	pgtest.EachMajor(t, func(t *testing.T, s *pgtest.Server) {
		for name, tt := range tests {
			t.Run(name, func(t *testing.T) {
				d := newAudited(t, s, stall+"; CREATE TABLE notes (tenant_id uuid NOT NULL, id int)")
				d.execute(t, "SELECT id FROM orders", "SELECT id FROM notes")
				tt.break_(t, d)
				user := d.auditor
				if tt.user != nil {
					user = tt.user(d)
					t.Cleanup(func() { d.Exec(t, "DROP ROLE "+user) })
				}
				started := time.Now()
				audit, err := d.run(t, user)
				require.NoError(t, err)
				assert.Less(t, time.Since(started), 20*time.Second)
				assert.Contains(t, audit.Partial, tt.partial)
				assert.Contains(t, reasons(audit.Result.Skipped), tt.reason)
				assert.Contains(t, objects(audit.Result.Findings), "public.notes", "the rest is audited all the same")
				if name == "table locked throughout" {
					for _, f := range audit.Result.Findings {
						assert.False(t, f.Object == "public.orders" && f.Rule != "statement-unscoped", f.Message)
					}
				}
			})
		}
	})
}

// A server that dies, or ends the session, in the middle leaves what was learned until then.
func TestServerEndsMidAudit(t *testing.T) {
	// What was committed must outlive a crash.
	s := pgtest.Private(t, 15, "synchronous_commit=on")
	d := newAudited(t, s, stall)
	for name, end := range map[string]func(backend uint32, cancel func()){
		"session terminated": func(backend uint32, _ func()) {
			d.Exec(t, fmt.Sprintf("SELECT pg_terminate_backend(%d, 5000)", backend))
		},
		"server killed": func(backend uint32, _ func()) {
			// One process of the server that dies takes all sessions with it.
			bystander := d.Connect(t, pgtest.Superuser)
			require.NoError(t, syscall.Kill(int(backend), syscall.SIGKILL))
			require.Eventually(t, func() bool { return bystander.Ping(t.Context()) != nil }, 30*time.Second, time.Millisecond)
		},
		"interrupted": func(_ uint32, cancel func()) { cancel() },
	} {
		t.Run(name, func(t *testing.T) {
			// A crash takes the statistics too.
			d.execute(t, "SELECT id FROM orders", "DELETE FROM orders WHERE id = 1", "UPDATE orders SET id = 3")
			conn, err := livecheck.Connect(t.Context(), d.DSN(d.auditor))
			require.NoError(t, err)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			audit, err := livecheck.Run(ctx, conn, livecheck.Options{Model: d.model, Progress: func(step livecheck.Step) {
				if step.What == "statements" && step.Done == 1 {
					end(conn.PgConn().PID(), cancel)
				}
			}})
			require.Eventually(t, func() bool { return d.ExecAs(pgtest.Superuser, "SELECT") == nil }, 30*time.Second, 50*time.Millisecond)
			require.NoError(t, err)
			assert.Regexp(t, `^the (connection was lost|audit was interrupted) after 1 of \d+ statements$`, audit.Partial)
			assert.Len(t, audit.Statements, 1)
			assert.True(t, audit.Result.Broken())
			assert.NotEmpty(t, audit.Schema.Relations)
		})
	}
}

// A connection that cannot be made says why, and never the password.
func TestConnectRefused(t *testing.T) {
	const password = "hunter2hunter2"
	hba := filepath.Join(hbaDir(t), "pg_hba.conf")
	require.NoError(t, os.WriteFile(hba, []byte("local all postgres trust\nlocal all all scram-sha-256\nhostssl all all 127.0.0.0/8 scram-sha-256\n"), 0o644))
	// Any address of 127.0.0.0/8 is this machine; most have nobody who listens.
	address := fmt.Sprintf("127.%d.%d.%d", 1+rand.IntN(254), rand.IntN(256), 1+rand.IntN(254))
	s := pgtest.Private(t, 15, "hba_file="+hba, "listen_addresses="+address)
	d := s.Database(t)
	app := d.Role(t, "LOGIN PASSWORD 'right' CONNECTION LIMIT 0")
	other := d.Role(t, "LOGIN PASSWORD 'right'")
	local := "host=" + s.SocketDir() + " port=5432 "
	for name, tt := range map[string]struct{ dsn, want string }{
		"wrong password":    {local + "user=" + other + " dbname=" + d.Name, "give the password in PGPASSWORD or in ~/.pgpass"},
		"TLS required":      {"host=" + address + " port=5432 sslmode=disable user=" + other + " dbname=" + d.Name, "the server wants TLS: say sslmode=require"},
		"no TLS there":      {"host=" + address + " port=5432 sslmode=require user=" + other + " dbname=" + d.Name, "the server has no TLS"},
		"unknown host":      {"host=nobody.invalid connect_timeout=5 user=" + other + " dbname=" + d.Name, "nobody.invalid"},
		"nobody listens":    {"host=" + address + " port=1 user=" + other + " dbname=" + d.Name, "connection refused"},
		"database is gone":  {local + "user=postgres dbname=gone", `database "gone" does not exist`},
		"no connection":     {local + "user=" + app + " password=right dbname=" + d.Name, "too many connections for role"},
		"unknown role":      {local + "user=nobody_at_all dbname=" + d.Name, "nobody_at_all"},
		"no DSN whatsoever": {"postgres://%zz", "neither a postgres:// URL nor a list"},
	} {
		t.Run(name, func(t *testing.T) {
			dsn := tt.dsn
			if name != "no connection" && name != "no DSN whatsoever" {
				dsn += " password=" + password
			}
			_, err := livecheck.Connect(t.Context(), dsn)
			require.ErrorContains(t, err, tt.want)
			assert.NotContains(t, err.Error(), password)
		})
	}
}

// hbaDir is a folder that the server may read, which runs as another user when the tests run as root.
func hbaDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "tenantvet-hba-")
	require.NoError(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	require.NoError(t, os.Chmod(dir, 0o755))
	return dir
}

// A catalog that another session locks is no reason to wait.
func TestLockedCatalogRefusesTheAudit(t *testing.T) {
	s := pgtest.Private(t, 16)
	d := newAudited(t, s, stall)
	conn, err := livecheck.Connect(t.Context(), d.DSN(d.auditor))
	require.NoError(t, err)
	vacuum, err := d.Connect(t, pgtest.Superuser).Begin(t.Context())
	require.NoError(t, err)
	_, err = vacuum.Exec(t.Context(), "LOCK TABLE pg_policy IN ACCESS EXCLUSIVE MODE")
	require.NoError(t, err)
	started := time.Now()
	_, err = livecheck.Run(t.Context(), conn, livecheck.Options{Model: d.model})
	assert.ErrorContains(t, err, "a catalog of the system is locked")
	assert.Less(t, time.Since(started), 15*time.Second)
	require.NoError(t, vacuum.Rollback(t.Context()))
}
