package schemacheck_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema/classify"
	"github.com/tenantvet/tenantvet/pgschema/replay"
	"github.com/tenantvet/tenantvet/schemacheck"
	"github.com/tenantvet/tenantvet/tenancy"
)

// Claims of a token that the platform verifies are no client's to choose, other than a setting or what users write of
// themselves.
func TestPolicyOnClaims(t *testing.T) {
	const auth = `CREATE SCHEMA auth;
CREATE FUNCTION auth.role() RETURNS text LANGUAGE sql STABLE AS $$ SELECT coalesce(current_setting('request.jwt.claim.role', true), current_setting('request.jwt.claims', true)::jsonb ->> 'role') $$;
CREATE FUNCTION auth.jwt() RETURNS jsonb LANGUAGE sql STABLE AS $$ SELECT current_setting('request.jwt.claims', true)::jsonb $$;
`
	const own = `CREATE SCHEMA auth; CREATE FUNCTION auth.role() RETURNS text LANGUAGE sql STABLE AS $$ SELECT current_setting('app.role', true) $$;
`
	for name, c := range map[string]struct {
		before, condition string
		cell              finding.Verdict
	}{
		"another role":              {"", "auth.role() = 'service_role'", finding.Isolated},
		"another role, on a server": {auth, "(SELECT auth.role()) = 'service_role'", finding.Isolated},
		"another role in claims":    {auth, "auth.jwt() ->> 'role' = 'service_role'", finding.Isolated},
		"the session's role":        {"", "auth.role() = 'authenticated'", finding.Leaks},
		"one of several roles":      {"", "auth.role() IN ('service_role', 'authenticated')", finding.Leaks},
		"a claim that is signed":    {"", "(auth.jwt() -> 'app_metadata' ->> 'role') = 'admin'", schemacheck.Warned},
		"a claim of the user's own": {"", "(auth.jwt() -> 'user_metadata' ->> 'role') = 'admin'", finding.Leaks},
		"a function of its own":     {own, "auth.role() = 'service_role'", finding.Leaks},
		"a setting":                 {"", "current_setting('app.role', true) = 'service_role'", finding.Leaks},
	} {
		t.Run(name, func(t *testing.T) {
			schema := replay.Replay([]replay.File{{Name: "schema.sql", Text: "CREATE ROLE authenticated;\n" + c.before + `
CREATE TABLE notes (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
CREATE INDEX ON notes (tenant_id, id);
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON notes FOR SELECT USING (` + c.condition + ` OR tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT ON notes TO authenticated;`}}, replay.Options{Owner: "app_owner"})
			require.Empty(t, schema.Skipped)
			model := tenancy.Model{
				Enforcement: tenancy.EnforceRLS, Columns: []string{"tenant_id"}, Settings: []string{"app.tenant_id"},
				Roles: tenancy.Roles{App: []string{"authenticated"}, Owner: []string{"app_owner"}}, PGVersion: 16,
			}
			classes := classify.Of(schema, &model)
			result, m := schemacheck.Check(schema, classes, &model), schemacheck.Judge(schema, classes, &model)
			assertAgrees(t, name, result, m)
			assert.Equal(t, c.cell, m.Cells[0].Verdict, "%v", result.Findings)
		})
	}
}
