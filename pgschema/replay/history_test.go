package replay_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/tenantvet/tenantvet/internal/pgtest"
	"github.com/tenantvet/tenantvet/internal/schemadiff"
	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/catalog"
	"github.com/tenantvet/tenantvet/pgschema/replay"
)

// TestHistories applies random histories of statements to servers. Those that a server accepts must have
// the same effect in replay. TENANTVET_HISTORIES says how many, TENANTVET_SEED which come first:
// make histories N=… SEED=… repeats any run.
func TestHistories(t *testing.T) {
	histories, first := pgtest.Number(t, "TENANTVET_HISTORIES", 6), pgtest.Number(t, "TENANTVET_SEED", 1)
	for _, major := range []int{15, 18} {
		t.Run(fmt.Sprintf("postgres%d", major), func(t *testing.T) {
			t.Parallel()
			c := cluster{pgtest.Private(t, major)}
			unknown := 0
			for i := range histories {
				seed := first + i
				statements := history(seed)
				accepted, differences := c.differences(t, statements)
				if accepted == nil {
					unknown++
				}
				if len(differences) == 0 {
					continue
				}
				least, differences := c.shrink(t, accepted, differences)
				t.Errorf("seed %d:\n%s;\n%s", seed, strings.Join(least, ";\n"), strings.Join(differences, "\n"))
			}
			t.Logf("%d histories, %d of them not compared, as replay left something undecided", histories, unknown)
		})
	}
}

// statementsOfHistory is how many statements are tried; a server accepts about a third.
const statementsOfHistory = 90

// history writes a random history.
func history(seed uint64) []string {
	r := rand.New(rand.NewPCG(seed, 0))
	statements := slices.Clone(prelude)
	for range statementsOfHistory {
		statements = append(statements, strings.Join(strings.Fields(expand(r, "<statement>")), " "))
	}
	return statements
}

// differences returns the statements that the server accepts, and in what replay differs on them. Both are
// nil when replay leaves something undecided.
func (c cluster) differences(t *testing.T, statements []string) (accepted, differences []string) {
	var s, live *pgschema.Schema
	c.lend(t, func(owner, superuser *pgx.Conn) {
		for _, sql := range statements {
			if _, err := owner.PgConn().Exec(t.Context(), sql).ReadAll(); err == nil {
				accepted = append(accepted, sql)
			}
		}
		var err error
		live, err = catalog.Read(t.Context(), superuser)
		require.NoError(t, err)
	})
	s = replay.Replay([]replay.File{
		{Name: "roles.sql", Text: fixtureRoles},
		{Name: "m.sql", Text: "SET SESSION AUTHORIZATION app_owner;\n" + strings.Join(accepted, ";\n")},
	}, replay.Options{PGVersion: c.Major, Owner: pgtest.Superuser})
	if len(s.Undecided) > 0 {
		return nil, nil
	}
	for _, n := range s.Skipped {
		differences = append(differences, fmt.Sprintf("only replay refuses %s: %s", n.What, n.Reason))
	}
	for _, u := range live.Undecided {
		differences = append(differences, fmt.Sprintf("the catalog reader could not decide %s: %s", u.Object, u.Reason))
	}
	return accepted, append(differences, schemadiff.Between(s, live)...)
}

// shrink leaves out statements as long as replay still differs.
func (c cluster) shrink(t *testing.T, statements, differences []string) (least, remaining []string) {
	for size := len(statements) / 2; size > 0; size /= 2 {
		for i := 0; i+size <= len(statements); {
			fewer := slices.Concat(statements[:i], statements[i+size:])
			if accepted, d := c.differences(t, fewer); len(d) > 0 {
				statements, differences = accepted, d
				continue
			}
			i += size
		}
	}
	return statements, differences
}

// lend makes a database for a moment, with the roles of the fixtures.
func (c cluster) lend(t *testing.T, use func(owner, superuser *pgx.Conn)) {
	const name = "history"
	c.Exec(t, "postgres", "CREATE DATABASE "+name)
	c.Exec(t, name, fixtureRoles+"ALTER DATABASE "+name+" OWNER TO app_owner")
	defer func() {
		c.Exec(t, "postgres", "DROP DATABASE "+name+" WITH (FORCE)")
		c.dropRoles(t)
	}()
	connect := func(user string) *pgx.Conn {
		conn, err := pgx.Connect(t.Context(), c.DSN(name, user))
		require.NoError(t, err)
		return conn
	}
	owner, superuser := connect("app_owner"), connect(pgtest.Superuser)
	defer owner.Close(t.Context())
	defer superuser.Close(t.Context())
	use(owner, superuser)
}
