package drift_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/tenantvet/tenantvet/pgschema/drift"
)

// What a database sets and grants in advance decides who reaches what, and in which state.
func TestSurroundings(t *testing.T) {
	const each = `CREATE ROLE app; CREATE ROLE owner; CREATE ROLE human; CREATE TABLE t (id int); GRANT SELECT ON t TO app; ALTER TABLE t OWNER TO owner;
		ALTER DEFAULT PRIVILEGES FOR ROLE owner IN SCHEMA public GRANT SELECT, INSERT ON TABLES TO app;
		ALTER DATABASE DB SET app.tenant_id = 'DB'; ALTER ROLE app SET search_path = app, public;`
	tests := map[string]struct {
		change string // of the second of four
		want   []string
	}{
		"the same":                  {},
		"privileges of new tables":  {"ALTER DEFAULT PRIVILEGES FOR ROLE owner IN SCHEMA public GRANT DELETE ON TABLES TO app", []string{"grant to app on future tables in public: db2 has DELETE, INSERT, SELECT, usual INSERT, SELECT"}},
		"to another role":           {"ALTER DEFAULT PRIVILEGES FOR ROLE owner IN SCHEMA public GRANT SELECT ON TABLES TO PUBLIC", []string{"grant to public on future tables in public: db2 has additional"}},
		"in every schema":           {"ALTER DEFAULT PRIVILEGES FOR ROLE owner GRANT SELECT ON TABLES TO app", []string{"grant to app on future tables: db2 has additional"}},
		"revoked from everyone":     {"ALTER DEFAULT PRIVILEGES FOR ROLE owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC", []string{"grant to public on future functions: db2 has missing"}},
		"by another role":           {"ALTER DEFAULT PRIVILEGES FOR ROLE human IN SCHEMA public GRANT SELECT ON TABLES TO app", nil},
		"a switch":                  {"ALTER DATABASE db2 SET app.skip_policies = 'on'", []string{"setting app.skip_policies: db2 has additional"}},
		"a role's search path":      {"ALTER ROLE app SET search_path = public, app", []string{"setting search_path of role app: db2 has value public, app, usual value app, public"}},
		"row_security":              {"ALTER ROLE app SET row_security = off", []string{"setting row_security of role app: db2 has additional"}},
		"no tenant":                 {"ALTER DATABASE db2 RESET app.tenant_id", []string{"setting app.tenant_id: db2 has missing"}},
		"what confines nobody":      {"ALTER DATABASE db2 SET work_mem = '1GB'", nil},
		"a role without privileges": {"ALTER ROLE human SET search_path = human", nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var sets []*drift.Set
			for i := range 4 {
				db := fmt.Sprintf("db%d", i+1)
				sql := strings.ReplaceAll(each, "DB", db)
				if i == 1 {
					sql += tt.change
				}
				sets = append(sets, drift.Database(db, db, built(t, sql), nil))
			}
			assert.Equal(t, tt.want, say(drift.Merge(sets...).Compare()))
		})
	}
}

// The tenant that each database sets for itself need not be named as the database is.
func TestSettingsOfTheirOwn(t *testing.T) {
	var sets []*drift.Set
	for i, tenant := range []string{"acme", "best", "core"} {
		db := fmt.Sprintf("db%d", i+1)
		sets = append(sets, drift.Database(db, db, built(t, fmt.Sprintf("CREATE TABLE t (id int); ALTER DATABASE %s SET app.tenant_id = '%s'", db, tenant)), nil))
	}
	assert.Empty(t, drift.Merge(sets...).Compare())
	sets[2] = drift.Database("db3", "db3", built(t, "CREATE TABLE t (id int)"), nil)
	assert.Equal(t, []string{"setting app.tenant_id: db3 has missing"}, say(drift.Merge(sets...).Compare()))
}

// A privilege on future tables of one tenant's schema.
func TestFuturePrivilegesOfSchemas(t *testing.T) {
	names := []string{"t1", "t2", "t3"}
	var each strings.Builder
	for _, name := range names {
		fmt.Fprintf(&each, "ALTER DEFAULT PRIVILEGES IN SCHEMA %[1]s GRANT SELECT ON TABLES TO %[1]s_app;", name)
	}
	compare := func(change string) []string {
		return say(drift.Schemas(tenants(t, each.String()+change, names...), names, "").Compare())
	}
	assert.Empty(t, compare(""))
	assert.Equal(t, []string{"grant to reporting on future tables: t2 has additional"}, compare("ALTER DEFAULT PRIVILEGES IN SCHEMA t2 GRANT SELECT ON TABLES TO reporting"))
}
