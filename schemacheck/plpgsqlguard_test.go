package schemacheck_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/tenancy"
)

// An argument that was compared with the session's tenant stands for it only while it is not set to something else.
func TestGuards(t *testing.T) {
	const begin = `
CREATE TABLE invoices (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
ALTER TABLE invoices ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON invoices USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT ON invoices TO app_user;
CREATE FUNCTION f(t uuid, k text) RETURNS SETOF invoices LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$ BEGIN
IF t IS DISTINCT FROM current_setting('app.tenant_id')::uuid THEN RAISE EXCEPTION 'no'; END IF; `
	const end = " RETURN QUERY SELECT * FROM invoices WHERE tenant_id = t; END $$;"
	for between, guarded := range map[string]bool{
		"":          true,
		"k := 'a';": true,
		"FOR t, k IN SELECT id, 'a' FROM invoices LOOP NULL; END LOOP;": false,
		"t := k::uuid;":                           false,
		"SELECT k::uuid INTO t;":                  false,
		"SELECT 'a', id INTO k, t FROM invoices;": false,
	} {
		t.Run(between, func(t *testing.T) {
			found := fixture{name: "schema.sql", text: begin + between + end, format: tenancy.Plain, model: fixtureModel()}.check(t)
			told := len(found.Undecided) > 0 || slices.ContainsFunc(found.Findings, func(f finding.Finding) bool { return f.Rule == "function-bypasses-rls" })
			assert.Equal(t, guarded, !told)
		})
	}
}
