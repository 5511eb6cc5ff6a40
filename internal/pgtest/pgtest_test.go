package pgtest

import (
	"os"
	"testing"

	"github.com/jackc/pgx/v5"
)

func TestMain(m *testing.M) { Main(m) }

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
	if _, err := os.Stat(s.SocketDir()); !os.IsNotExist(err) {
		t.Errorf("%s is still there: %v", s.SocketDir(), err)
	}
	if _, err := pgx.Connect(t.Context(), s.DSN("postgres", Superuser)); err == nil {
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
