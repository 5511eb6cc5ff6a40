package schemacheck_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tenantvet/tenantvet/pgschema/classify"
	"github.com/tenantvet/tenantvet/pgschema/replay"
	"github.com/tenantvet/tenantvet/schemacheck"
	"github.com/tenantvet/tenantvet/tenancy"
)

// BenchmarkCheck judges 200 tables with 500 policies, which may take 60 ms.
func BenchmarkCheck(b *testing.B) {
	var sql strings.Builder
	sql.WriteString(prelude + `CREATE FUNCTION current_tenant() RETURNS uuid LANGUAGE sql STABLE
AS $$ SELECT nullif(current_setting('app.tenant_id', true), '')::uuid $$;
CREATE TABLE memberships (user_id uuid NOT NULL, tenant_id uuid NOT NULL, PRIMARY KEY (user_id, tenant_id));
`)
	for i := range 200 {
		fmt.Fprintf(&sql, `CREATE TABLE t%[1]d (
    id uuid PRIMARY KEY, tenant_id uuid NOT NULL, parent_id uuid, name text NOT NULL, status text, at timestamptz NOT NULL,
    UNIQUE (tenant_id, id), UNIQUE (tenant_id, name), FOREIGN KEY (tenant_id, parent_id) REFERENCES t%[1]d (tenant_id, id)
);
CREATE INDEX ON t%[1]d (tenant_id, at);
CREATE INDEX ON t%[1]d (status);
ALTER TABLE t%[1]d ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON t%[1]d USING (tenant_id = current_tenant());
CREATE POLICY member ON t%[1]d FOR SELECT USING (EXISTS (SELECT 1 FROM memberships m
    WHERE m.tenant_id = t%[1]d.tenant_id AND m.user_id = nullif(current_setting('app.user_id', true), '')::uuid));
GRANT SELECT, INSERT, UPDATE, DELETE ON t%[1]d TO app_user;
`, i)
		if i%2 == 0 {
			fmt.Fprintf(&sql, "CREATE POLICY fence ON t%d AS RESTRICTIVE USING (CASE WHEN current_setting('app.tenant_id', true) IS NULL THEN false ELSE tenant_id = current_tenant() END);\n", i)
		}
	}
	model := tenancy.Model{
		File: ".tenantvet.yml", Enforcement: tenancy.EnforceRLS, Columns: []string{"tenant_id"}, Settings: []string{"app.tenant_id"},
		Roles: tenancy.Roles{App: []string{"app_user"}, Owner: []string{"app_owner"}}, PGVersion: 16,
	}
	schema := replay.Replay([]replay.File{{Name: "schema.sql", Text: sql.String(), Format: tenancy.Plain}}, replay.Options{Owner: "app_owner"})
	require.Empty(b, schema.Skipped)
	for b.Loop() {
		schemacheck.Check(schema, classify.Of(schema, &model), &model)
	}
}
