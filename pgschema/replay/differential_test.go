package replay_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/tenantvet/tenantvet/internal/pgtest"
	"github.com/tenantvet/tenantvet/internal/schemadiff"
	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/catalog"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
	"github.com/tenantvet/tenantvet/pgschema/replay"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// refusal is a statement that the server did not accept.
type refusal struct {
	line int
	text string
}

// live applies statements one by one, as a tool does, and returns those that the server refused.
func live(t *testing.T, conn *pgx.Conn, text string) []refusal {
	t.Helper()
	statements, broken := pgast.Parse(pgast.NewSource("m.sql", text))
	require.Empty(t, broken)
	var refused []refusal
	for _, stmt := range statements {
		if _, err := conn.PgConn().Exec(t.Context(), stmt.Text()).ReadAll(); err != nil {
			refused = append(refused, refusal{stmt.Position(0).Line, fmt.Sprintf("%s (%v)", stmt.Text(), err)})
		}
	}
	return refused
}

// cluster is a server of its own whose roles go after each case.
type cluster struct{ *pgtest.Server }

// owned makes a database that belongs to a role; its roles go when the database is gone.
func (c cluster) owned(t *testing.T, setup, owner string) *pgtest.Database {
	t.Cleanup(func() { c.dropRoles(t) })
	d := c.Database(t)
	d.Exec(t, setup)
	d.Exec(t, fmt.Sprintf("ALTER DATABASE %s OWNER TO %s", d.Name, owner))
	return d
}

// dropRoles drops all roles in one statement, as they depend on each other by the memberships they granted.
func (c cluster) dropRoles(t *testing.T) {
	c.Exec(t, "postgres", `DO $$ BEGIN
		EXECUTE (SELECT 'DROP ROLE ' || string_agg(quote_ident(rolname), ', ') FROM pg_roles WHERE oid >= 16384);
	END $$`)
}

// compare compares a replayed schema with the server's.
func compare(t *testing.T, conn *pgx.Conn, s *pgschema.Schema) {
	t.Helper()
	read, err := catalog.Read(t.Context(), conn)
	require.NoError(t, err)
	for _, u := range read.Undecided {
		t.Errorf("the catalog reader could not decide: %s: %s", u.Object, u.Reason)
	}
	if lines := schemadiff.Between(s, read); len(lines) > 0 {
		t.Errorf("replay and server differ:\n%s", strings.Join(lines, "\n"))
	}
}

// fixtureRoles are what the superuser prepares for the fixtures.
const fixtureRoles = `CREATE ROLE app_owner LOGIN CREATEROLE;
CREATE ROLE app_user; CREATE ROLE app_admin; CREATE ROLE reader2;
GRANT app_user, app_admin TO app_owner WITH ADMIN OPTION;
GRANT CREATE ON SCHEMA public TO app_user, app_admin;`

// TestFixtures replays each fixture and applies it to servers as a role that is no superuser: the
// schemas and the refused statements must be the same.
func TestFixtures(t *testing.T) {
	fixtures, err := filepath.Glob("testdata/*.sql")
	require.NoError(t, err)
	require.NotEmpty(t, fixtures)
	for _, major := range []int{15, 16, 17, 18} {
		t.Run(fmt.Sprintf("postgres%d", major), func(t *testing.T) {
			t.Parallel()
			c := cluster{pgtest.Private(t, major)}
			for _, file := range fixtures {
				t.Run(filepath.Base(file), func(t *testing.T) { fixture(t, c, file) })
			}
		})
	}
}

func fixture(t *testing.T, c cluster, file string) {
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	d := c.owned(t, fixtureRoles, "app_owner")
	refused := live(t, d.Connect(t, "app_owner"), string(text))
	s := replay.Replay([]replay.File{
		{Name: "roles.sql", Text: fixtureRoles},
		{Name: "m.sql", Text: "SET SESSION AUTHORIZATION app_owner; " + string(text)},
	}, replay.Options{PGVersion: c.Major, Owner: pgtest.Superuser})
	require.Empty(t, s.Undecided)
	byServer, byReplay := map[int]string{}, map[int]string{}
	for _, r := range refused {
		byServer[r.line] = r.text
	}
	for _, n := range s.Skipped {
		byReplay[n.Line] = n.What + ": " + n.Reason
	}
	for line, text := range byServer {
		if byReplay[line] == "" {
			t.Errorf("%s:%d: only the server refuses %s", file, line, text)
		}
	}
	for line, text := range byReplay {
		if byServer[line] == "" {
			t.Errorf("%s:%d: only replay refuses %s", file, line, text)
		}
	}
	compare(t, d.Connect(t, pgtest.Superuser), s)
}
