package changed

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strings"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// extents knows the statements of SQL files and the declarations of Go files, by file.
type extents map[string][]finding.Lines

// of returns the lines of the statement or declaration at a position: its own line when there is
// none, and the whole file when the position has no line.
func (e extents) of(at finding.Position) finding.Lines {
	blocks, ok := e[at.File]
	if !ok {
		blocks = read(at.File)
		e[at.File] = blocks
	}
	for _, b := range blocks {
		if b.From <= at.Line && at.Line <= b.To {
			return b
		}
	}
	if at.Line == 0 {
		return finding.Lines{From: 1, To: int(^uint(0) >> 1)}
	}
	return finding.Lines{From: at.Line, To: at.Line}
}

// read returns the statements or declarations of a file; none for one that cannot be read.
func read(file string) []finding.Lines {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil
	}
	if !strings.HasSuffix(file, ".go") {
		return pgast.StatementLines(pgast.NewSource(file, string(text)))
	}
	fset := token.NewFileSet()
	parsed, err := parser.ParseFile(fset, file, text, parser.SkipObjectResolution)
	if err != nil {
		return nil
	}
	var blocks []finding.Lines
	add := func(n ast.Node) {
		blocks = append(blocks, finding.Lines{From: fset.Position(n.Pos()).Line, To: fset.Position(n.End()).Line})
	}
	for _, decl := range parsed.Decls {
		if d, ok := decl.(*ast.GenDecl); ok {
			for _, spec := range d.Specs {
				add(spec)
			}
			continue
		}
		add(decl)
	}
	return blocks
}
