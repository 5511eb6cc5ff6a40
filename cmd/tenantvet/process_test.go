package main

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tenantvet/tenantvet/internal/pgtest"
)

const asProcess = "TENANTVET_TEST_PROCESS"

// TestProcess is the command itself, for tests that send signals to a process: they run this binary
// with the arguments behind "--".
func TestProcess(t *testing.T) {
	if os.Getenv(asProcess) == "" {
		t.Skip("what other tests start")
	}
	os.Args = os.Args[slices.Index(os.Args, "--"):]
	main()
}

// process is a running command.
type process struct {
	*exec.Cmd
	stdout, stderr bytes.Buffer
	ended          chan struct{}
}

func start(t *testing.T, args ...string) *process {
	t.Helper()
	p := &process{Cmd: exec.Command(os.Args[0], append([]string{"-test.run=^TestProcess$", "--"}, args...)...), ended: make(chan struct{})}
	p.Env = append(os.Environ(), asProcess+"=1")
	p.Stdout, p.Stderr = &p.stdout, &p.stderr
	require.NoError(t, p.Start())
	go func() {
		p.Wait()
		close(p.ended)
	}()
	t.Cleanup(func() {
		p.Process.Kill()
		<-p.ended
	})
	return p
}

// code waits for the end of the process.
func (p *process) code(t *testing.T) int {
	t.Helper()
	select {
	case <-p.ended:
	case <-time.After(30 * time.Second):
		t.Fatal("the process does not end")
	}
	return p.ProcessState.ExitCode()
}

// slow is a database that an audit takes long to probe: each policy waits.
func slow(t *testing.T) (db *pgtest.Database, app string) {
	db = pgtest.Start(t, 15).Database(t, `
		CREATE FUNCTION tenant() RETURNS uuid LANGUAGE sql VOLATILE AS $$ SELECT nullif(current_setting('app.tenant_id', true), '')::uuid FROM pg_sleep(1.5) $$;
		DO $$ BEGIN FOR i IN 1..30 LOOP
			EXECUTE format('CREATE TABLE t%s (id int NOT NULL, tenant_id uuid NOT NULL, PRIMARY KEY (tenant_id, id))', i);
			EXECUTE format('ALTER TABLE t%s ENABLE ROW LEVEL SECURITY', i);
			EXECUTE format('CREATE POLICY tenant ON t%s USING (tenant_id = tenant())', i);
			EXECUTE format('INSERT INTO t%s VALUES (1, gen_random_uuid()), (2, gen_random_uuid())', i);
		END LOOP; END $$`)
	app = db.Role(t, "LOGIN")
	db.Exec(t, "GRANT SELECT ON ALL TABLES IN SCHEMA public TO "+app)
	return db, app
}

// sessions counts the sessions that the audit has, and those of them that are at work on a probe.
func sessions(t *testing.T, watcher *pgx.Conn) (all, probing int) {
	t.Helper()
	err := watcher.QueryRow(t.Context(), `SELECT count(*), count(*) FILTER (WHERE state = 'active' AND query LIKE '%EXISTS (SELECT FROM "public"%')
		FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`).Scan(&all, &probing)
	require.NoError(t, err)
	return all, probing
}

func TestAuditEndsEarly(t *testing.T) {
	for name, c := range map[string]struct {
		end      func(t *testing.T, p *process, watcher *pgx.Conn)
		reported bool
		said     string
	}{
		"interrupted": {func(t *testing.T, p *process, _ *pgx.Conn) {
			p.Process.Signal(os.Interrupt)
		}, true, "the audit was interrupted"},
		"interrupted twice": {func(t *testing.T, p *process, _ *pgx.Conn) {
			p.Process.Signal(os.Interrupt)
			time.Sleep(20 * time.Millisecond)
			p.Process.Signal(syscall.SIGTERM)
		}, false, "interrupted"},
		"the connection is lost": {func(t *testing.T, p *process, watcher *pgx.Conn) {
			_, err := watcher.Exec(t.Context(), "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
			require.NoError(t, err)
		}, true, "the connection was lost"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db, app := slow(t)
			watcher := db.Connect(t, pgtest.Superuser)
			p := start(t, "audit", db.DSN(pgtest.Superuser), "--allow-superuser", "--app-role", app, "--setting", "app.tenant_id", "--enforcement", "rls", "-C", t.TempDir(), "--show", "all")
			require.Eventually(t, func() bool { _, probing := sessions(t, watcher); return probing > 0 }, 60*time.Second, 50*time.Millisecond)
			c.end(t, p, watcher)
			assert.Equal(t, unfinished, p.code(t), "%s%s", &p.stdout, &p.stderr)
			assert.Contains(t, p.stdout.String()+p.stderr.String(), c.said)
			assert.Equal(t, c.reported, strings.Contains(p.stdout.String(), "t1"), "what was found is reported: %s", &p.stdout)
			assert.Eventually(t, func() bool { all, _ := sessions(t, watcher); return all == 0 }, 5*time.Second, 50*time.Millisecond, "a session is left")
		})
	}
}

