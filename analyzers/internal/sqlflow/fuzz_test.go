package sqlflow

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"

	"github.com/tenantvet/tenantvet/analyzers/internal/lazyssa"
)

// fakes stand in for the packages that generated programs use: only names and signatures matter.
var fakes = map[string]string{
	"fmt":     `package fmt; func Sprintf(format string, a ...any) string { return "" }`,
	"strings": `package strings; type Builder struct{}; func (*Builder) WriteString(s string) (int, error) { return 0, nil }; func (*Builder) String() string { return "" }; func ReplaceAll(s, old, new string) string { return "" }; func Join(s []string, sep string) string { return "" }`,
}

type fakeImporter struct{ fset *token.FileSet }

func (i fakeImporter) Import(path string) (*types.Package, error) {
	file, err := parser.ParseFile(i.fset, path+".go", fakes[path], 0)
	if err != nil {
		return nil, err
	}
	return new(types.Config).Check(path, i.fset, []*ast.File{file}, nil)
}

// load makes the resolver of a package given as text, and returns its SSA form.
func load(t testing.TB, text string) (*resolver, *ssa.Package) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "p.go", text, parser.ParseComments)
	require.NoError(t, err, text)
	info := &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{},
		Implicits: map[ast.Node]types.Object{}, Selections: map[*ast.SelectorExpr]*types.Selection{}, Scopes: map[ast.Node]*types.Scope{},
		Instances: map[*ast.Ident]types.Instance{}, FileVersions: map[*ast.File]string{},
	}
	pkg, err := (&types.Config{Importer: fakeImporter{fset}}).Check("p", fset, []*ast.File{file}, info)
	require.NoError(t, err, text)
	pass := &analysis.Pass{
		Fset: fset, Files: []*ast.File{file}, Pkg: pkg, TypesInfo: info,
		ImportObjectFact: func(types.Object, analysis.Fact) bool { return false },
		ExportObjectFact: func(types.Object, analysis.Fact) {},
	}
	builder, err := lazyssa.Analyzer.Run(pass)
	require.NoError(t, err)
	program, skipped := builder.(*lazyssa.Builder).Build()
	require.Nil(t, skipped)
	return newResolver(pass, newIndex(program)), program.Pkg
}

// writer turns random bytes into a program that makes up a string, and interprets it meanwhile: each
// line is one step, and out are the texts that the program can have at this point.
type writer struct {
	data  []byte
	lines []string
	out   []string
	names int
}

func (w *writer) next(n int) int {
	if len(w.data) == 0 {
		return 0
	}
	b := w.data[0]
	w.data = w.data[1:]
	return int(b) % n
}

// words are the pieces that programs are made of; some need an escape in Go.
var words = []string{"SELECT ", "id", " FROM ", "t\n", "'%%'", "\t\"é\"", "--x\n", ""}

func (w *writer) literal() (source, value string) {
	value = words[w.next(len(words))]
	if w.next(2) == 0 && !strings.Contains(value, "`") {
		return "`" + value + "`", value
	}
	return fmt.Sprintf("%q", value), value
}

// step writes one statement and returns what it makes of a text.
func (w *writer) step() (string, func(string) string) {
	w.names++
	source, value := w.literal()
	switch w.next(7) {
	case 0:
		return "q += " + source, func(q string) string { return q + value }
	case 1:
		return "q = " + source + " + q", func(q string) string { return value + q }
	case 2:
		format := strings.ReplaceAll(value, "%", "%%") + "%s|%[1]s|%d"
		return fmt.Sprintf("q = fmt.Sprintf(%q, q, 7)", strings.Replace(format, "%d", "%[2]d", 1)),
			func(q string) string { return value + q + "|" + q + "|7" }
	case 3:
		name := fmt.Sprintf("b%d", w.names)
		return fmt.Sprintf("var %[1]s strings.Builder; %[1]s.WriteString(q); %[1]s.WriteString(%[2]s); q = %[1]s.String()", name, source),
			func(q string) string { return q + value }
	case 4:
		return `q = strings.ReplaceAll(q, "id", ` + source + ")", func(q string) string { return strings.ReplaceAll(q, "id", value) }
	case 5:
		return "q = strings.Join([]string{q, " + source + `}, ", ")`, func(q string) string { return q + ", " + value }
	}
	return "q = wrap(q)", func(q string) string { return "(" + q + ")" }
}

func (w *writer) program() string {
	w.out = []string{""}
	for range 1 + w.next(8) {
		line, apply := w.step()
		var applied []string
		for _, q := range w.out {
			applied = append(applied, apply(q))
		}
		switch w.next(4) {
		case 0:
			line = "if c { " + line + " }"
			w.out = append(w.out, applied...)
		case 1:
			line = "for range n { " + line + " }"
			for _, q := range applied {
				w.out = append(w.out, q, apply(q))
			}
		default:
			w.out = applied
		}
		w.lines = append(w.lines, line)
	}
	return `package p
import ("fmt"; "strings")
var _, _ = fmt.Sprintf, strings.Join
func wrap(s string) string { return "(" + s + ")" }
func f(c bool, n int) string {
	q := ""
	` + strings.Join(w.lines, "\n\t") + `
	return q
}`
}

// FuzzTemplate checks that whatever a program makes is among the texts of its templates, and that
// each byte of a literal stands where the template says.
func FuzzTemplate(f *testing.F) {
	for _, seed := range []string{"", "\x03\x00\x01\x02\x03\x04\x05", "\x07\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c", "\x05\x05\x01\x02\x00\x04\x00\x03\x01\x01"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 200 {
			return
		}
		w := &writer{data: data}
		text := w.program()
		r, pkg := load(t, text)
		set := r.summary(pkg.Func("f"))
		for i, want := range w.out {
			if i > 64 {
				break
			}
			require.True(t, matches(set, want), "%q is not among %v of\n%s", want, set, text)
		}
		for _, template := range set {
			checkPlaces(t, r, template, text)
		}
	})
}

// matches reports whether a text is one of the templates, with anything in their holes.
func matches(set []Template, want string) bool {
	for _, template := range set {
		var pattern strings.Builder
		pattern.WriteString("(?s)^")
		for _, p := range template.Pieces {
			if p.Hole != nil {
				pattern.WriteString(".*")
			}
			pattern.WriteString(regexp.QuoteMeta(p.Text))
		}
		if regexp.MustCompile(pattern.String() + "$").MatchString(want) {
			return true
		}
	}
	return len(set) == 0
}

func checkPlaces(t *testing.T, r *resolver, template Template, source string) {
	for i, p := range template.Pieces {
		if len(p.Places) == 0 || p.Places[0].Fixed {
			continue
		}
		for offset := range len(p.Text) {
			pos, _ := template.At(i, offset)
			at := r.pass.Fset.Position(pos).Offset
			if source[at] != p.Text[offset] && source[at] != '\\' {
				// Within an escape sequence the bytes behind the first stand nowhere.
				require.Contains(t, source[max(0, at-4):at], `\`, "%q at %d of %q", p.Text, offset, source)
			}
		}
	}
}
