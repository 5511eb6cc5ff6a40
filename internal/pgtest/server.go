// Package pgtest gives tests real PostgreSQL servers.
//
// A server is private to the test binary: its own data directory, a unix socket and no TCP port, so any number of test
// binaries run at once. Start shares one server per major version between the tests of a binary; each test takes its own
// database from it. Roles belong to the whole server, so a test takes them under random names from [Database.Role], or,
// when its SQL names roles literally, takes a server of its own from [Private].
//
// A package that calls Start ends its servers in TestMain:
//
//	func TestMain(m *testing.M) { pgtest.Main(m) }
package pgtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Superuser is the owner of every server: it bypasses row-level security, so tests of policies connect as another role.
const Superuser = "postgres"

// port only names the socket file; nothing listens on TCP.
const port = 5432

// settings make a server quick and its behaviour repeatable. Nothing here changes what a statement sees or may do.
var settings = []string{
	"listen_addresses=",
	"fsync=off",
	"synchronous_commit=off",
	"full_page_writes=off",
	"autovacuum=off", // statistics and pg_stat views change only when a test says so
	"shared_buffers=32MB",
	"max_connections=200",
	"shared_preload_libraries=pg_stat_statements",
}

// Server is a running PostgreSQL server.
type Server struct {
	Major int

	dir     string // holds the socket, data/ and the log
	lock    *os.File
	process *os.Process
	exited  chan struct{} // closed once the server process has been reaped
}

type slot struct {
	once   sync.Once
	server *Server
	err    error
}

var (
	shared   = map[int]*slot{}
	sharedMu sync.Mutex
	hasMain  bool
)

func init() {
	for _, major := range supported {
		shared[major] = &slot{}
	}
}

// Main runs the tests of a package and ends the servers they started. It does not return.
func Main(m *testing.M) {
	hasMain = true
	code := m.Run()
	sharedMu.Lock()
	for _, s := range shared {
		if s.server != nil {
			s.server.stop()
		}
	}
	os.Exit(code)
}

// Start returns the server of that major version which the tests of this binary share, starting it at the first call.
// It skips the test when the version is not installed, or fails it when TENANTVET_REQUIRE_SERVERS=1.
func Start(t testing.TB, major int) *Server {
	t.Helper()
	if !hasMain {
		t.Fatal("pgtest.Start needs func TestMain(m *testing.M) { pgtest.Main(m) }, which ends the server")
	}
	bin := require(t, major)
	s := shared[major]
	s.once.Do(func() {
		server, err := start(bin, major, nil)
		sharedMu.Lock()
		defer sharedMu.Unlock()
		s.server, s.err = server, err
	})
	if s.err != nil {
		t.Fatal(s.err)
	}
	return s.server
}

// Private returns a server for this test alone, for SQL that names roles or changes the server. It lasts until the test
// ends. Settings such as "wal_level=logical" are added to the usual ones.
func Private(t testing.TB, major int, settings ...string) *Server {
	t.Helper()
	s, err := start(require(t, major), major, settings)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.stop)
	return s
}

func start(bin string, major int, extra []string) (_ *Server, err error) {
	sweepOnce.Do(sweep)
	dir, lock, err := newDir()
	if err != nil {
		return nil, fmt.Errorf("start PostgreSQL %d: %w", major, err)
	}
	defer func() {
		if err != nil {
			os.RemoveAll(dir)
			lock.Close()
		}
	}()
	data := filepath.Join(dir, "data")

	initdb := Command(filepath.Join(bin, "initdb"), "-D", data, "-U", Superuser, "-A", "trust", "-N", "--locale=C", "--encoding=UTF8")
	initdb.Dir = dir
	if out, err := initdb.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb of PostgreSQL %d: %w\n%s", major, err, out)
	}

	args := []string{"-D", data, "-p", fmt.Sprint(port), "-k", dir}
	for _, setting := range append(settings[:len(settings):len(settings)], extra...) {
		args = append(args, "-c", setting)
	}
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		return nil, err
	}
	defer log.Close()
	postgres := Command(filepath.Join(bin, "postgres"), args...)
	postgres.Dir = dir
	postgres.Stdout, postgres.Stderr = log, log

	s := &Server{Major: major, dir: dir, lock: lock, exited: make(chan struct{})}
	started := make(chan error)
	go func() {
		// The server is told to die with its parent, which to the kernel is the thread that forked it: keep that thread.
		runtime.LockOSThread()
		err := postgres.Start()
		started <- err
		if err == nil {
			postgres.Wait()
			close(s.exited)
		}
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start PostgreSQL %d: %w", major, err)
	}
	s.process = postgres.Process
	if err := s.wait(time.Minute); err != nil {
		output, _ := os.ReadFile(log.Name())
		s.stop()
		return nil, fmt.Errorf("start PostgreSQL %d: %w\n%s", major, err, output)
	}
	return s, nil
}

// wait returns once the server answers.
func (s *Server) wait(limit time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	for {
		conn, err := pgx.Connect(ctx, s.DSN("postgres", Superuser))
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-s.exited:
			return errors.New("the server ended at once")
		case <-ctx.Done():
			return err
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// stop ends the server without ceremony, as its data is thrown away, and removes its files.
func (s *Server) stop() {
	s.process.Signal(syscall.SIGQUIT)
	select {
	case <-s.exited:
	case <-time.After(20 * time.Second):
		s.process.Kill()
		<-s.exited
	}
	os.RemoveAll(s.dir)
	s.lock.Close()
}

// SocketDir is the folder of the server's unix socket, the host to connect to.
func (s *Server) SocketDir() string { return s.dir }

// Log returns what the server has logged so far.
func (s *Server) Log() string {
	log, _ := os.ReadFile(filepath.Join(s.dir, "log"))
	return string(log)
}

// DSN returns a connection string in keyword/value form.
func (s *Server) DSN(database, user string) string {
	return fmt.Sprintf("host=%s port=%d dbname=%s user=%s", s.dir, port, quoteValue(database), quoteValue(user))
}

// Exec runs SQL, which may hold several statements, as the superuser.
func (s *Server) Exec(t testing.TB, database, sql string) {
	t.Helper()
	run(t, s.DSN(database, Superuser), sql)
}

func run(t testing.TB, dsn, sql string) {
	t.Helper()
	if err := runErr(dsn, sql); err != nil {
		t.Fatalf("%v\nin: %s", err, sql)
	}
}

func runErr(dsn, sql string) error {
	// Not the test's context: this also runs in cleanups, where that one is cancelled already.
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.PgConn().Exec(ctx, sql).ReadAll()
	return err
}

func quoteValue(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'"
}

// Command prepares a program that refuses to run as root, as PostgreSQL and PgBouncer do: for root it runs as an
// unprivileged user, and it dies with this process. It inherits nothing of the environment that could change a result.
func Command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "TZ=UTC"}
	cmd.SysProcAttr = unprivileged()
	return cmd
}
