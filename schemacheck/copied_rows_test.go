package schemacheck_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/tenantvet/tenantvet/finding"
)

// TestCopiedByQuery holds what is said of tables that hold the result of a query.
func TestCopiedByQuery(t *testing.T) {
	const tables = `CREATE TABLE note (id uuid PRIMARY KEY, tenant_id uuid NOT NULL, body text);
CREATE TABLE currencies (id int PRIMARY KEY, name text);
ALTER TABLE note ENABLE ROW LEVEL SECURITY; ALTER TABLE note FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON note USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT ON note TO app_user;
`
	for schema, told := range map[string]bool{
		"CREATE TABLE words AS SELECT body FROM note; GRANT SELECT ON words TO app_user;":                                                                                                                       true,
		"SELECT body INTO words FROM note; GRANT SELECT ON words TO app_user;":                                                                                                                                  true,
		"CREATE TABLE words AS SELECT body FROM note;":                                                                                                                                                          false,
		"CREATE TABLE words AS SELECT body FROM note WITH NO DATA; GRANT SELECT ON words TO app_user;":                                                                                                          false,
		"CREATE TABLE words AS SELECT name FROM currencies; GRANT SELECT ON words TO app_user;":                                                                                                                 false,
		"CREATE TABLE words (word text); GRANT SELECT ON words TO app_user; CREATE FUNCTION fill() RETURNS void LANGUAGE sql AS 'INSERT INTO words SELECT body FROM note';":                                     true,
		"CREATE TABLE words (word text); GRANT SELECT ON words TO app_user; CREATE PROCEDURE fill() LANGUAGE plpgsql AS $$BEGIN INSERT INTO words SELECT n.body FROM note n; END$$;":                            true,
		"CREATE TABLE words (word text); GRANT SELECT ON words TO app_user; CREATE FUNCTION fill() RETURNS void LANGUAGE sql AS 'INSERT INTO words SELECT name FROM currencies';":                               false,
		"CREATE TABLE sums (n bigint); GRANT SELECT ON sums TO app_user; CREATE FUNCTION fill() RETURNS void LANGUAGE sql AS 'INSERT INTO sums SELECT count(*) FROM note';":                                     false,
		"CREATE TABLE words (word text); CREATE FUNCTION fill() RETURNS void LANGUAGE sql AS 'INSERT INTO words SELECT body FROM note';":                                                                        false,
		"CREATE TABLE words (word text, tenant_id uuid NOT NULL); GRANT SELECT ON words TO app_user; CREATE FUNCTION fill() RETURNS void LANGUAGE sql AS 'INSERT INTO words SELECT body, tenant_id FROM note';": false,
	} {
		t.Run(schema, func(t *testing.T) {
			found := fixture{name: "schema.sql", text: tables + schema, model: fixtureModel()}.check(t)
			assert.Equal(t, told, slices.ContainsFunc(found.Findings, func(f finding.Finding) bool {
				return f.Rule == "tenant-column-missing" && f.Severity == finding.Error
			}))
		})
	}
}
