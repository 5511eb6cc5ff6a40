package schemacheck_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/tenantvet/tenantvet/finding"
)

// TestDefinerWrites holds the verdict on definer functions that write rows for the session's tenant or another.
func TestDefinerWrites(t *testing.T) {
	const current = "nullif(current_setting('app.tenant_id', true), '')::uuid"
	const other = "'00000000-0000-4000-8000-00000000000b'"
	const tables = `CREATE TABLE note (id uuid PRIMARY KEY, tenant_id uuid NOT NULL, body text); CREATE INDEX ON note (tenant_id);
ALTER TABLE note ENABLE ROW LEVEL SECURITY;
`
	for statement, want := range map[string]finding.Verdict{
		"INSERT INTO note VALUES (gen_random_uuid(), " + current + ", t)":                                                      finding.Isolated,
		"INSERT INTO note VALUES (gen_random_uuid(), " + current + ", t) ON CONFLICT DO NOTHING":                               finding.Isolated,
		"INSERT INTO note VALUES (gen_random_uuid(), coalesce(" + current + ", " + other + "), t)":                             finding.Leaks,
		"INSERT INTO note VALUES (gen_random_uuid(), t::uuid, t)":                                                              finding.Leaks,
		"UPDATE note SET body = t WHERE tenant_id = " + current:                                                                finding.Isolated,
		"UPDATE note SET tenant_id = tenant_id, body = t WHERE tenant_id = " + current:                                         finding.Isolated,
		"UPDATE note SET tenant_id = " + current + " WHERE tenant_id = " + current:                                             finding.Isolated,
		"UPDATE note SET tenant_id = t::uuid WHERE tenant_id = " + current:                                                     finding.Leaks,
		"UPDATE note SET tenant_id = " + other + " WHERE tenant_id = " + current:                                               finding.Leaks,
		"UPDATE note SET tenant_id = (SELECT v FROM unnest(ARRAY[t]::uuid[]) v) WHERE tenant_id = " + current:                  finding.Unknown,
		"MERGE INTO note USING (VALUES (1)) v ON tenant_id = " + current + " WHEN MATCHED THEN UPDATE SET tenant_id = t::uuid": finding.Leaks,
	} {
		t.Run(statement, func(t *testing.T) {
			text := tables + "CREATE FUNCTION f(t text) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$" + statement + "$$;"
			result := fixture{name: "schema.sql", text: text, model: fixtureModel()}.check(t)
			assert.Equal(t, want, result.Verdict())
		})
	}
}
