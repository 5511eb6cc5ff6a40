package poolmode

import (
	"go/ast"
	"go/constant"
	"go/token"
	"regexp"
)

const (
	// parameter is what pgx calls the mode in a connection string.
	parameter    = "default_query_exec_mode"
	describeExec = "describe_exec"
)

var (
	unsafeText = regexp.MustCompile(parameter + `\s*=\s*'?` + describeExec)
	// poolerName matches the names of poolers, and the ports that they and hosted ones listen on by default.
	poolerName = regexp.MustCompile(`(?i)pg_?bouncer|pgcat|supavisor|-pooler\b|\bpooler\.|:6432\b|:6543\b|\bport\s*=\s*'?(6432|6543)\b`)
)

// text takes a constant string; it reports whether the expression is one.
func (c *checker) text(e ast.Expr) bool {
	s := c.stringOf(e)
	if at := unsafeText.FindStringIndex(s); at != nil {
		c.unsafe = append(c.unsafe, &unsafeMode{at: e.Pos(), subject: "every query of the connection", fix: parameter + "=exec",
			pooled: poolerName.MatchString(s)})
	}
	return s != ""
}

// stringOf returns the value of a constant string, and "" for everything else.
func (c *checker) stringOf(e ast.Expr) string {
	if v := c.pass.TypesInfo.Types[e].Value; v != nil && v.Kind() == constant.String {
		return constant.StringVal(v)
	}
	return ""
}

// mention is a place that names a pooler.
type mention struct {
	at   token.Pos
	text string
}

// findPooler looks for the name of a pooler among the names and texts of the package.
func (c *checker) findPooler() {
	for _, file := range c.pass.Files {
		ast.Inspect(file, func(n ast.Node) bool {
			if c.pooler != nil {
				return false
			}
			switch n := n.(type) {
			case *ast.ImportSpec:
				return false
			case *ast.Ident:
				c.mentioned(n.Pos(), n.Name)
			case *ast.BasicLit:
				if n.Kind == token.STRING {
					c.mentioned(n.Pos(), n.Value)
				}
			}
			return true
		})
	}
}

func (c *checker) mentioned(at token.Pos, text string) {
	if found := poolerName.FindString(text); found != "" {
		c.pooler = &mention{at, found}
	}
}
