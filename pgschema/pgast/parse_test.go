package pgast

import (
	"strings"
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
		"select 1;\nselect '\x00';\nselect 2": "m.sql:2:9: NUL byte in SQL text; save the file as UTF-8",
		"select 1;\nselect '\xff';\nselect 2": "m.sql:2:9: SQL text is not valid UTF-8; save the file as UTF-8",
	} {
		statements, broken := Parse(NewSource("m.sql", text))
		assert.Len(t, statements, 2, "the rest is still read")
		require.Len(t, broken, 1)
		assert.Equal(t, want, broken[0].Error())
	}
}

func TestParseShowsWhatNothingEnds(t *testing.T) {
	for text, want := range map[string]string{
		"select 1;\n/* a /* b */ ;\nselect 2": "m.sql:2:1: unterminated /* comment at or near \"/* a /* b */ ;\nselect 2\"",
		"select 1;\nselect 2 /* a":            "m.sql:2:10: unterminated /* comment at or near \"/* a\"",
		"select 1;\nselect 'a; select 2":      "m.sql:2:8: unterminated quoted string at or near \"'a; select 2\"",
		"select 1;\ndo $$ a; select 2":        "m.sql:2:4: unterminated dollar-quoted string at or near \"$$ a; select 2\"",
	} {
		statements, broken := Parse(NewSource("m.sql", text))
		assert.Len(t, statements, 1)
		require.Len(t, broken, 1)
		assert.Equal(t, want, broken[0].Error())
	}
}

// Depths at which the C code of the parser overflows its stack, or would in writing the tree as SQL.
func TestParseRefusesDepth(t *testing.T) {
	for name, text := range map[string]func(n int) string{
		"operators":  func(n int) string { return "select " + strings.Repeat("1+", n) + "1" },
		"casts":      func(n int) string { return "select 1" + strings.Repeat("::int", n) },
		"collations": func(n int) string { return "select 1" + strings.Repeat(" collate x", n) },
		"tests":      func(n int) string { return "select 1" + strings.Repeat(" is null", n) },
		"unions":     func(n int) string { return strings.Repeat("select a, b from c where d and e union ", n) + "select 1" },
		"joins":      func(n int) string { return "select 1 from a " + strings.Repeat("join b on c and d ", n) },
		"calls":      func(n int) string { return "select " + strings.Repeat("f(", n) + "1" + strings.Repeat(")", n) },
		"queries":    func(n int) string { return "select " + strings.Repeat("(select ", n) + "1" + strings.Repeat(")", n) },
		"cases": func(n int) string {
			return "select " + strings.Repeat("case when a and b then ", n) + "1" + strings.Repeat(" end", n)
		},
		"signs": func(n int) string { return "select " + strings.Repeat("- ", n) + "1" },
	} {
		t.Run(name, func(t *testing.T) {
			for _, n := range []int{100, 800, 3000, 9000, 100_000} {
				statements, broken := Parse(NewSource("m.sql", "select 1;"+text(n)))
				require.Equal(t, 2, len(statements)+len(broken), "either read or said not to be")
				if n == 100 {
					require.Empty(t, broken)
				}
				if n == 100_000 {
					require.Len(t, broken, 1)
				}
				for _, s := range statements {
					_, err := Deparse(s.Node)
					require.NoError(t, err)
				}
			}
		})
	}
}

func TestParseReadsLongLists(t *testing.T) {
	const n = 30_000
	for _, text := range []string{
		"insert into t values (1, 2)" + strings.Repeat(", (1, 2)", n),
		"select 1 where a = 1" + strings.Repeat(" or a = 1", n),
		"select 1 where a in (1" + strings.Repeat(", 1", n) + ")",
	} {
		_, broken := Parse(NewSource("m.sql", text))
		assert.Empty(t, broken)
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
