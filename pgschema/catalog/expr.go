package catalog

import (
	"fmt"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// expr parses an expression that the server printed; nil for none. Object names what it belongs to.
func (r *reader) expr(text *string, object string) *pgschema.Expr {
	if text == nil || *text == "" {
		return nil
	}
	node, err := pgast.ParseExpr(*text)
	if err != nil {
		r.unparsed(object, err)
	}
	return &pgschema.Expr{Text: *text, Node: node}
}

// statement parses a statement that the server printed; the node is nil when that fails.
func (r *reader) statement(text, object string) *pgschema.Expr {
	statements, broken := pgast.Parse(pgast.NewSource("", text))
	if len(broken) > 0 || len(statements) != 1 {
		var err error = fmt.Errorf("%d statements where one was expected", len(statements))
		if len(broken) > 0 {
			err = fmt.Errorf("%s", broken[0].Message)
		}
		r.unparsed(object, err)
		return &pgschema.Expr{Text: text}
	}
	return &pgschema.Expr{Text: text, Node: statements[0].Node}
}

func (r *reader) unparsed(object string, err error) {
	r.schema.Undecided = append(r.schema.Undecided, finding.Undecided{
		Object: object, Code: "sql-unparsed",
		Reason: fmt.Sprintf("the definition that the server prints does not parse (%v)", err),
	})
}
