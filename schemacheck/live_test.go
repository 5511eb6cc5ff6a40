package schemacheck_test

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/internal/pgtest"
	"github.com/tenantvet/tenantvet/pgschema/catalog"
	"github.com/tenantvet/tenantvet/pgschema/classify"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
	"github.com/tenantvet/tenantvet/schemacheck"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// TestRulesOnServer runs each fixture on a real server: PostgreSQL accepts the SQL, and the rules find
// in its catalogs what they find in the files.
func TestRulesOnServer(t *testing.T) {
	for _, major := range []int{15, 18} {
		t.Run(fmt.Sprintf("postgres%d", major), func(t *testing.T) {
			server := pgtest.Private(t, major)
			for _, rule := range schemaRules() {
				for _, name := range []string{"clean", "broken"} {
					t.Run(rule.Name+"/"+name, func(t *testing.T) {
						f := readFixture(t, filepath.Join("testdata", rule.Name, name+".sql"))
						if f.needs > major {
							t.Skipf("the fixture needs PostgreSQL %d", f.needs)
						}
						f.model.PGVersion = major
						files, live := f.check(t), f.checkOn(t, server)
						if rule.Category == finding.Migration {
							assert.Empty(t, of(live, rule.Name), "a catalog does not tell how it came about")
							return
						}
						assert.Equal(t, facts(of(files, rule.Name)), facts(of(live, rule.Name)))
					})
				}
			}
		})
	}
}

// checkOn applies a fixture on a server and runs the rules on its catalogs.
func (f fixture) checkOn(t *testing.T, server *pgtest.Server) finding.Result {
	t.Helper()
	conn := f.apply(t, server)
	defer conn.Close(context.Background())
	schema, err := catalog.Read(t.Context(), conn)
	require.NoError(t, err)
	return schemacheck.Check(schema, classify.Of(schema, &f.model), &f.model)
}

// apply runs a fixture in a database of its own and returns the superuser's connection to it. It
// leaves no role behind when the test ends.
func (f fixture) apply(t *testing.T, server *pgtest.Server) *pgx.Conn {
	t.Helper()
	t.Cleanup(func() {
		server.Exec(t, "postgres", `DO $$ DECLARE r text; BEGIN
			FOR r IN SELECT rolname FROM pg_roles WHERE oid >= 16384 LOOP EXECUTE format('DROP ROLE %I', r); END LOOP; END $$`)
	})
	db := server.Database(t, prelude)
	conn, err := pgx.Connect(t.Context(), db.DSN(pgtest.Superuser))
	require.NoError(t, err)
	if !f.superuser {
		_, err = conn.Exec(t.Context(), "SET ROLE app_owner")
		require.NoError(t, err)
	}
	exec(t, conn, pgast.NewSource(f.name, f.text))
	_, err = conn.Exec(t.Context(), "RESET ROLE")
	require.NoError(t, err)
	return conn
}

// facts are what does not depend on where the schema was read from: PostgreSQL prints expressions in its
// own words.
func facts(findings []finding.Finding) []string {
	lines := make([]string, len(findings))
	for i, f := range findings {
		lines[i] = fmt.Sprintf("%s %s %s", f.Severity, f.Rule, f.Object)
	}
	slices.Sort(lines)
	return lines
}
