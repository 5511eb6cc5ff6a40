package replay_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/tenantvet/tenantvet/internal/pgtest"
	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/catalog"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
	"github.com/tenantvet/tenantvet/pgschema/replay"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// live applies statements one by one, as the tool does, and returns the server's schema and the
// lines of the statements it refused.
func live(t *testing.T, conn *pgx.Conn, text string) []string {
	t.Helper()
	statements, broken := pgast.Parse(pgast.NewSource("m.sql", text))
	require.Empty(t, broken)
	var refused []string
	for _, stmt := range statements {
		if _, err := conn.PgConn().Exec(t.Context(), stmt.Text()).ReadAll(); err != nil {
			refused = append(refused, fmt.Sprintf("%d: %s (%v)", stmt.Position(0).Line, stmt.Text(), err))
		}
	}
	return refused
}

// cluster is a server of its own whose roles go after each case.
type cluster struct{ *pgtest.Server }

// owned makes a database that belongs to a role; its roles go when the database is gone.
func (c cluster) owned(t *testing.T, setup, owner string) *pgtest.Database {
	t.Cleanup(func() {
		c.Exec(t, "postgres", `DO $$ DECLARE r text; BEGIN
			FOR r IN SELECT rolname FROM pg_roles WHERE oid >= 16384 LOOP EXECUTE format('DROP ROLE %I', r); END LOOP;
		END $$`)
	})
	d := c.Database(t)
	d.Exec(t, setup)
	d.Exec(t, fmt.Sprintf("ALTER DATABASE %s OWNER TO %s", d.Name, owner))
	return d
}

// compare compares a replayed schema with the server's.
func compare(t *testing.T, conn *pgx.Conn, s *pgschema.Schema) {
	t.Helper()
	read, err := catalog.Read(t.Context(), conn)
	require.NoError(t, err)
	for _, u := range read.Undecided {
		t.Errorf("the catalog reader could not decide: %s: %s", u.Object, u.Reason)
	}
	if lines := difference(dump(s), dump(read)); len(lines) > 0 {
		t.Errorf("replay and server differ:\n%s", strings.Join(lines, "\n"))
	}
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
	}{MigrateAs: "app_owner"}
	text, err := os.ReadFile(filepath.Join(dir, "case.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &meta))
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
	for _, u := range s.Undecided {
		t.Errorf("undecided: %s: %s", u.Position, u.Reason)
	}
	compare(t, d.Connect(t, pgtest.Superuser), s)
}
