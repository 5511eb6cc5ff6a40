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

const reachable = `CREATE ROLE app_user;
CREATE TABLE invoices (id serial PRIMARY KEY, tenant_id uuid NOT NULL, memo text);
CREATE TABLE countries (code text PRIMARY KEY);
ALTER TABLE invoices ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON invoices USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT, INSERT ON invoices TO app_user;
GRANT USAGE ON SEQUENCE invoices_id_seq TO app_user;
GRANT SELECT ON countries TO app_user;
CREATE FUNCTION total() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM invoices';
CREATE FUNCTION purge() RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = public AS 'DELETE FROM invoices';
CREATE PROCEDURE hidden() LANGUAGE sql AS 'SELECT 1';
REVOKE EXECUTE ON PROCEDURE hidden() FROM PUBLIC;
CREATE FUNCTION fired() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';`

// judgeReachable judges the schema above; suppress says which rules the source suppresses.
func judgeReachable(t *testing.T, suppress ...string) *schemacheck.Matrix {
	t.Helper()
	schema := replay.Replay([]replay.File{{Name: "schema.sql", Text: reachable}}, replay.Options{Owner: "app_owner"})
	require.Empty(t, schema.Skipped)
	model := tenancy.Model{
		Enforcement: tenancy.EnforceRLS, Columns: []string{"tenant_id"}, Settings: []string{"app.tenant_id"},
		Roles: tenancy.Roles{App: []string{"app_user"}, Owner: []string{"app_owner"}}, PGVersion: 16,
		Shared: []tenancy.SharedTable{{Name: "countries", Reason: "the same for everybody"}},
	}
	classes := classify.Of(schema, &model)
	found := schemacheck.Check(schema, classes, &model).Findings
	for i := range found {
		for _, rule := range suppress {
			if found[i].Rule == rule {
				found[i].Suppressed = "nightly purge"
			}
		}
	}
	return schemacheck.Judge(schema, classes, &model, found...)
}

func TestOthers(t *testing.T) {
	got := map[string]finding.Verdict{}
	for _, o := range judgeReachable(t).Others {
		assert.Equal(t, "app_user", o.Role)
		assert.NotEmpty(t, o.Reason, o.Object)
		assert.Equal(t, o.Verdict == finding.Leaks, o.Witness != "", o.Object)
		got[o.Kind+" "+o.Object] = o.Verdict
	}
	assert.Equal(t, map[string]finding.Verdict{
		"function public.purge()":         finding.Leaks,
		"function public.total()":         finding.Isolated,
		"sequence public.invoices_id_seq": schemacheck.Shared,
		"table public.countries":          schemacheck.Shared,
	}, got)
}

// A suppressed leak is neither a leak nor isolated, unless there is another way.
func TestSuppressedCells(t *testing.T) {
	assert.Equal(t, finding.Leaks, cellOf(t, judgeReachable(t), "public.invoices", "delete").Verdict)
	m := judgeReachable(t, "function-bypasses-rls")
	c := cellOf(t, m, "public.invoices", "delete")
	assert.Equal(t, schemacheck.Suppressed, c.Verdict)
	assert.Equal(t, "nightly purge", c.Accepted)
	assert.NotEmpty(t, c.Witness)
	for _, o := range m.Others {
		if o.Object == "public.purge()" {
			assert.Equal(t, schemacheck.Suppressed, o.Verdict)
		}
	}
	assert.Equal(t, finding.Leaks, cellOf(t, judgeReachable(t, "rls-disabled"), "public.invoices", "delete").Verdict, "what is suppressed must be the reason")
}
