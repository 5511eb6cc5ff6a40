package pgtest

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	pgbouncer = "/usr/sbin/pgbouncer" // where Debian puts it
	// poolerPort only names the socket file; nothing listens on TCP.
	poolerPort = 6432
)

// Pooler is a running PgBouncer in front of one database.
type Pooler struct {
	dir      string
	database string
	process  *os.Process
	exited   chan struct{} // closed once the process has been reaped
}

// Pooler starts a PgBouncer in front of the database, in pool mode "session", "transaction" or "statement", for the
// given users. It has a unix socket and no TCP port, and lasts until the test ends. Settings such as
// "default_pool_size=1" are those of pgbouncer.ini.
func (d *Database) Pooler(t testing.TB, mode string, users []string, settings ...string) *Pooler {
	t.Helper()
	requirePooler(t)
	p := &Pooler{database: d.Name, exited: make(chan struct{})}
	var err error
	if p.dir, err = os.MkdirTemp("/tmp", "tenantvet-pool-"); err != nil { // the path of a unix socket has room for 107 bytes
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(p.dir) })
	var known strings.Builder
	for _, user := range users {
		fmt.Fprintf(&known, "%q \"\"\n", user)
	}
	config := append([]string{
		"[databases]",
		fmt.Sprintf("%s = host=%s port=5432 dbname=%s", d.Name, d.Server.SocketDir(), d.Name),
		"[pgbouncer]",
		"listen_addr =",
		fmt.Sprintf("listen_port = %d", poolerPort),
		"unix_socket_dir = " + p.dir,
		"auth_type = trust",
		"auth_file = " + p.file("users"),
		"pool_mode = " + mode,
		"logfile = " + p.file("log"),
	}, settings...)
	for name, text := range map[string]string{"users": known.String(), "pgbouncer.ini": strings.Join(config, "\n") + "\n"} {
		if err := os.WriteFile(p.file(name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(p.dir, 0o777); err != nil { // it runs as another user when the tests run as root
		t.Fatal(err)
	}
	p.start(t)
	return p
}

// DSN returns the connection string of a user, by way of the pooler.
func (p *Pooler) DSN(user string) string {
	return fmt.Sprintf("host=%s port=%d dbname=%s user=%s", p.dir, poolerPort, p.database, user)
}

func (p *Pooler) file(name string) string { return filepath.Join(p.dir, name) }

func (p *Pooler) start(t testing.TB) {
	t.Helper()
	cmd := Command(pgbouncer, "-q", p.file("pgbouncer.ini"))
	started := make(chan error)
	go func() {
		runtime.LockOSThread() // it is told to die with the thread that forked it
		err := cmd.Start()
		started <- err
		if err == nil {
			cmd.Wait()
			close(p.exited)
		}
	}()
	if err := <-started; err != nil {
		t.Fatal(err)
	}
	p.process = cmd.Process
	t.Cleanup(p.Close)
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		// The socket is there before anybody listens on it.
		if conn, err := net.Dial("unix", p.file(fmt.Sprintf(".s.PGSQL.%d", poolerPort))); err == nil {
			conn.Close()
			return
		}
		select {
		case <-p.exited:
			t.Fatalf("PgBouncer ended at once: %s", p.log())
		default:
		}
		if time.Now().After(deadline) {
			t.Fatalf("PgBouncer does not listen: %s", p.log())
		}
	}
}

func (p *Pooler) log() string {
	text, _ := os.ReadFile(p.file("log"))
	return string(text)
}

// Connect opens a connection that is closed when the test ends.
func (p *Pooler) Connect(t testing.TB, user string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), p.DSN(user))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

// Close ends the pooler at once: a client that waits for it loses its connection.
func (p *Pooler) Close() {
	select {
	case <-p.exited:
		return
	default:
	}
	p.process.Signal(syscall.SIGTERM)
	select {
	case <-p.exited:
	case <-time.After(5 * time.Second):
		p.process.Kill()
		<-p.exited
	}
}

// requirePooler ends the test where PgBouncer is not installed, as require does.
func requirePooler(t testing.TB) {
	t.Helper()
	if _, err := exec.LookPath(pgbouncer); err == nil {
		return
	}
	if os.Getenv("TENANTVET_REQUIRE_SERVERS") == "1" {
		t.Fatal("PgBouncer is not installed and TENANTVET_REQUIRE_SERVERS=1; run .ci/servers")
	}
	t.Skip("PgBouncer is not installed; run .ci/servers")
}
