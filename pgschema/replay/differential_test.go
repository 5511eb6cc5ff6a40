package replay_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
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

// TestOracle replays the schemas of the row-security oracle, which lies beside the repository on
// the machines that have it.
func TestOracle(t *testing.T) {
	cases, err := filepath.Glob("../../../shared/oracle/cases/*/case.json")
	require.NoError(t, err)
	if len(cases) == 0 {
		t.Skip("../shared/oracle is not there")
	}
	for _, major := range []int{15, 18} {
		t.Run(fmt.Sprintf("postgres%d", major), func(t *testing.T) {
			t.Parallel()
			c := cluster{pgtest.Private(t, major)}
			for _, file := range cases {
				t.Run(filepath.Base(filepath.Dir(file)), func(t *testing.T) { oracleCase(t, c, filepath.Dir(file)) })
			}
		})
	}
}

func oracleCase(t *testing.T, c cluster, dir string) {
	meta := struct {
		MigrateAs string `json:"migrate_as"`
		Truth     map[string]string
	}{MigrateAs: "app_owner"}
	text, err := os.ReadFile(filepath.Join(dir, "case.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &meta))
	if truth := meta.Truth[fmt.Sprint(c.Major)]; truth == "" || truth == "ERROR" {
		t.Skip("the case needs another version")
	}
	roles, err := os.ReadFile(filepath.Join(dir, "roles.sql"))
	require.NoError(t, err)
	schema, err := os.ReadFile(filepath.Join(dir, "schema.sql"))
	require.NoError(t, err)

	d := c.owned(t, string(roles), meta.MigrateAs)
	refused := live(t, d.Connect(t, meta.MigrateAs), string(schema))
	require.Empty(t, refused)

	s := replay.Replay([]replay.File{
		{Name: "roles.sql", Text: string(roles)},
		{Name: "schema.sql", Text: "SET SESSION AUTHORIZATION " + meta.MigrateAs + "; " + string(schema)},
	}, replay.Options{PGVersion: c.Major, Owner: pgtest.Superuser})
	require.Empty(t, s.Skipped)
	if dependsOnSetting := bytes.Contains(schema, []byte("IF current_setting(")); dependsOnSetting {
		require.Len(t, s.Undecided, 1)
	} else {
		require.Empty(t, s.Undecided)
	}
	compare(t, d.Connect(t, pgtest.Superuser), s)
}

// TestMigrations compares replay and server on migrations given by folder:
// TENANTVET_MIGRATIONS=folder[:folder…] go test -run TestMigrations. What the server refuses, replay
// has to refuse as well.
func TestMigrations(t *testing.T) {
	folders := os.Getenv("TENANTVET_MIGRATIONS")
	if folders == "" {
		t.Skip("TENANTVET_MIGRATIONS names no folders of migrations")
	}
	for _, folder := range filepath.SplitList(folders) {
		t.Run(filepath.Base(folder), func(t *testing.T) { migrationFolder(t, folder) })
	}
}

func migrationFolder(t *testing.T, folder string) {
	names, err := filepath.Glob(filepath.Join(folder, "*.sql"))
	require.NoError(t, err)
	slices.Sort(names)
	c := cluster{pgtest.Private(t, 18)}
	d := c.owned(t, "CREATE ROLE app_owner LOGIN CREATEROLE; "+os.Getenv("TENANTVET_SETUP"), "app_owner")
	conn := d.Connect(t, "app_owner")
	var files []replay.File
	refused := 0
	for _, name := range names {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		file := replay.File{Name: filepath.Base(name), Text: string(text)}
		files = append(files, file)
		_, err = conn.Exec(t.Context(), "DISCARD ALL")
		require.NoError(t, err)
		for _, r := range live(t, conn, replay.UpPart(file).Source.Text) {
			t.Logf("refused: %s:%d: %s", file.Name, r.line, r.text)
			refused++
		}
	}
	s := replay.Replay(files, replay.Options{PGVersion: c.Major, Owner: "app_owner"})
	for _, n := range s.Skipped {
		t.Logf("skipped: %s: %s: %s", n.Position, n.What, n.Reason)
	}
	for _, u := range s.Undecided {
		t.Logf("undecided: %s: %s: %s", u.Position, u.Object, u.Reason)
	}
	t.Logf("%d files, %d relations, %d refused by the server, %d skipped, %d undecided", len(files), len(s.Relations), refused, len(s.Skipped), len(s.Undecided))
	// The migrating role is not among what the migrations create.
	s.Roles["app_owner"] = &pgschema.Role{Name: "app_owner", Login: true, Inherit: true}
	compare(t, d.Connect(t, pgtest.Superuser), s)
}
