package livecheck_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tenantvet/tenantvet/internal/pgtest"
	"github.com/tenantvet/tenantvet/livecheck"
)

// slow is a schema with a table for each reason why a plan reads past the tenant.
const slow = `
CREATE FUNCTION fill(t text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN
	EXECUTE 'INSERT INTO ' || t || ' SELECT md5((i % 400) || '''')::uuid, i, ''bug'', ARRAY[''t'' || i % 900] FROM generate_series(1, 20000) i';
END $$;
CREATE TYPE kind AS ENUM ('bug', 'wish');
CREATE TABLE bare (tenant_id uuid NOT NULL, id bigint NOT NULL, kind kind, tags text[]);
CREATE TABLE cast_away (LIKE bare, PRIMARY KEY (tenant_id, id));
CREATE TABLE either_or (LIKE bare, PRIMARY KEY (tenant_id, id));
CREATE TABLE hidden (LIKE bare, PRIMARY KEY (tenant_id, id));
CREATE TABLE leaky (LIKE bare, PRIMARY KEY (tenant_id, id));
CREATE INDEX leaky_kind ON leaky (tenant_id, kind);
CREATE TABLE tagged (LIKE bare);
CREATE INDEX tagged_tags ON tagged USING gin (tags);
CREATE TABLE stale (LIKE bare, PRIMARY KEY (tenant_id, id));
CREATE FUNCTION is_mine(uuid) RETURNS bool LANGUAGE plpgsql STABLE AS $$ BEGIN RETURN $1 = current_setting('app.tenant_id', true)::uuid; END $$;
CREATE POLICY p ON cast_away USING (tenant_id::text = current_setting('app.tenant_id', true));
CREATE POLICY p ON either_or USING (tenant_id = current_setting('app.tenant_id', true)::uuid OR current_setting('app.admin', true) = 'on');
CREATE POLICY p ON hidden USING (is_mine(tenant_id));
CREATE POLICY p ON leaky USING (tenant_id = current_setting('app.tenant_id', true)::uuid);
CREATE POLICY p ON tagged USING (tenant_id = current_setting('app.tenant_id', true)::uuid);
DO $$ DECLARE t text; BEGIN
	FOREACH t IN ARRAY ARRAY['bare', 'cast_away', 'either_or', 'hidden', 'leaky', 'tagged'] LOOP
		PERFORM fill(t);
		IF t <> 'bare' THEN EXECUTE 'ALTER TABLE ' || t || ' ENABLE ROW LEVEL SECURITY'; END IF;
	END LOOP;
	INSERT INTO stale SELECT md5('1')::uuid, -i, 'bug' FROM generate_series(1, 5000) i;
END $$;
ANALYZE`

func TestWhyPlansReadPastTheTenant(t *testing.T) {
	tests := map[string]struct {
		sql    string
		access livecheck.Access
		reason string
		fix    string
	}{
		"no index":      {"SELECT id FROM bare WHERE tenant_id = $1 AND kind = $2", livecheck.PastTenant, "no valid index leads with tenant_id", `CREATE INDEX CONCURRENTLY ON "public"."bare" ("tenant_id", "kind");`},
		"cast":          {"SELECT id FROM cast_away", livecheck.PastTenant, "a policy or the statement casts or computes with tenant_id", "compare tenant_id itself"},
		"OR":            {"SELECT id FROM either_or", livecheck.PastTenant, "a policy or the statement puts the condition on tenant_id into an OR", "compare tenant_id itself"},
		"function":      {"SELECT id FROM hidden", livecheck.PastTenant, "hides the condition on tenant_id in a function", "compare tenant_id itself"},
		"not leakproof": {"SELECT id FROM leaky WHERE kind = $1", livecheck.ByTenant, "operator = on public.kind is not LEAKPROOF, so under row-level security index leaky_kind does not serve the condition on kind", ""},
		"no use of GIN": {"SELECT id FROM tagged WHERE tags @> $1", livecheck.PastTenant, "no valid index leads with tenant_id", `CREATE INDEX CONCURRENTLY ON "public"."tagged" ("tenant_id");`},
		"stale":         {"SELECT id FROM stale WHERE tenant_id = $1", livecheck.PastTenant, "statistics were taken of 5000 rows, and there are about 25000, so the planner misjudges index stale_pkey", `ANALYZE "public"."stale";`},
	}
	for _, major := range []int{15, 18} {
		t.Run(fmt.Sprintf("postgres%d", major), func(t *testing.T) {
			d := newAudited(t, pgtest.Private(t, major), slow)
			d.Exec(t, "SELECT fill('stale')")
			d.Exec(t, "SELECT pg_stat_force_next_flush(); SELECT pg_stat_clear_snapshot()")
			conn := d.Connect(t, d.app)
			for _, tt := range tests {
				outcome(t, conn, tt.sql, bindings(t, conn, tt.sql, true)[0])
			}
			auditor := d.Connect(t, pgtest.Superuser)
			workload, err := livecheck.ReadWorkload(t.Context(), auditor)
			require.NoError(t, err)
			judged, result, err := livecheck.Statements(t.Context(), auditor, d.read(t), workload, livecheck.StatementOptions{AllowSuperuser: true})
			require.NoError(t, err)
			byText := map[string]livecheck.Statement{}
			for _, s := range judged {
				byText[s.Text] = s
			}
			for name, tt := range tests {
				s, ok := byText[tt.sql]
				require.True(t, ok, name)
				assert.Equal(t, tt.access, s.Access, name)
				assert.NotEmpty(t, s.Plan, name)
				said := s.Reason + s.Fix
				for _, f := range result.Findings {
					if f.Rule == "statement-skips-tenant-index" && f.Object == "public."+tableOf(tt.sql) {
						said += f.Message
						if f.Fix != nil {
							said += f.Fix.Message + f.Fix.Code
						}
					}
				}
				assert.Contains(t, said, tt.reason, name)
				assert.Contains(t, said, tt.fix, name)
			}
			assert.Contains(t, byText[tests["no use of GIN"].sql].SuperuserPlan, "tagged_tags", "without the policy the index serves")
			assert.Empty(t, byText[tests["no index"].sql].SuperuserPlan, "no policy is part of it")
		})
	}
}

// tableOf returns what follows FROM.
func tableOf(sql string) (table string) {
	fmt.Sscanf(sql, "SELECT id FROM %s", &table)
	return table
}
