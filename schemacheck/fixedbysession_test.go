package schemacheck_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/tenantvet/tenantvet/finding"
)

// TestFixedBySession holds the verdict on definer functions that look rows up by what the session is.
func TestFixedBySession(t *testing.T) {
	const user = "nullif(current_setting('app.user_id', true), '')::uuid"
	const tables = `CREATE TABLE member (id uuid PRIMARY KEY, tenant_id uuid NOT NULL, user_id uuid, kind text, known_as name);
ALTER TABLE member ENABLE ROW LEVEL SECURITY;
`
	for query, want := range map[string]finding.Verdict{
		"SELECT * FROM member WHERE user_id = " + user:                                                        finding.Isolated,
		"SELECT m.* FROM member m WHERE " + user + " = m.user_id":                                             finding.Isolated,
		"SELECT * FROM member WHERE known_as = current_user":                                                  finding.Leaks,
		"SELECT * FROM member WHERE user_id = coalesce(" + user + ", '00000000-0000-4000-8000-00000000000b')": finding.Unknown,
		"SELECT * FROM member WHERE kind = current_setting('app.kind')":                                       finding.Leaks,
		"SELECT * FROM member WHERE EXISTS (SELECT FROM member WHERE user_id = " + user + ")":                 finding.Leaks,
		"SELECT * FROM member WHERE user_id = " + user + " UNION ALL SELECT * FROM member":                    finding.Leaks,
		"SELECT * FROM member WHERE tenant_id = gen_random_uuid()":                                            finding.Unknown,
		"SELECT * FROM member WHERE tenant_id = current_setting(t)::uuid":                                     finding.Leaks,
		"SELECT * FROM member WHERE tenant_id = md5(t)::uuid":                                                 finding.Leaks,
		"SELECT * FROM member WHERE tenant_id = (t::jsonb->>'t')::uuid":                                       finding.Leaks,
	} {
		t.Run(query, func(t *testing.T) {
			text := tables + "CREATE FUNCTION f(t text) RETURNS SETOF member LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$" + query + "$$;"
			result := fixture{name: "schema.sql", text: text, model: fixtureModel()}.check(t)
			assert.Equal(t, want, result.Verdict())
		})
	}
}
