package pgast

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParseSplitsAtStatementEndsOnly(t *testing.T) {
	cases := map[string][]string{
		"empty":            {""},
		"comments":         {"-- a;\n/* b; /* c; */ ; */"},
		"two":              {"select 1; select 2", "select 1", "select 2"},
		"quotes":           {`select ';', E'\';', ";"; select 2`, `select ';', E'\';', ";"`, "select 2"},
		"dollar quotes":    {"do $x$ begin; $$ ; $$ end $x$; select 1", "do $x$ begin; $$ ; $$ end $x$", "select 1"},
		"parameters":       {"select $1; select $2", "select $1", "select $2"},
		"rule":             {"create rule r as on insert to t do (select 1; select 2); select 3", "create rule r as on insert to t do (select 1; select 2)", "select 3"},
		"atomic body":      {"create function f() returns int language sql begin atomic select case when true then 1 end; end; select 1", "create function f() returns int language sql begin atomic select case when true then 1 end; end", "select 1"},
		"transaction":      {"begin; select 1; end; commit", "begin", "select 1", "end", "commit"},
		"leading comment":  {"-- hello\nselect 1 -- bye\n;", "select 1"},
		"byte order mark":  {"\ufeffselect 1", "select 1"},
		"empty statements": {";;select 1;;", "select 1"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			statements, broken := Parse(NewSource("f.sql", c[0]))
			require.Empty(t, broken)
			var texts []string
			for _, s := range statements {
				texts = append(texts, s.Text())
			}
			assert.Equal(t, append([]string(nil), c[1:]...), texts)
		})
	}
}

func TestParseKeepsGoingAfterABrokenStatement(t *testing.T) {
	statements, broken := Parse(NewSource("m.sql", "select 1;\nselect 'ä', frm t x y;\nselect 2"))
	require.Len(t, statements, 2)
	require.Len(t, broken, 1)
	assert.Equal(t, `m.sql:2:20: syntax error at or near "x"`, broken[0].Error())
	assert.Equal(t, "m.sql:3:1", statements[1].Position(0).String())
}

func TestParseRefusesBytesThatAreNoText(t *testing.T) {
	for text, want := range map[string]string{
		"select 1;\nselect '\x00'": "m.sql:2:9: NUL byte in SQL text",
		"select 1;\nselect '\xff'": "m.sql:2:9: SQL text is not valid UTF-8",
	} {
		_, broken := Parse(NewSource("m.sql", text))
		require.Len(t, broken, 1)
		assert.Equal(t, want, broken[0].Error())
	}
}

func TestDeparseExpr(t *testing.T) {
	node, err := ParseExpr("(tenant_id = current_setting('app.tenant_id')::uuid)")
	require.NoError(t, err)
	text, err := DeparseExpr(node)
	require.NoError(t, err)
	assert.Equal(t, "tenant_id = current_setting('app.tenant_id')::uuid", text)
}

func FuzzParse(f *testing.F) {
	f.Add("select 1; select $$;$$; -- x")
	f.Add("create rule r as on insert to t do (select 1; select 2)")
	f.Fuzz(func(t *testing.T, text string) {
		statements, broken := Parse(NewSource("f.sql", text))
		for _, s := range statements {
			if s.Start >= s.End {
				t.Fatalf("empty statement at %d", s.Start)
			}
		}
		for _, e := range broken {
			if !e.IsValid() {
				t.Fatalf("error without a place: %v", e)
			}
		}
	})
}
