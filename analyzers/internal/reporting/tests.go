package reporting

import (
	"go/ast"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/tenantvet/tenantvet/tenancy"
)

// isTest reports whether a file below a root is no part of the product: a test, what only tests use,
// or a script of the developers.
func isTest(root, name string, file *ast.File) bool {
	if strings.HasSuffix(name, "_test.go") || imports(file, "testing") {
		return true
	}
	pkg := file.Name.Name
	if tenancy.IsTestName(pkg) {
		return true
	}
	below, err := filepath.Rel(root, name)
	if root == "" || err != nil {
		return false
	}
	segments := strings.Split(filepath.ToSlash(below), "/")
	for _, segment := range segments[:len(segments)-1] {
		switch segment {
		case "hack", "scripts", "examples":
			return true
		case "tools":
			if pkg == "main" {
				return true
			}
		}
	}
	return false
}

// isMigration reports whether a file holds migrations written in Go: like those in SQL they change
// the rows of all tenants.
func isMigration(file *ast.File) bool {
	if !imports(file, "github.com/pressly/goose") && !imports(file, "github.com/pressly/goose/v3") {
		return false
	}
	registers := false
	ast.Inspect(file, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok && strings.HasPrefix(sel.Sel.Name, "Add") && strings.Contains(sel.Sel.Name, "Migration") {
			registers = true
		}
		return !registers
	})
	return registers
}

func imports(file *ast.File, want string) bool {
	return slices.ContainsFunc(file.Imports, func(spec *ast.ImportSpec) bool {
		got, err := strconv.Unquote(spec.Path.Value)
		return err == nil && path.Clean(got) == want
	})
}
