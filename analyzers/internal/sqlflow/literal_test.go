package sqlflow

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestPlaces marks in the source where a word of the recovered text must be found.
func TestPlaces(t *testing.T) {
	for name, test := range map[string]struct{ source, word string }{
		"raw":            {"func f() string { return `SELECT\n 1 FROM invoice` }", "invoice"},
		"interpreted":    {`func f() string { return "SELECT 1 FROM invoice" }`, "invoice"},
		"behind escapes": {`func f() string { return "\tSELECT\n\"é\" \u00e9 \x41 FROM invoice" }`, "invoice"},
		"constant":       {"const c = `SELECT 1 ` + `FROM invoice`\nfunc f() string { return c }", "invoice"},
		"variable":       {"var v = `SELECT 1 FROM invoice`\nfunc f() string { return v }", "invoice"},
		"second operand": {"func f() string { return g() + ` FROM invoice` }\nfunc g() string { return `SELECT 1` }", "invoice"},
		"parenthesis":    {"func f() string { return (`SELECT 1 ` + (`FROM invoice`)) }", "invoice"},
	} {
		t.Run(name, func(t *testing.T) {
			source := "package p\n" + test.source
			r, pkg := load(t, source)
			set := r.summary(pkg.Func("f"))
			require.Len(t, set, 1)
			piece, offset := find(t, set[0], test.word)
			pos, _ := set[0].At(piece, offset)
			assert.Equal(t, strings.Index(source, test.word), r.pass.Fset.Position(pos).Offset)
		})
	}
}

func find(t *testing.T, template Template, word string) (piece, offset int) {
	for i, p := range template.Pieces {
		if at := strings.Index(p.Text, word); at >= 0 {
			return i, at
		}
	}
	require.Fail(t, "not found", "%s in %s", word, template)
	return 0, 0
}

// TestTwins checks that of two literals of one text the one in the same function is taken.
func TestTwins(t *testing.T) {
	source := "package p\nfunc other() string { return `SELECT 1` }\nfunc f() string { return `SELECT 1` }"
	r, pkg := load(t, source)
	pos, _ := r.summary(pkg.Func("f"))[0].At(0, 0)
	assert.Equal(t, strings.LastIndex(source, "SELECT"), r.pass.Fset.Position(pos).Offset)
}
