package schemacheck_test

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tenantvet/tenantvet/internal/pgtest"
)

const slowSchema = `CREATE TABLE d (id bigint, tenant_id uuid NOT NULL, kind text NOT NULL);
CREATE TABLE m (user_id int NOT NULL, tenant_id uuid NOT NULL, PRIMARY KEY (user_id, tenant_id));
CREATE INDEX ON d (tenant_id);
CREATE FUNCTION inlined() RETURNS uuid LANGUAGE sql AS $$ SELECT nullif(current_setting('app.tenant_id', true), '')::uuid $$;
CREATE FUNCTION definer() RETURNS uuid LANGUAGE sql SECURITY DEFINER AS $$ SELECT nullif(current_setting('app.tenant_id', true), '')::uuid $$;
CREATE FUNCTION path() RETURNS uuid LANGUAGE sql SET search_path = public AS $$ SELECT nullif(current_setting('app.tenant_id', true), '')::uuid $$;
CREATE FUNCTION volatile() RETURNS uuid LANGUAGE plpgsql AS $$ BEGIN RETURN nullif(current_setting('app.tenant_id', true), '')::uuid; END $$;
CREATE FUNCTION stable() RETURNS uuid LANGUAGE plpgsql STABLE AS $$ BEGIN RETURN nullif(current_setting('app.tenant_id', true), '')::uuid; END $$;
CREATE FUNCTION has(t uuid) RETURNS boolean LANGUAGE plpgsql STABLE AS $$ BEGIN RETURN t = nullif(current_setting('app.tenant_id', true), '')::uuid; END $$;
CREATE FUNCTION is_own(t uuid) RETURNS boolean LANGUAGE sql AS $$ SELECT t = nullif(current_setting('app.tenant_id', true), '')::uuid $$;
GRANT SELECT ON d, m TO app_user;
ALTER TABLE d ENABLE ROW LEVEL SECURITY;
`

// TestPolicySlowOnServer holds the rule to the plans of a server, the oldest supported: a policy is slow exactly
// where a query for one tenant does not use the index on the tenant.
func TestPolicySlowOnServer(t *testing.T) {
	const own = "nullif(current_setting('app.tenant_id', true), '')::uuid"
	db := pgtest.Private(t, 15).Database(t, prelude+slowSchema+
		"INSERT INTO d SELECT i, md5((i % 200)::text)::uuid, 'k' FROM generate_series(1, 20000) i; ANALYZE;")
	conn := db.Connect(t, pgtest.Superuser)
	for _, using := range []string{
		"tenant_id = " + own,
		"tenant_id = (SELECT " + own + ")",
		"tenant_id = inlined()",
		"tenant_id = definer()",
		"tenant_id = path()",
		"tenant_id = volatile()",
		"tenant_id = stable()",
		"tenant_id = (SELECT volatile())",
		"tenant_id = coalesce(volatile(), '00000000-0000-0000-0000-000000000000')",
		"has(tenant_id)",
		"is_own(tenant_id)",
		"tenant_id IN (SELECT tenant_id FROM m WHERE user_id = nullif(current_setting('app.user_id', true), '')::int)",
		"tenant_id = ANY (ARRAY(SELECT tenant_id FROM m WHERE user_id = nullif(current_setting('app.user_id', true), '')::int))",
		"EXISTS (SELECT 1 FROM m WHERE m.tenant_id = d.tenant_id AND m.user_id = nullif(current_setting('app.user_id', true), '')::int)",
		"CASE WHEN current_setting('app.tenant_id', true) = '' THEN false ELSE tenant_id = " + own + " END",
		"tenant_id = CASE WHEN current_setting('app.tenant_id', true) = '' THEN NULL ELSE " + own + " END",
		"tenant_id::text = nullif(current_setting('app.tenant_id', true), '')",
		"coalesce(tenant_id, '00000000-0000-0000-0000-000000000000') = " + own,
		"coalesce(tenant_id = " + own + ", false)",
		"(tenant_id = " + own + ") IS TRUE",
		"(tenant_id = " + own + ") = true",
		"tenant_id = " + own + " OR tenant_id = inlined()",
		"tenant_id = " + own + " OR kind = 'x' AND tenant_id::text = nullif(current_setting('app.tenant_id', true), '')",
		"tenant_id = " + own + " AND has(tenant_id)",
	} {
		policy := "CREATE POLICY p ON d USING (" + using + ");"
		f := readFixture(t, "testdata/policy-slow/clean.sql")
		f.text = slowSchema + policy
		result := f.check(t)
		require.Empty(t, of(result, "policy-leaks"), using)
		for _, u := range result.Undecided {
			require.Equal(t, "matrix", u.Code, "%s: %s", using, u.Reason) // m is open to all: whom the policy admits rests on it
		}

		db.Exec(t, policy)
		exec := func(sql string) {
			_, err := conn.Exec(t.Context(), sql)
			require.NoError(t, err)
		}
		exec("SET app.tenant_id = 'cfcd2084-95d5-65ef-66e7-dff9f98764da'")
		exec("SET app.user_id = '1'")
		exec("SET ROLE app_user")
		rows, err := conn.Query(t.Context(), "EXPLAIN SELECT count(id) FROM d", pgx.QueryExecModeSimpleProtocol)
		require.NoError(t, err)
		plan, err := pgx.CollectRows(rows, pgx.RowTo[string])
		require.NoError(t, err)
		exec("RESET ROLE")
		db.Exec(t, "DROP POLICY p ON d")
		uses := strings.Contains(strings.Join(plan, "\n"), "Index Cond: (tenant_id")
		assert.Equal(t, uses, len(of(result, "policy-slow")) == 0, "%s\n%s", using, strings.Join(plan, "\n"))
	}
}
