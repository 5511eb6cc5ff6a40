package schemacheck_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/schemacheck"
)

// TestBecoming holds the cells on roles that the session may grant itself.
func TestBecoming(t *testing.T) {
	const tables = `CREATE ROLE app_owner; CREATE ROLE app_user LOGIN; CREATE ROLE boss BYPASSRLS; SET ROLE app_owner;
CREATE TABLE note (id uuid PRIMARY KEY, tenant_id uuid NOT NULL, body text);
ALTER TABLE note ENABLE ROW LEVEL SECURITY; ALTER TABLE note FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON note USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE MATERIALIZED VIEW notes AS SELECT * FROM note;
GRANT SELECT ON note TO app_user, boss; RESET ROLE;
`
	for name, c := range map[string]struct {
		schema, relation string
		version          int
		want             finding.Verdict
		witness          string
	}{
		"the ADMIN option alone": {
			"GRANT boss TO app_user WITH ADMIN TRUE, INHERIT FALSE, SET FALSE;", "public.note", 16, finding.Leaks,
			"GRANT boss TO app_user WITH SET TRUE;\nSET ROLE boss;\nSELECT * FROM public.note;"},
		"the ADMIN option of a role that it inherits": {
			"CREATE ROLE lead; GRANT lead TO app_user; GRANT boss TO lead WITH ADMIN TRUE, INHERIT FALSE, SET FALSE;", "public.note", 16, finding.Leaks,
			"GRANT boss TO app_user WITH SET TRUE;\nSET ROLE boss;\nSELECT * FROM public.note;"},
		"no option of a membership": {
			"GRANT boss TO app_user WITH INHERIT FALSE, SET FALSE;", "public.note", 16, finding.Isolated, ""},
		"a materialized view, as the owner that CREATEROLE grants": {
			"ALTER ROLE app_user CREATEROLE;", "public.notes", 15, finding.Leaks, "GRANT app_owner TO app_user;\nSET ROLE app_owner;\nSELECT * FROM public.notes;"},
		"a materialized view, where CREATEROLE grants no owner": {
			"ALTER ROLE app_user CREATEROLE;", "public.notes", 16, schemacheck.NoAccess, ""},
		"its own view, as a member of the owner that CREATEROLE grants": {
			"ALTER ROLE app_user CREATEROLE; CREATE VIEW v WITH (security_invoker) AS SELECT * FROM note; ALTER VIEW v OWNER TO app_user;", "public.v", 15, finding.Leaks,
			"GRANT app_owner TO app_user;\nSELECT * FROM public.v;"},
		"its own view, where it inherits nothing of the owner": {
			"ALTER ROLE app_user CREATEROLE NOINHERIT; CREATE VIEW v WITH (security_invoker) AS SELECT * FROM note; ALTER VIEW v OWNER TO app_user;", "public.v", 15, finding.Isolated, ""},
	} {
		t.Run(name, func(t *testing.T) {
			f := fixture{name: "schema.sql", text: tables + c.schema, model: fixtureModel()}
			f.model.PGVersion = c.version
			cell := cellOf(t, f.matrix(), c.relation, "select")
			assert.Equal(t, c.want, cell.Verdict, "%s %s", cell.Rule, cell.Reason)
			assert.Equal(t, c.witness, cell.Witness)
		})
	}
}
