package pgtest

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// childVariable makes this test binary start a server, say where, and wait to be killed.
const childVariable = "TENANTVET_PGTEST_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(childVariable) != "" {
		bin, _ := binaries(Majors()[0])
		s, err := start(bin, Majors()[0], nil)
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println(s.process.Pid, s.dir)
		select {}
	}
	Main(m)
}

func TestStartSharesOneServerPerMajor(t *testing.T) {
	EachMajor(t, func(t *testing.T, s *Server) {
		if again := Start(t, s.Major); again != s {
			t.Error("a second Start gave another server")
		}
		d := s.Database(t)
		var version int
		var listen string
		err := d.Connect(t, Superuser).QueryRow(t.Context(),
			"SELECT current_setting('server_version_num')::int / 10000, current_setting('listen_addresses')").Scan(&version, &listen)
		if err != nil {
			t.Fatal(err)
		}
		if version != s.Major || listen != "" {
			t.Errorf("got a server of version %d listening on %q, want version %d on its socket only", version, listen, s.Major)
		}
	})
}

func TestDatabaseAndRolesEndWithTheTest(t *testing.T) {
	EachMajor(t, func(t *testing.T, s *Server) {
		var name, role string
		t.Run("inner", func(t *testing.T) {
			d := s.Database(t, "CREATE TABLE note (tenant_id int)", "INSERT INTO note VALUES (1); INSERT INTO note VALUES (2)")
			name, role = d.Name, d.Role(t, "LOGIN")
			if err := d.ExecAs(role, "SELECT * FROM note"); err == nil {
				t.Error("a role without grants could read the table")
			}
			d.Exec(t, "GRANT SELECT ON note TO "+role)
			if err := d.ExecAs(role, "SELECT * FROM note"); err != nil {
				t.Error(err)
			}
			d.Connect(t, role) // an open connection must not keep the database
		})
		var left int
		err := s.Database(t).Connect(t, Superuser).QueryRow(t.Context(),
			"SELECT (SELECT count(*) FROM pg_database WHERE datname = $1) + (SELECT count(*) FROM pg_roles WHERE rolname = $2)",
			name, role).Scan(&left)
		if err != nil {
			t.Fatal(err)
		}
		if left != 0 {
			t.Errorf("%d of database %s and role %s outlived the test", left, name, role)
		}
	})
}

func TestPrivateServerEndsWithTheTest(t *testing.T) {
	var s *Server
	t.Run("inner", func(t *testing.T) {
		s = Private(t, 15, "wal_level=logical")
		s.Exec(t, "postgres", "CREATE ROLE app; DO $$ BEGIN ASSERT current_setting('wal_level') = 'logical'; END $$")
	})
	if t.Failed() || s == nil {
		return
	}
	if _, err := os.Stat(s.dir); !os.IsNotExist(err) {
		t.Errorf("%s is still there: %v", s.dir, err)
	}
	select {
	case <-s.exited:
	default:
		t.Error("the server still runs")
	}
}

func TestMissingServer(t *testing.T) {
	t.Setenv("TENANTVET_CACHE", t.TempDir())
	for _, c := range []struct{ variable, want string }{{"", "skipped"}, {"1", "failed"}} {
		t.Setenv("TENANTVET_REQUIRE_SERVERS", c.variable)
		probe := &probe{TB: t}
		done := make(chan struct{})
		go func() {
			defer close(done)
			require(probe, 99)
		}()
		<-done
		if probe.verdict != c.want {
			t.Errorf("with TENANTVET_REQUIRE_SERVERS=%q the test was %q, want %q", c.variable, probe.verdict, c.want)
		}
	}
}

// probe records how require ends a test.
type probe struct {
	testing.TB
	verdict string
}

func (p *probe) Helper() {}

func (p *probe) Skipf(string, ...any) {
	if p.verdict == "" {
		p.verdict = "skipped"
	}
}

func (p *probe) Fatalf(string, ...any) { p.verdict = "failed" }

// A test binary can be killed, by a time-out or by a person; neither its server nor its files may stay.
func TestServerDiesWithTheProcess(t *testing.T) {
	if len(Majors()) == 0 {
		require(t, supported[0])
	}
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childVariable+"=1")
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	line, _ := bufio.NewReader(out).ReadString('\n')
	var pid int
	var dir string
	if _, err := fmt.Sscan(line, &pid, &dir); err != nil {
		t.Fatalf("the child said %q: %v", line, err)
	}

	removeAbandoned(dir)
	if _, err := os.Stat(dir); err != nil {
		t.Fatalf("removed the files of a running server: %v", err)
	}
	child.Process.Kill()
	child.Wait()
	deadline := time.Now().Add(20 * time.Second)
	for alive(pid) && time.Now().Before(deadline) {
		time.Sleep(20 * time.Millisecond)
	}
	if alive(pid) {
		syscall.Kill(pid, syscall.SIGKILL)
		t.Fatal("the server outlived its test binary")
	}
	removeAbandoned(dir)
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("%s is still there: %v", dir, err)
	}
}

// alive reports whether a process runs. An orphan that ended may stay a zombie where init reaps nothing.
func alive(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && !strings.Contains(string(stat), ") Z ")
}
