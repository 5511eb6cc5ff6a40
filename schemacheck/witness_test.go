package schemacheck_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/internal/pgtest"
	"github.com/tenantvet/tenantvet/pgschema/catalog"
	"github.com/tenantvet/tenantvet/project"
	"github.com/tenantvet/tenantvet/prove"
	"github.com/tenantvet/tenantvet/schemacheck"
	"github.com/tenantvet/tenantvet/shadow"
)

// TestWitnesses runs each witness of the broken fixtures on a server, as the role that it is for and with rows of two
// tenants: it must reach the other tenant. On the oldest version, and with TENANTVET_TRUTH=all on every one.
func TestWitnesses(t *testing.T) {
	majors := pgtest.Majors()
	if os.Getenv("TENANTVET_TRUTH") != "all" {
		majors = majors[:1]
	}
	for _, major := range majors {
		t.Run(fmt.Sprintf("postgres%d", major), func(t *testing.T) {
			server := pgtest.Private(t, major)
			tried := 0
			for _, rule := range schemaRules() {
				if rule.Category != finding.Isolation || rule.Severity != finding.Error {
					continue
				}
				t.Run(rule.Name, func(t *testing.T) {
					f := readFixture(t, filepath.Join("testdata", rule.Name, "broken.sql"))
					if f.needs > major {
						t.Skipf("the fixture needs PostgreSQL %d", f.needs)
					}
					f.model.PGVersion = major
					for _, w := range f.tryWitnesses(t, server) {
						if needsMore[w.Rule] || strings.HasPrefix(w.How, "permission denied") {
							continue // the fixture grants nothing, so that the role is taken to have every privilege
						}
						tried++
						assert.True(t, w.Crossed, "%s of %s by %s: %s\n%s", w.Command, w.Object, w.Rule, w.How, w.Statement)
					}
				})
			}
			t.Logf("%d witnesses", tried)
			assert.NotZero(t, tried)
		})
	}
}

// needsMore are the rules whose witnesses need more than one transaction and rows of tenants: a plan kept from another
// tenant, or a tenant that reads what is written for all.
var needsMore = map[string]bool{"policy-volatile-context": true, "search-path-falls-through": true}

// tryWitnesses applies a fixture on a server and runs the witnesses of each role.
func (f fixture) tryWitnesses(t *testing.T, server *pgtest.Server) (tried []prove.Tried) {
	t.Helper()
	roles := []string{}
	for first := true; first || len(roles) > 0; first = false {
		conn := f.apply(t, server)
		schema, err := catalog.Read(t.Context(), conn)
		require.NoError(t, err)
		config := conn.Config()
		conn.Close(context.Background())
		f.model.Inferred = append(f.model.Inferred, "tenant.type")
		db := project.OnServer(&f.model, schema)
		m := schemacheck.Judge(schema, db.Classes, db.Model)
		if first {
			roles = rolesOf(m)
		}
		if len(roles) == 0 {
			return tried
		}
		role := roles[0]
		roles = roles[1:]
		session := func(ctx context.Context, role string) (*pgx.Conn, error) {
			conn, err := pgx.ConnectConfig(ctx, config.Copy())
			if err != nil {
				return nil, err
			}
			return conn, shadow.Become(ctx, conn, role)
		}
		report, err := prove.Run(t.Context(), prove.Database{
			Session: session, Schema: schema, Classes: db.Classes, Model: db.Model, Role: role, Claims: prove.Claims(m, role),
		})
		require.NoError(t, err)
		tried = append(tried, report.Tried...)
	}
	return tried
}

// rolesOf returns the roles of a matrix by which something leaks.
func rolesOf(m *schemacheck.Matrix) (roles []string) {
	add := func(role string, v finding.Verdict) {
		if v == finding.Leaks && (len(roles) == 0 || roles[len(roles)-1] != role) {
			roles = append(roles, role)
		}
	}
	for _, c := range m.Cells {
		add(c.Role, c.Verdict)
	}
	return roles
}
