package pgast

import (
	"strings"
	"testing"

	"github.com/pganalyze/pg_query_go/v5/parser"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
)

func TestTreesFromJSONAreThoseFromProtobuf(t *testing.T) {
	for _, tt := range []struct {
		text    string
		certain bool
	}{
		{"", true},
		{"CREATE TABLE a (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), n numeric(12, 2) NOT NULL CHECK (n < 7 AND n <> 0), b bigint GENERATED ALWAYS AS IDENTITY) PARTITION BY LIST (n)", true},
		{"CREATE POLICY p ON a AS RESTRICTIVE FOR SELECT TO public, x USING (EXISTS (SELECT FROM b WHERE b.id = a.id)) WITH CHECK (false)", true},
		{"WITH RECURSIVE c AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT *, row_number() OVER (PARTITION BY a ORDER BY b DESC NULLS LAST) FROM c, LATERAL f(c.n) x(y int) GROUP BY ROLLUP (a) FOR UPDATE SKIP LOCKED", true},
		{"INSERT INTO a VALUES (DEFAULT, NULL, true, false, 1.5e300, B'01', X'ff', '', $1) ON CONFLICT (a) DO UPDATE SET a = excluded.a RETURNING a", true},
		{"MERGE INTO a USING b ON a.id = b.id WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT VALUES (1)", true},
		{"SELECT JSON_OBJECT('a' VALUE 1 ABSENT ON NULL), XMLELEMENT(NAME a), current_user, CAST(x AS interval day), (a, b) = ROW (1, 2)", true},
		{"SELECT '" + `"\<>` + "\b\f\n\r\t\x01\x7fä€𝄞'", true},
		{"FETCH FORWARD ALL FROM c", true},
		{"SELECT 0, 2147483647, 9223372036854775807", true},
		{"SELECT 0 -- not certain: the minus sign", false},
		{"SELECT -1", false},
		{"SELECT a[0:1], ARRAY[]::int[]", false},
		{"CREATE SEQUENCE s INCREMENT -1", false},
		{"CREATE AGGREGATE a (int) (SFUNC = f, STYPE = int)", false},
		{"SELECT " + strings.Repeat("(", maxDepth/4) + "1" + strings.Repeat(")", maxDepth/4), true},
		{"SELECT " + strings.Repeat("1+", (maxDepth-10)/2) + "1", true},
	} {
		t.Run(tt.text[:min(len(tt.text), 60)], func(t *testing.T) {
			json, err := parser.ParseToJSON(tt.text)
			require.NoError(t, err)
			_, certain := decode(json, tt.text)
			assert.Equal(t, tt.certain, certain)
			equalTrees(t, tt.text)
		})
	}
}

// equalTrees fails where JSON and protobuf say different things of a text.
func equalTrees(t *testing.T, text string) {
	t.Helper()
	got, err := parse(text)
	want, wantErr := parseProtobuf(text)
	require.Equal(t, wantErr, err)
	require.Len(t, got, len(want))
	for i := range want {
		assert.True(t, proto.Equal(want[i], got[i]), "want %v\ngot  %v", want[i], got[i])
	}
}

// How deeply a tree may nest must not depend on how it is read.
func TestTreesFromJSONNestAsDeeply(t *testing.T) {
	for _, n := range []int{1, 2, 3, 4, 5, 6} {
		equalTrees(t, "SELECT "+strings.Repeat("1+", (maxDepth-n)/2)+"1")
		equalTrees(t, "SELECT "+strings.Repeat("NOT ", (maxDepth-n)/2)+"a")
	}
}

func TestDecodeRefusesWhatItDoesNotKnow(t *testing.T) {
	const begin, end = `{"version":160001,"stmts":[{"stmt":{"SelectStmt":{`, `}},"stmt_len":3}]}`
	_, certain := decode(begin+`"limitOption":"LIMIT_OPTION_DEFAULT"`+end, "")
	require.True(t, certain)
	for _, fields := range []string{
		`"limitOption":"LIMIT_OPTION_NONE"`, `"limitOption":7`, `"other":1`, `"all":yes`, `"all":true,`, `"all":true "op":1`,
		`"op":"SETOP_NONE","all":true,"op":"SETOP_NONE"`, `"targetList":[{"Other":{}}]`, `"targetList":[{]`, `"targetList":{}`, `"targetList":[`,
		`"relation":{"relname":"a\x"}`, `"relation":{"relname":"a`, `"relation":{"inh":1}`, `"limitCount":{"Integer":{}}`, `"limitCount":{"A_Const":{"ival":{"fval":1}}}`,
		`"limitCount":{"A_Const":{"location":99999999999999999999}}`,
	} {
		_, certain := decode(begin+fields+end, "")
		assert.False(t, certain, fields)
	}
	for cut := range len(begin) {
		_, certain := decode(begin[:cut], "")
		assert.False(t, certain, begin[:cut])
	}
}

func FuzzDecode(f *testing.F) {
	f.Add("SELECT a, -1, '<' FROM b")
	f.Fuzz(func(t *testing.T, text string) {
		if i, _ := invalid(text); i < 0 && len(text) < maxChain {
			equalTrees(t, text)
		}
	})
}
