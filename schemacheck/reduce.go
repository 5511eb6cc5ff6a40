package schemacheck

import (
	"slices"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
	"github.com/tenantvet/tenantvet/sqlcheck"
)

// database returns the schema as the pin engine sees it: PL/pgSQL functions that only return something
// are SQL functions in it, which the engine sees through.
func (p *pass) database() *sqlcheck.Database {
	if p.reduced == nil {
		schema := *p.schema
		schema.Functions = p.engineFunctions()
		p.reduced = &sqlcheck.Database{Schema: &schema, Classes: p.classes, Model: p.model}
	}
	return p.reduced
}

// reduce returns a SELECT that gives what a PL/pgSQL function returns, or nil. What the function raises
// is left out: an error admits no row.
func (p *pass) reduce(f *pgschema.Function) *pgast.Node {
	if f.Language != "plpgsql" || f.Returns == "trigger" {
		return nil
	}
	r := p.routine(f)
	if r.opaque != "" || r.changesArgument() || slices.ContainsFunc(slices.Concat(r.returns, r.queries), r.usesVariable) {
		return nil
	}
	if len(r.returns) == 0 && len(r.queries) == 1 {
		return r.queries[0]
	}
	if len(r.queries) > 0 || len(r.returns) == 0 {
		return nil
	}
	if len(r.returns) == 1 {
		if sub := withoutCast(r.returns[0]).GetSubLink(); sub != nil && sub.SubLinkType == pgast.SubLinkType_EXPR_SUBLINK {
			return sub.Subselect
		}
		return selectExpr(r.returns[0])
	}
	switch {
	case f.Returns != "boolean":
	case r.outcome != nil && !r.usesVariable(r.outcome):
		return selectExpr(r.outcome)
	default:
		return selectExpr(someOf(r.returns))
	}
	if node := p.sessionOr(r.returns); node != nil || r.outcome == nil || r.usesVariable(r.outcome) {
		return node
	}
	return selectExpr(r.outcome)
}

// changesArgument reports whether a body sets an argument, which then stands for something else.
func (r *routine) changesArgument() bool {
	for i := range r.arguments {
		if r.changed != nil && r.changed(i) {
			return true
		}
	}
	return false
}

// someOf is one of some results, nobody knows which.
func someOf(results []*pgast.Node) *pgast.Node {
	c := &pgast.CaseExpr{}
	for _, result := range results {
		anything := &pgast.Node{Node: &pgast.Node_FuncCall{FuncCall: &pgast.FuncCall{Funcname: []*pgast.Node{text(" anything")}}}}
		c.Args = append(c.Args, &pgast.Node{Node: &pgast.Node_CaseWhen{CaseWhen: &pgast.CaseWhen{Expr: anything, Result: result}}})
	}
	return &pgast.Node{Node: &pgast.Node_CaseExpr{CaseExpr: c}}
}

// usesVariable reports whether an expression uses a variable of which nothing is known.
func (r *routine) usesVariable(node *pgast.Node) bool {
	found := false
	pgast.Walk(node, func(n any) bool {
		ref, ok := n.(*pgast.ParamRef)
		found = found || ok && int(ref.Number) > r.arguments
		return !found
	})
	return found
}

// sessionOr returns a SELECT for a function that returns what the session is or, failing that, NULL or
// a constant; nil when it may return anything else.
func (p *pass) sessionOr(returns []*pgast.Node) *pgast.Node {
	var session, constant *pgast.Node
	for _, node := range returns {
		switch c := constantOf(node); {
		case c != nil && c.GetIsnull():
		case c != nil:
			constant = node
		case p.isSessionValue(node):
			session = node
		default:
			return nil
		}
	}
	if session == nil || constant == nil {
		if session == nil {
			session = constant
		}
		if session == nil {
			return nil
		}
		return selectExpr(session)
	}
	// The constant stands in while the setting is NULL or ''.
	set := &pgast.Node{Node: &pgast.Node_AExpr{AExpr: &pgast.A_Expr{
		Kind: pgast.A_Expr_Kind_AEXPR_NULLIF, Name: []*pgast.Node{text("=")}, Lexpr: withoutCast(session), Rexpr: emptyText(),
	}}}
	return selectExpr(&pgast.Node{Node: &pgast.Node_CoalesceExpr{CoalesceExpr: &pgast.CoalesceExpr{
		Args: []*pgast.Node{set, withoutCast(constant)},
	}}})
}
