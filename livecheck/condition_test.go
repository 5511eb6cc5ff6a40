package livecheck

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestConjuncts(t *testing.T) {
	tenant, other := term{"o", "tenant_id"}, term{"t", "tenant_id"}
	for condition, want := range map[string][]fact{
		"":                   nil,
		"(o.tenant_id = $1)": {{column: tenant}},
		"((o.tenant_id = $1) AND (o.status <> 'x'::text))":                               {{column: tenant}},
		"((o.tenant_id)::text = $1)":                                                     {{column: tenant, cast: true}},
		"((o.tenant_id)::character varying(4))::text = $1":                               {{column: tenant, opaque: true, cast: true}},
		"((o.tenant_id)::numeric(9,2) = $1)":                                             {{column: tenant, opaque: true, cast: true}},
		"(o.tenant_id = ANY ($1))":                                                       {{column: tenant, list: true}},
		"(o.tenant_id <> ALL ($1))":                                                      nil,
		"(o.tenant_id = t.tenant_id)":                                                    {{column: tenant, other: other}, {column: other, other: tenant}},
		"(o.tenant_id = (InitPlan 1).col1)":                                              {{column: tenant}},
		"(o.tenant_id = $0)":                                                             {{column: tenant}},
		"((o.tenant_id = $1) OR (o.status = $2))":                                        nil,
		"((o.tenant_id = $1) OR (o.tenant_id = $2))":                                     {{column: tenant, list: true}},
		"(($1 IS NULL) OR (o.tenant_id = $1))":                                           nil,
		"((current_setting('a.b') = '') OR (o.tenant_id = $1))":                          {{column: tenant, opaque: true}},
		"(NOT (o.tenant_id = $1))":                                                       nil,
		"(o.tenant_id = COALESCE($1, o.tenant_id))":                                      nil,
		"(o.name = 'o.tenant_id = 1')":                                                   {{column: term{"o", "name"}}},
		"is_mine(o.tenant_id)":                                                           {{column: tenant, opaque: true, cast: true}},
		"CASE WHEN (o.tenant_id = $1) THEN true ELSE (o.status = $2) END":                nil,
		"CASE WHEN (o.status = $2) THEN (o.tenant_id = $1) ELSE (o.tenant_id = $3) END":  {{column: tenant, list: true}},
		"CASE WHEN (o.status = $2) THEN (o.tenant_id = $1) ELSE true END":                {{column: term{"o", "status"}, opaque: true}, {column: tenant, opaque: true}},
		"CASE WHEN (current_setting('a.b') = '') THEN false ELSE (o.tenant_id = $1) END": {{column: tenant}},
		"CASE WHEN (current_setting('a.b') = 'x') THEN true ELSE (o.tenant_id = $1) END": {{column: tenant, opaque: true}},
		"CASE WHEN (o.tenant_id = $1) THEN true ELSE NULL::boolean END":                  {{column: tenant}},
		"CASE WHEN (o.tenant_id = $1) THEN false ELSE (o.status = $2) END":               {{column: term{"o", "status"}}},
		"CASE o.kind WHEN 1 THEN (o.tenant_id = $1) ELSE false END":                      {{column: term{"o", "kind"}, opaque: true, cast: true}, {column: tenant, opaque: true, cast: true}},
		"EXISTS(SubPlan 1)":                                                              {{subplan: "SubPlan 1"}},
		"(NOT EXISTS(SubPlan 1))":                                                        nil,
		"(hashed SubPlan 2)":                                                             {{subplan: "SubPlan 2"}},
		"(ANY (o.tenant_id = (hashed SubPlan 2).col1))":                                  {{column: tenant, subplan: "SubPlan 2"}},
		"(ALL (o.tenant_id = (SubPlan 2).col1))":                                         nil,
	} {
		got, ok := conjuncts(condition)
		assert.True(t, ok, condition)
		assert.Equal(t, want, got, condition)
	}
	_, ok := conjuncts("(alternatives: SubPlan 1 or hashed SubPlan 2)")
	assert.False(t, ok)
}

