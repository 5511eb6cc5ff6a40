package catalog

import (
	"errors"
	"fmt"
	"runtime"
	"sync"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// pending is a text that is parsed when the server has answered everything: it does not wait for the
// parser, and the same text, as in the schemas of many tenants, is parsed once. Trees are shared.
type pending struct {
	expr  *pgschema.Expr
	about subject
	query bool
}

// subject is what an expression belongs to.
type subject struct {
	kind, name string
	on         *pgschema.Relation // nil for what is a part of no relation, or known without
}

func (s subject) String() string {
	switch {
	case s.kind != "":
		return fmt.Sprintf("%s %q on %s", s.kind, s.name, s.on.Name)
	case s.on != nil:
		return s.on.Name.String() + "." + s.name
	}
	return s.name
}

// expr takes an expression that the server printed; nil for none.
func (r *reader) expr(text *string, about subject) *pgschema.Expr {
	if text == nil || *text == "" {
		return nil
	}
	e := &pgschema.Expr{Text: *text}
	r.pending = append(r.pending, pending{expr: e, about: about})
	return e
}

// query takes a statement that the server printed.
func (r *reader) query(text string, about subject) *pgschema.Expr {
	e := &pgschema.Expr{Text: text}
	r.pending = append(r.pending, pending{expr: e, about: about, query: true})
	return e
}

// parse parses what is pending, on all processors.
func (r *reader) parse() {
	type text struct {
		text  string
		query bool
	}
	type tree struct {
		node *pgast.Node
		err  error
	}
	trees := map[text]*tree{}
	var texts []text
	for _, p := range r.pending {
		key := text{p.expr.Text, p.query}
		if trees[key] == nil {
			trees[key] = &tree{}
			texts = append(texts, key)
		}
	}
	var group sync.WaitGroup
	workers := runtime.GOMAXPROCS(0)
	for w := range workers {
		group.Go(func() {
			for i := w; i < len(texts); i += workers {
				t := trees[texts[i]]
				if texts[i].query {
					t.node, t.err = parseStatement(texts[i].text)
				} else {
					t.node, t.err = pgast.ParseExpr(texts[i].text)
				}
			}
		})
	}
	group.Wait()
	for _, p := range r.pending {
		t := trees[text{p.expr.Text, p.query}]
		p.expr.Node = t.node
		if t.err != nil {
			r.unparsed(p.about, t.err)
		}
	}
}

// statement parses a statement that the server printed; the node is nil when that fails.
func (r *reader) statement(text string, about subject) *pgschema.Expr {
	node, err := parseStatement(text)
	if err != nil {
		r.unparsed(about, err)
	}
	return &pgschema.Expr{Text: text, Node: node}
}

func parseStatement(text string) (*pgast.Node, error) {
	statements, broken := pgast.Parse(pgast.NewSource("", text))
	switch {
	case len(broken) > 0:
		return nil, errors.New(broken[0].Message)
	case len(statements) != 1:
		return nil, fmt.Errorf("%d statements where one was expected", len(statements))
	}
	return statements[0].Node, nil
}

func (r *reader) unparsed(about subject, err error) {
	r.schema.Undecided = append(r.schema.Undecided, finding.Undecided{
		Object: about.String(), Code: "sql-unparsed",
		Reason: fmt.Sprintf("the definition that the server prints does not parse (%v)", err),
	})
}
