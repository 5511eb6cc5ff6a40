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
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tenantvet/tenantvet/shadow/server"
)

// Superuser is the owner of every server: it bypasses row-level security, so tests of policies connect as another role.
const Superuser = server.Superuser

// Server is a running PostgreSQL server.
type Server struct{ *server.Server }

type slot struct {
	once   sync.Once
	server *Server
	err    error
}

var (
	shared   = slots()
	sharedMu sync.Mutex
	hasMain  bool
)

// slots makes the place of the shared server of each supported version.
func slots() map[int]*slot {
	slots := map[int]*slot{}
	for _, major := range supported {
		slots[major] = &slot{}
	}
	return slots
}

// Main runs the tests of a package and ends the servers they started. It does not return.
func Main(m *testing.M) {
	hasMain = true
	code := m.Run()
	sharedMu.Lock()
	for _, s := range shared {
		if s.server != nil {
			s.server.Close()
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
	t.Cleanup(s.Close)
	return s
}

func start(bin string, major int, settings []string) (*Server, error) {
	started, err := server.Start(context.Background(), bin, major, append([]string{
		"max_connections=200",
		"shared_preload_libraries=pg_stat_statements",
	}, settings...)...)
	if err != nil {
		return nil, err
	}
	return &Server{started}, nil
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

// Command prepares a program as [server.Command] does.
func Command(name string, args ...string) *exec.Cmd { return server.Command(name, args...) }
