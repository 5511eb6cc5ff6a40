package drift

import (
	"strings"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// mode says how much of the writing of an expression matters.
type mode int

const (
	// asPrinted takes each expression as a server prints it, of whichever version.
	asPrinted mode = iota
	// asWritten makes what people write and what a server prints of it the same.
	asWritten
)

// expressions brings texts to one form. Those of a thousand tenants are few: each is parsed once.
type expressions struct {
	mode mode
	form map[string]string
}

func newExpressions(m mode) *expressions { return &expressions{mode: m, form: map[string]string{}} }

// text writes an expression.
func (n *names) text(e *pgschema.Expr) string {
	switch {
	case e == nil:
		return "none"
	case e.Stmt != nil:
		return n.condition(e) // the text knows nothing of a later RENAME
	}
	return n.expressions.of(n.ownless(e.Text), func(text string) (*pgast.Node, error) { return pgast.ParseExpr(text) }, pgast.DeparseExpr)
}

// query writes a statement that a text holds.
func (n *names) query(e *pgschema.Expr) string {
	switch {
	case e == nil:
		return "none"
	case e.Stmt != nil:
		return n.statement(e)
	}
	return n.expressions.of(n.ownless(e.Text), parseStatement, pgast.Deparse)
}

// statement writes a statement of which only the tree stands for itself.
func (n *names) statement(e *pgschema.Expr) string {
	text := e.Text
	if e.Node != nil {
		if written, err := pgast.Deparse(e.Node); err == nil {
			text = written
		}
	}
	return n.expressions.of(n.ownless(text), parseStatement, pgast.Deparse)
}

// condition writes an expression of which only the tree stands for itself.
func (n *names) condition(e *pgschema.Expr) string {
	if e == nil {
		return "none"
	}
	text := e.Text
	if e.Node != nil {
		if written, err := pgast.DeparseExpr(e.Node); err == nil {
			text = written
		}
	}
	return n.text(&pgschema.Expr{Text: text})
}

func parseStatement(text string) (*pgast.Node, error) {
	statements, broken := pgast.Parse(pgast.NewSource("", text))
	switch {
	case len(broken) > 0:
		return nil, broken[0]
	case len(statements) != 1:
		return nil, nil
	}
	return statements[0].Node, nil
}

// of brings a text to its form. One that does not parse, in syntax newer than the parser, is compared by
// its words.
func (e *expressions) of(text string, parse func(string) (*pgast.Node, error), deparse func(*pgast.Node) (string, error)) string {
	if form, ok := e.form[text]; ok {
		return form
	}
	form := strings.Join(strings.Fields(text), " ")
	if node, err := parse(text); err == nil && node != nil {
		if e.mode == asWritten {
			node = loosen(node)
		} else {
			unqualify(node)
		}
		if written, err := deparse(node); err == nil {
			form = strings.ReplaceAll(written, `"`+tenant+`"`, tenant)
		}
	}
	e.form[text] = form
	return form
}

// unqualify takes the table off the columns of a query on one table: servers before version 16 print it
// in views, later ones do not.
func unqualify(node *pgast.Node) {
	query := node.GetSelectStmt()
	if query == nil || len(query.FromClause) != 1 {
		return
	}
	table := query.FromClause[0].GetRangeVar()
	if table == nil {
		return
	}
	name := table.Relname
	if table.Alias != nil {
		name = table.Alias.Aliasname
	}
	simple := true
	pgast.Walk(node, func(n any) bool {
		if _, nested := n.(*pgast.SubLink); nested {
			simple = false
		}
		return simple
	})
	if !simple {
		return
	}
	pgast.Rewrite(node, func(n *pgast.Node) bool {
		if fields := n.GetColumnRef().GetFields(); len(fields) == 2 && fields[0].GetString_().GetSval() == name {
			n.GetColumnRef().Fields = fields[1:]
		}
		return true
	})
}
