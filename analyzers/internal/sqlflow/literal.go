package sqlflow

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"strconv"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"
)

// literals finds where the text of a constant stands. SSA constants have no position, but the text
// of a statement is all but unique: the expression of that value nearest to its use is the one.
type literals struct {
	pass   *analysis.Pass
	exprs  map[string][]ast.Expr         // outermost constant expressions by value
	consts map[types.Object]ast.Expr     // initialisers of constants
	embeds map[types.Object]*ast.Comment // go:embed directives of variables
}

func newLiterals(pass *analysis.Pass) *literals {
	l := &literals{pass: pass, exprs: map[string][]ast.Expr{}, consts: map[types.Object]ast.Expr{}, embeds: map[types.Object]*ast.Comment{}}
	for _, file := range pass.Files {
		ast.Inspect(file, l.visit)
	}
	return l
}

func (l *literals) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.GenDecl:
		l.visitDecl(n)
	case *ast.ImportSpec:
		return false
	case ast.Expr:
		if text, ok := l.value(n); ok {
			if text != "" {
				l.exprs[text] = append(l.exprs[text], n)
			}
			return false
		}
	}
	return true
}

func (l *literals) visitDecl(decl *ast.GenDecl) {
	for _, spec := range decl.Specs {
		spec, ok := spec.(*ast.ValueSpec)
		if !ok {
			continue
		}
		for i, name := range spec.Names {
			object := l.pass.TypesInfo.Defs[name]
			if decl.Tok == token.CONST && i < len(spec.Values) {
				l.consts[object] = spec.Values[i]
			}
			for _, doc := range []*ast.CommentGroup{spec.Doc, decl.Doc} {
				if c := embedDirective(doc); c != nil && decl.Tok == token.VAR {
					l.embeds[object] = c
				}
			}
		}
	}
}

func embedDirective(doc *ast.CommentGroup) *ast.Comment {
	if doc == nil {
		return nil
	}
	for _, c := range doc.List {
		if strings.HasPrefix(c.Text, "//go:embed ") {
			return c
		}
	}
	return nil
}

// value returns the constant string that an expression is.
func (l *literals) value(e ast.Expr) (string, bool) {
	tv, ok := l.pass.TypesInfo.Types[e]
	if !ok || tv.Value == nil || tv.Value.Kind() != constant.String {
		return "", false
	}
	return constant.StringVal(tv.Value), true
}

// template returns a constant with the places of its text. Of several expressions of the same value
// the one nearest to near is taken, those in the function first.
func (l *literals) template(text string, fn *ssa.Function, near token.Pos) []Template {
	if text == "" {
		return literal("")
	}
	var best ast.Expr
	bestRank := 0
	for _, e := range l.exprs[text] {
		rank := abs(int(e.Pos()) - int(near))
		if fn == nil || fn.Syntax() == nil || e.Pos() < fn.Syntax().Pos() || e.Pos() > fn.Syntax().End() {
			rank += 1 << 40
		}
		if best == nil || rank < bestRank {
			best, bestRank = e, rank
		}
	}
	if best == nil {
		return literal(text)
	}
	return literal(text, l.places(best, 0)...)
}

// places says where the text of a constant expression stands, shifted to an offset.
func (l *literals) places(e ast.Expr, offset int) []Place {
	switch e := e.(type) {
	case *ast.BasicLit:
		return basicPlaces(e, offset)
	case *ast.ParenExpr:
		return l.places(e.X, offset)
	case *ast.BinaryExpr:
		left, _ := l.value(e.X)
		return append(l.places(e.X, offset), l.places(e.Y, offset+len(left))...)
	case *ast.CallExpr:
		if len(e.Args) == 1 {
			return l.places(e.Args[0], offset)
		}
	case *ast.Ident:
		if init := l.consts[l.pass.TypesInfo.Uses[e]]; init != nil {
			return l.places(init, offset)
		}
	case *ast.SelectorExpr:
		return []Place{{Offset: offset, Pos: e.Sel.Pos(), Fixed: true}}
	}
	return []Place{{Offset: offset, Pos: e.Pos(), Fixed: true}}
}

// basicPlaces maps the text of a string literal to its source: one place at the start and one
// behind each escape sequence.
func basicPlaces(lit *ast.BasicLit, offset int) []Place {
	if lit.Kind != token.STRING || len(lit.Value) < 2 {
		return []Place{{Offset: offset, Pos: lit.Pos(), Fixed: true}}
	}
	places := []Place{{Offset: offset, Pos: lit.Pos() + 1}}
	body := lit.Value[1 : len(lit.Value)-1]
	if lit.Value[0] == '`' {
		// The scanner drops carriage returns from raw strings, and go/ast from their text.
		return places
	}
	at := offset
	for rest := body; rest != ""; {
		r, multibyte, tail, err := strconv.UnquoteChar(rest, '"')
		if err != nil {
			return places
		}
		source, size := len(rest)-len(tail), 1
		if multibyte {
			size = len(string(r))
		}
		at += size
		rest = tail
		if source != size {
			places = append(places, Place{Offset: at, Pos: lit.Pos() + 1 + token.Pos(len(body)-len(rest))})
		}
	}
	return places
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}
