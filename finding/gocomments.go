package finding

import (
	"go/ast"
	"go/token"
	"strings"
)

// GoComments returns the comments of a Go file that may hold a directive. One in the doc comment of
// a function covers the function; one behind code covers its line and the statement that begins or
// ends there; one on its own line covers the next statement, up to the block it opens, if any. A
// nolint above the package clause covers the file.
func GoComments(fset *token.FileSet, file *ast.File) []Comment {
	var comments []Comment
	for _, group := range file.Comments {
		for _, c := range group.List {
			text, ok := strings.CutPrefix(c.Text, "//")
			if !ok || !mayDirect(text) {
				continue
			}
			at := fset.Position(c.Pos())
			comments = append(comments, Comment{
				Position: Position{File: at.Filename, Line: at.Line, Column: at.Column},
				Text:     text,
				Covers:   coveredGo(fset, file, c),
			})
		}
	}
	return comments
}

func mayDirect(text string) bool {
	text = strings.TrimLeft(text, " \t")
	return strings.HasPrefix(text, "tenantvet:") || strings.HasPrefix(text, "nolint")
}

func coveredGo(fset *token.FileSet, file *ast.File, c *ast.Comment) Lines {
	line := func(pos token.Pos) int { return fset.Position(pos).Line }
	if c.Pos() < file.Package && strings.HasPrefix(c.Text[2:], "nolint") {
		return Lines{1, line(file.FileEnd)}
	}
	for _, decl := range file.Decls {
		if f, ok := decl.(*ast.FuncDecl); ok && f.Doc != nil && f.Doc.Pos() <= c.Pos() && c.End() <= f.Doc.End() {
			return Lines{line(f.Pos()), line(f.End())}
		}
	}
	own := line(c.Pos())
	behind, next := false, 0
	ast.Inspect(file, func(n ast.Node) bool {
		switch n.(type) {
		case nil, *ast.File, *ast.Comment, *ast.CommentGroup:
			return n != nil && n == ast.Node(file)
		}
		if n.End() <= c.Pos() && line(n.End()) == own || n.Pos() < c.Pos() && line(n.Pos()) == own {
			behind = true
		}
		if n.Pos() > c.End() && (next == 0 || line(n.Pos()) < next) {
			next = line(n.Pos())
		}
		return true
	})
	if !behind {
		if next == 0 {
			return Lines{}
		}
		return extent(fset, file, next, false)
	}
	return extent(fset, file, own, true)
}

// extent returns the lines of the code that begins on a line, without the blocks in it; with back,
// also of a statement that ends there.
func extent(fset *token.FileSet, file *ast.File, at int, back bool) Lines {
	covered := Lines{at, at}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n.(type) {
		case nil, *ast.File, *ast.Comment, *ast.CommentGroup:
			return n != nil && n == ast.Node(file)
		case *ast.BlockStmt:
			return true
		}
		from, to := fset.Position(n.Pos()).Line, fset.Position(n.End()-1).Line
		if to < at || from > at {
			return false
		}
		body := bodyStart(n)
		if from == at {
			if body.IsValid() {
				to = min(to, fset.Position(body).Line)
			}
			covered.To = max(covered.To, to)
		} else if back && to == at && !body.IsValid() && isStatement(n) {
			covered.From = min(covered.From, from)
		}
		return true
	})
	return covered
}

func isStatement(n ast.Node) bool {
	switch n.(type) {
	case ast.Stmt, *ast.ValueSpec:
		return true
	}
	return false
}

// bodyStart returns where the first block or case below a node opens.
func bodyStart(n ast.Node) token.Pos {
	found := token.NoPos
	ast.Inspect(n, func(c ast.Node) bool {
		if found.IsValid() {
			return false
		}
		switch c := c.(type) {
		case *ast.BlockStmt:
			found = c.Lbrace
		case *ast.CaseClause:
			found = c.Colon
		case *ast.CommClause:
			found = c.Colon
		}
		return !found.IsValid()
	})
	return found
}
