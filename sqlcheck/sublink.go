package sqlcheck

import "github.com/tenantvet/tenantvet/pgschema/pgast"

// subLinkCondition is a subquery used as a condition: EXISTS, IN, = ANY, or one with a boolean value.
func (e *engine) subLinkCondition(ctx *context, n *pgast.SubLink, o operand, truth bool) {
	sel := n.GetSubselect().GetSelectStmt()
	test := operand{n.GetTestexpr(), o.scope}
	equality := len(n.GetOperName()) == 0 || operatorName(n.GetOperName()) == "="
	switch {
	case n.GetSubLinkType() == pgast.SubLinkType_EXPR_SUBLINK && isExpression(sel):
		e.condition(ctx, operand{sel.GetTargetList()[0].GetResTarget().GetVal(), o.scope.inner()}, truth)
		return
	case n.GetSubLinkType() == pgast.SubLinkType_EXISTS_SUBLINK && !truth && isQuestion(sel) && neverUnknown(sel.GetWhereClause()):
		e.condition(ctx, operand{sel.GetWhereClause(), o.scope.inner()}, false)
		return
	case sel == nil || !truth:
	case n.GetSubLinkType() == pgast.SubLinkType_EXISTS_SUBLINK:
		e.built[expressionKey{n, o.scope}] = e.joined(sel, o.scope, ctx, true)
		return
	case n.GetSubLinkType() == pgast.SubLinkType_ANY_SUBLINK && equality:
		e.visit(ctx, test)
		out := e.joined(sel, o.scope, ctx, false)
		e.built[expressionKey{n, o.scope}] = out
		ctx.facts.add(e.matches(test, out))
		return
	case n.GetSubLinkType() == pgast.SubLinkType_EXPR_SUBLINK:
		out := e.joined(sel, o.scope, ctx, false)
		e.built[expressionKey{n, o.scope}] = out
		if len(out.columns) == 1 {
			e.condition(ctx, out.columns[0].operand, true)
		}
		return
	}
	e.visit(ctx, o)
	// NOT (x <> ALL (SELECT y …)) is x = ANY of it, but nobody writes it: nothing is known.
}

// isQuestion reports whether a query is SELECT … WHERE condition and nothing else.
func isQuestion(sel *pgast.SelectStmt) bool {
	return sel != nil && sel.GetWhereClause() != nil && len(sel.GetFromClause()) == 0 && sel.GetWithClause() == nil &&
		sel.GetLimitCount() == nil && sel.GetLimitOffset() == nil && sel.GetHavingClause() == nil && len(sel.GetGroupClause()) == 0 &&
		sel.GetOp() == pgast.SetOperation_SETOP_NONE && len(sel.GetValuesLists()) == 0
}

// matches says that an expression, or a row of them, equals the row of a subquery.
func (e *engine) matches(l operand, out *output) facts {
	var f facts
	args := []*pgast.Node{l.node}
	if row := l.node.GetRowExpr(); row != nil {
		args = row.GetArgs()
	}
	if len(args) != len(out.columns) {
		return f
	}
	for i, arg := range args {
		left := operand{arg, l.scope}
		if column := out.columns[i]; column.term != noTerm {
			t := e.comparedTerm(left)
			f.add(e.exportsOf(left))
			f.add(e.unclearEqual(left, t))
			f.equal = append(f.equal, equation{a: t, b: column.term})
		} else if column.node != nil {
			f.add(e.equal(&context{}, left, column.operand))
		}
	}
	return f
}

// visit builds the subqueries in an expression that are no part of a conjunction: what they return is
// a value, and each row around them may use it. It also meets the functions that are called.
func (e *engine) visit(ctx *context, o operand) {
	if o.node == nil {
		return
	}
	switch n := o.node.GetNode().(type) {
	case *pgast.Node_ColumnRef, *pgast.Node_AConst:
	case *pgast.Node_ParamRef:
	case *pgast.Node_TypeCast:
		e.visit(ctx, operand{n.TypeCast.GetArg(), o.scope})
	case *pgast.Node_AExpr:
		e.visit(ctx, operand{n.AExpr.GetLexpr(), o.scope})
		e.visit(ctx, operand{n.AExpr.GetRexpr(), o.scope})
	default:
		e.visitMessage(ctx, pgast.Unwrap(o.node), o.scope)
	}
}

func (e *engine) visitMessage(ctx *context, message any, s *scope) {
	switch m := message.(type) {
	case nil:
		return
	case *pgast.SubLink:
		e.visit(ctx, operand{m.GetTestexpr(), s})
		key := expressionKey{m, s}
		if e.built[key] == nil && m.GetSubselect().GetSelectStmt() != nil {
			e.built[key] = e.apart(m.GetSubselect().GetSelectStmt(), s, ctx)
		}
		return
	case *pgast.FuncCall:
		e.call(ctx, m, s)
	}
	pgast.Children(message, func(child any) { e.visitMessage(ctx, child, s) })
}

// call follows a function that is called: an SQL function that reads tables is a subquery, of any
// other one that may read tables nothing is known.
func (e *engine) call(ctx *context, n *pgast.FuncCall, s *scope) {
	f := e.function(n)
	key := expressionKey{n, s}
	if _, name := functionName(n); f == nil && readsByText[name] {
		e.undecide(operand{nil, s}, n.GetLocation(), name, "function-text",
			"the function "+name+" reads what its argument says, which is not followed")
	}
	if f == nil || e.built[key] != nil {
		return
	}
	if f.Language == "sql" {
		body, inner := e.functionBody(f, n, s)
		if sel := body.GetSelectStmt(); sel != nil && e.spend() {
			if !isExpression(sel) {
				e.expand(n, s, func() { e.built[key] = e.apart(sel, inner, ctx) })
			}
			return
		}
	}
	if e.readsTables(f) {
		e.undecide(operand{nil, s}, n.GetLocation(), f.Name.String(), "function-body",
			"the function "+f.Name.String()+" may read tables, and its body is not followed")
	}
}
