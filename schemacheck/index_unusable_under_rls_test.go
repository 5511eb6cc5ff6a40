package schemacheck_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tenantvet/tenantvet/internal/pgtest"
	"github.com/tenantvet/tenantvet/pgschema/catalog"
	"github.com/tenantvet/tenantvet/pgschema/classify"
	"github.com/tenantvet/tenantvet/schemacheck"
	"github.com/tenantvet/tenantvet/tenancy"
)

// searches are indexes of a table with row-level security, each with a condition made for it.
var searches = []struct{ index, condition string }{
	{"(tenant_id, label)", "label = 'x'"},
	{"(tenant_id, size)", "size > 5"},
	{"(tenant_id, at)", "at > now()"},
	{"(tenant_id, state)", "state = 'open'"},
	{"(tenant_id, amount)", "amount > 5"},
	{"(tenant_id, tags)", "tags = '{a}'"},
	{"(tenant_id, doc)", "doc = '{}'"},
	{"(tenant_id, span)", "span = '[1,2)'"},
	{"(tenant_id, positive)", "positive = 1"},
	{"(tenant_id, money)", "money = 1"},
	{"(tenant_id, lower(label))", "lower(label) = 'x'"},
	{"(tenant_id, (size + 1))", "size + 1 = 5"},
	{"(tenant_id, coalesce(label, 'x'))", "coalesce(label, 'x') = 'y'"},
	{"(tenant_id, label text_pattern_ops)", "label LIKE 'x%'"},
	{"USING hash (state)", "state = 'open'"},
	{"USING hash (label)", "label = 'x'"},
	{"USING gin (tags)", "tags @> '{a}'"},
	{"USING gin (doc jsonb_path_ops)", "doc @> '{}'"},
	{"USING gin (to_tsvector('english', label))", "to_tsvector('english', label) @@ to_tsquery('english', 'x')"},
	{"USING gist (span)", "span && '[1,2)'"},
	{"USING brin (at)", "at > now()"},
	{"USING brin (amount)", "amount > 5"},
}

const searched = `
CREATE TYPE state AS ENUM ('open', 'done');
CREATE DOMAIN positive AS integer CHECK (VALUE > 0);
CREATE DOMAIN money_amount AS numeric(12, 2);
CREATE TABLE things (
	tenant_id uuid NOT NULL, label text, size bigint, at timestamptz, state state, amount numeric, tags text[], doc jsonb, span int4range,
	positive positive, money money_amount
);
ALTER TABLE things ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON things USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT ON things TO app_user;`

// TestIndexUnusableUnderRLS compares the rule with what the planner does with a condition as the application.
func TestIndexUnusableUnderRLS(t *testing.T) {
	model := &tenancy.Model{
		Columns: []string{"tenant_id"}, Settings: []string{"app.tenant_id"}, Enforcement: tenancy.EnforceRLS,
		Roles: tenancy.Roles{App: []string{"app_user"}},
	}
	for _, major := range []int{15, 18} {
		t.Run(fmt.Sprint(major), func(t *testing.T) {
			server := pgtest.Private(t, major)
			db := server.Database(t, "CREATE ROLE app_user LOGIN", searched)
			owner, app := db.Connect(t, "postgres"), db.Connect(t, "app_user")
			_, err := app.Exec(t.Context(), `SET enable_seqscan = off; SET app.tenant_id = '00000000-0000-0000-0000-000000000001'`)
			require.NoError(t, err)
			for _, s := range searches {
				_, err := owner.Exec(t.Context(), "CREATE INDEX probe ON things "+s.index)
				require.NoError(t, err)
				var plan strings.Builder
				rows, err := app.Query(t.Context(), "EXPLAIN SELECT 1 FROM things WHERE "+s.condition)
				require.NoError(t, err)
				for rows.Next() {
					var line string
					require.NoError(t, rows.Scan(&line))
					plan.WriteString(line + "\n")
				}
				require.NoError(t, rows.Err())

				schema, err := catalog.Read(t.Context(), owner)
				require.NoError(t, err)
				found := of(schemacheck.Check(schema, classify.Of(schema, model), model), "index-unusable-under-rls")
				assert.Equal(t, !searchesBy(plan.String(), s.condition), len(found) > 0, "%s with %s\n%s", s.index, s.condition, &plan)
				_, err = owner.Exec(t.Context(), "DROP INDEX probe")
				require.NoError(t, err)
			}
		})
	}
}

// searchesBy reports whether a plan enters an index by a condition: the words of its first operand are in
// an Index Cond.
func searchesBy(plan, condition string) bool {
	operand := strings.FieldsFunc(condition, func(r rune) bool { return strings.ContainsRune(" (+,'", r) })[0]
	if operand == "lower" || operand == "coalesce" || operand == "to_tsvector" {
		operand = strings.ToLower(operand) + "("
	}
	for line := range strings.Lines(strings.ToLower(plan)) {
		if strings.Contains(line, "index cond") && strings.Contains(line, operand) {
			return true
		}
	}
	return false
}