func TestObstacle(t *testing.T) {
	for condition, want := range map[string]string{
		"":                   "",
		"(o.tenant_id = $1)": "",
		"(o.id = $1)":        "",
		"((o.tenant_id = current_tenant()) OR is_admin())":                        "puts the condition on tenant_id into an OR",
		"((o.id = 3) AND ((o.tenant_id)::text = $1))":                             "casts or computes with tenant_id",
		"(((o.tenant_id)::text = $1) AND (o.tenant_id = $2))":                     "",
		"(lower((o.tenant_id)::text) = $1)":                                       "casts or computes with tenant_id",
		"is_mine(o.tenant_id)":                                                    "hides the condition on tenant_id in a function",
		"CASE WHEN (o.tenant_id = $1) THEN true ELSE false END":                   "puts the condition on tenant_id into a CASE",
		"((x.tenant_id)::text = $1)":                                              "",
		"(o.tenant_id = ANY ($1)) AND (o.kind = 'bug'::public.kind)":              "",
		"(alternatives: SubPlan 1 or hashed SubPlan 2) AND (o.tenant_id = lower)": "",
	} {
		assert.Equal(t, want, obstacle(condition, "o", []string{"tenant_id"}), condition)
	}
}

func TestComparisons(t *testing.T) {
	assert.Equal(t, []columnComparison{{"kind", "="}, {"title", "~~*"}, {"n", "<"}},
		comparisons("((o.kind = 'bug'::kind) AND (o.title ~~* $1) AND (3 < o.n) AND (p.n = 4))", "o"))
}

func TestRestoreLiterals(t *testing.T) {
	for text, want := range map[string]string{
		"SELECT date_trunc($1, at) FROM t GROUP BY date_trunc('week', at)":             "SELECT date_trunc('week', at) FROM t GROUP BY date_trunc('week', at)",
		"SELECT n + $1 FROM t WHERE a = $2 GROUP BY n + 1":                             "SELECT n + 1 FROM t WHERE a = $2 GROUP BY n + 1",
		"SELECT coalesce(a, $1), coalesce(b, $2) FROM t GROUP BY coalesce(b, 'x'), a":  "SELECT coalesce(a, $1), coalesce(b, 'x') FROM t GROUP BY coalesce(b, 'x'), a",
		"SELECT a FROM t WHERE b = $1":                                                 "SELECT a FROM t WHERE b = $1",
		"SELECT DISTINCT lower(a || $1) FROM t WHERE c = 'y' ORDER BY lower(a || 'x')": "SELECT DISTINCT lower(a || 'x') FROM t WHERE c = 'y' ORDER BY lower(a || 'x')",
	} {
		assert.Equal(t, want, restoreLiterals(text))
	}
}

func TestUnnormalize(t *testing.T) {
	for text, want := range map[string]string{
		"SELECT interval $1":                     "SELECT CAST($1 AS interval)",
		"SELECT interval $1 day":                 "SELECT CAST($1 AS interval day)",
		"SELECT timestamp with time zone $1":     "SELECT CAST($1 AS timestamp with time zone)",
		"SELECT varchar(10) $1, x FROM t":        "SELECT CAST($1 AS varchar(10)), x FROM t",
		"SELECT extract($1 FROM created) FROM t": "SELECT extract(epoch FROM created) FROM t",
		"SELECT date '2020-01-01', date $2":      "SELECT date '2020-01-01', CAST($2 AS date)",
		"SELECT $1::interval, 'interval $1'":     "SELECT $1::interval, 'interval $1'",
		"SELECT a FROM t WHERE a = $1 LIMIT $2":  "SELECT a FROM t WHERE a = $1 LIMIT $2",
	} {
		assert.Equal(t, want, unnormalize(text))
	}
}

func TestStatementOf(t *testing.T) {
	for text, want := range map[string]string{
		"SELECT 1 /* trace */":                      "SELECT 1",
		"PREPARE p AS SELECT a FROM t WHERE b = $1": "SELECT a FROM t WHERE b = $1",
		"DECLARE c CURSOR FOR SELECT a FROM t":      "SELECT a FROM t",
		"COPY (SELECT a FROM t) TO STDOUT":          "SELECT a FROM t",
		"CREATE TABLE n AS SELECT a FROM t":         "SELECT a FROM t",
		"COPY t TO STDOUT":                          "",
		"VACUUM":                                    "",
		"SELECT 1; SELECT 2":                        "",
	} {
		s, _ := statementOf(text)
		if want == "" {
			assert.Nil(t, s, text)
			continue
		}
		if assert.NotNil(t, s, text) {
			assert.Equal(t, want, s.Text())
		}
	}
}