// No password is in anything that others see, whatever becomes of the audit.
func TestPasswordsStaySecret(t *testing.T) {
	const password = "hunter2hunter2"
	db := pgtest.Private(t, 15, "log_statement=all", "log_connections=on").Database(t,
		"CREATE TABLE a (id int, tenant_id uuid); CREATE TABLE b (id int, tenant_id uuid); ALTER TABLE a ENABLE ROW LEVEL SECURITY")
	app := db.Role(t, "LOGIN")
	dir := t.TempDir()
	for _, dsn := range []string{
		db.DSN(app) + " password=" + password,
		db.DSN(app) + " password='" + password + "'",
		db.DSN("nobody") + " password=" + password,
		db.DSN(app) + " statement_timeout=never password=" + password,
		"postgres://app:" + password + "@127.0.0.1:1/app",
		"postgres://app:" + password + "@127.0.0.1:port/app",
		"postgres://app:" + password + "@[::1/app?sslmode=perhaps",
		"password=" + password + " port=none",
		"postgres:app:" + password,
	} {
		for _, args := range [][]string{{"--format", "text", "--show", "all"}, {"--format", "json"}, {"--format", "html"}, {"--format", "sarif"}, {"--print-role"}, {"--cost"}} {
			_, stdout, stderr := tenantvet(t, append([]string{"audit", dsn, "-C", dir, "--app-role", app}, args...)...)
			assert.NotContains(t, stdout+stderr, password, "%s %v", dsn, args)
		}
	}
	assert.NotContains(t, db.Server.Log(), password)
	assert.Contains(t, db.Server.Log(), "tenantvet audit", "the log is that of the audits")
}

func TestProcessTitleHasNoPassword(t *testing.T) {
	const password = "hunter2hunter2"
	silent, err := net.Listen("tcp", "127.0.0.1:0") // accepts, and says nothing
	require.NoError(t, err)
	defer silent.Close()
	for name, dsn := range map[string]string{
		"URL":    fmt.Sprintf("postgres://app:%s@%s/app?connect_timeout=20", password, silent.Addr()),
		"pairs":  fmt.Sprintf("host=127.0.0.1 port=%d connect_timeout=20 user=app password=%s", silent.Addr().(*net.TCPAddr).Port, password),
		"quoted": fmt.Sprintf("host=127.0.0.1 port=%d connect_timeout=20 user=app PASSWORD = '%s \\' x'", silent.Addr().(*net.TCPAddr).Port, password),
	} {
		t.Run(name, func(t *testing.T) {
			p := start(t, "audit", dsn, "-C", t.TempDir())
			title := func() string {
				text, err := os.ReadFile(filepath.Join("/proc", fmt.Sprint(p.Process.Pid), "cmdline"))
				if err != nil {
					t.Skip("no /proc here")
				}
				return string(text)
			}
			assert.Eventually(t, func() bool { return strings.Contains(title(), "audit") && !strings.Contains(title(), password) }, 20*time.Second, 20*time.Millisecond)
			assert.Contains(t, title(), "app", "only the password is gone")
		})
	}
}

func TestConcealed(t *testing.T) {
	for given, want := range map[string]string{
		"postgres://app:secret@db/app":         "postgres://app:xxxxxx@db/app",
		"postgres://app:se@ret@db/app":         "postgres://app:xxxxxx@db/app",
		"postgres://app@db/app":                "postgres://app@db/app",
		"postgres://db/app?password=secret&a=": "postgres://db/app?password=xxxxxx&a=",
		"host=db password=secret user=app":     "host=db password=xxxxxx user=app",
		`host=db password='se\' et' user=app`:  "host=db password=xxxxxxxxx user=app",
		"--format=json":                        "--format=json",
		"https://example.com/a:b":              "https://example.com/a:b",
	} {
		original := strings.Clone(given)
		assert.Equal(t, []string{given}, concealed([]string{original}))
		if len(original) > 0 && want != given && original == given {
			t.Skip("arguments are copies on this system")
		}
		assert.Equal(t, want, original)
	}
}
