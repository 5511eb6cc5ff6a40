package schemacheck_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/tenancy"
)

// TestBodiesOfWhichStatementsDoNotTell holds the verdict on functions that reach rows by other means than the tables
// that their statements name under the session's tenant.
func TestBodiesOfWhichStatementsDoNotTell(t *testing.T) {
	const own = "tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid"
	const schema = `CREATE TABLE note (id uuid PRIMARY KEY, tenant_id uuid NOT NULL, body text);
ALTER TABLE note ENABLE ROW LEVEL SECURITY; GRANT SELECT ON note TO app_user; CREATE POLICY p ON note USING (` + own + `);
`
	const definer = "SECURITY DEFINER SET search_path = public "
	for name, c := range map[string]struct {
		function string
		want     finding.Verdict
	}{
		"a definer for the session's tenant": {
			"RETURNS SETOF note LANGUAGE sql " + definer + "AS $$SELECT * FROM note WHERE " + own + "$$;", finding.Isolated},
		"a definer that enters a tenant and reads": {
			"RETURNS SETOF note LANGUAGE plpgsql " + definer + "AS $$BEGIN PERFORM set_config('app.tenant_id', 'b', true); RETURN QUERY SELECT * FROM note WHERE " + own + "; END$$;", finding.Unknown},
		"a definer that reads and enters a tenant": {
			"RETURNS void LANGUAGE plpgsql " + definer + "AS $$BEGIN PERFORM 1 FROM note WHERE " + own + "; PERFORM set_config('app.tenant_id', 'b', true); END$$;", finding.Isolated},
		"a definer that sets something else and reads": {
			"RETURNS SETOF note LANGUAGE plpgsql " + definer + "AS $$BEGIN PERFORM set_config('app.seen', 'on', true); RETURN QUERY SELECT * FROM note WHERE " + own + "; END$$;", finding.Isolated},
		"a definer with a tenant of its own": {
			"RETURNS SETOF note LANGUAGE sql " + definer + "SET app.tenant_id = 'b' AS $$SELECT * FROM note WHERE " + own + "$$;", finding.Unknown},
		"a function with a tenant of its own": {
			"RETURNS SETOF note LANGUAGE sql SET app.tenant_id = 'b' AS $$SELECT * FROM note$$;", finding.Unknown},
		"a function with a tenant of its own that reads nothing": {
			"RETURNS text LANGUAGE sql SET app.tenant_id = 'b' AS $$SELECT current_setting('app.tenant_id')$$;", finding.Isolated},
		"a definer that reads by text": {
			"RETURNS xml LANGUAGE sql " + definer + "AS $$SELECT query_to_xml('SELECT * FROM note', true, true, '')$$;", finding.Unknown},
		"a definer that reads statistics": {
			"RETURNS SETOF text LANGUAGE sql " + definer + "AS $$SELECT most_common_vals::text FROM pg_stats$$;", finding.Unknown},
		"a definer that switches row-level security off": {
			"RETURNS void LANGUAGE plpgsql " + definer + "AS $$BEGIN ALTER TABLE note DISABLE ROW LEVEL SECURITY; END$$;", finding.Unknown},
		"a definer that adds a column": {
			"RETURNS void LANGUAGE plpgsql " + definer + "AS $$BEGIN ALTER TABLE note ADD COLUMN seen boolean; END$$;", finding.Isolated},
		"a definer that grants": {
			"RETURNS void LANGUAGE plpgsql " + definer + "AS $$BEGIN GRANT app_owner TO app_user; END$$;", finding.Unknown},
	} {
		t.Run(name, func(t *testing.T) {
			f := fixture{name: "schema.sql", text: schema + "CREATE FUNCTION f() " + c.function, model: tenancy.Model{
				Columns: []string{"tenant_id"}, Settings: []string{"app.tenant_id"}, Enforcement: tenancy.EnforceRLS,
				Roles: tenancy.Roles{App: []string{"app_user"}, Owner: []string{"app_owner"}},
			}}
			for _, other := range f.matrix().Others {
				if other.Object == "public.f()" {
					assert.Equal(t, c.want, other.Verdict, "%s", other.Reason)
					return
				}
			}
			assert.Fail(t, "the function is not listed")
		})
	}
}
