package sqlcheck

import (
	"slices"

	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// condition adds to a context what is known of the rows for which an expression is TRUE, or FALSE where
// truth is false; NULL is neither. Subqueries in it are built on the way: the rows of one that must
// exist are joined to the context, all others stand apart.
func (e *engine) condition(ctx *context, o operand, truth bool) {
	if o.node == nil {
		return
	}
	if value, ok := boolean(o.node); ok {
		ctx.facts.never = ctx.facts.never || value != truth
		return
	}
	if v, ok := e.fold(o); ok {
		ctx.facts.never = ctx.facts.never || v.null || (v.text == "true") != truth
		return
	}
	if value, ok := e.foldSet(o); ok {
		ctx.facts.never = ctx.facts.never || value != truth
		return
	}
	if inner, equal, ok := comparedWithTruth(o.node.GetAExpr()); ok {
		e.condition(ctx, operand{inner, o.scope}, truth == equal)
		return
	}
	if inner, value, ok := sameAsTruth(o.node.GetAExpr(), truth); ok {
		e.condition(ctx, operand{inner, o.scope}, value)
		return
	}
	switch n := o.node.GetNode().(type) {
	case *pgast.Node_BoolExpr:
		e.logic(ctx, n.BoolExpr, o.scope, truth)
	case *pgast.Node_AExpr:
		e.comparison(ctx, n.AExpr, o, truth)
	case *pgast.Node_SubLink:
		e.subLinkCondition(ctx, n.SubLink, o, truth)
	case *pgast.Node_NullTest:
		e.nullTest(ctx, n.NullTest, o.scope, truth)
	case *pgast.Node_BooleanTest:
		e.booleanTest(ctx, n.BooleanTest, o.scope, truth)
	case *pgast.Node_CaseExpr:
		e.caseCondition(ctx, n.CaseExpr, o, truth)
	case *pgast.Node_CoalesceExpr:
		e.coalesce(ctx, n.CoalesceExpr.GetArgs(), o.scope, truth)
	case *pgast.Node_TypeCast:
		if typeName(n.TypeCast.GetTypeName()) == "bool" {
			e.condition(ctx, operand{n.TypeCast.GetArg(), o.scope}, truth)
			return
		}
		e.visit(ctx, o)
	case *pgast.Node_AConst:
		ctx.facts.never = ctx.facts.never || n.AConst.GetIsnull()
	case *pgast.Node_ParamRef:
		e.blind = e.blind || isHole(int(n.ParamRef.GetNumber()))
	case *pgast.Node_ColumnRef:
		e.booleanColumn(ctx, n.ColumnRef, o.scope, truth)
	case *pgast.Node_FuncCall:
		e.visit(ctx, o)
		e.callCondition(ctx, n.FuncCall, o, truth)
	default:
		e.visit(ctx, o)
	}
}

// logic is AND, OR and NOT. A conjunction that is true, and a disjunction that is false, has all its
// arguments so; otherwise some argument is, and each is an alternative.
func (e *engine) logic(ctx *context, n *pgast.BoolExpr, s *scope, truth bool) {
	switch {
	case n.GetBoolop() == pgast.BoolExprType_NOT_EXPR:
		e.condition(ctx, operand{n.GetArgs()[0], s}, !truth)
	case (n.GetBoolop() == pgast.BoolExprType_AND_EXPR) == truth:
		// What the plain conjuncts say is known to the alternatives of the others.
		for _, later := range [2]bool{false, true} {
			for _, arg := range n.GetArgs() {
				if isDisjunction(arg) == later {
					e.condition(ctx, operand{arg, s}, truth)
				}
			}
		}
		if truth {
			e.squeezed(ctx, n.GetArgs(), s)
		}
	default:
		e.disjunction(ctx, n.GetArgs(), s, truth)
	}
}

func (e *engine) disjunction(ctx *context, args []*pgast.Node, s *scope, truth bool) {
	var alternatives []alternative
	for _, arg := range args {
		alternatives = append(alternatives, e.branch(ctx, operand{arg, s}, truth))
	}
	ctx.facts.add(e.either(ctx, alternatives))
}

// coalesce is COALESCE as a condition: an argument decides, or is NULL and leaves it to those that
// follow. Where one of these may make the condition true, it matters too whether an argument is NULL or
// false, so its subqueries are met under no condition.
func (e *engine) coalesce(ctx *context, args []*pgast.Node, s *scope, truth bool) {
	for k, arg := range args {
		mayPass := func(later *pgast.Node) bool {
			value, ok := boolean(later)
			return !ok || value == truth
		}
		if slices.ContainsFunc(args[k+1:], mayPass) {
			e.visit(ctx, operand{arg, s})
		}
	}
	e.disjunction(ctx, args, s, truth)
}

// branch evaluates one alternative in a context of its own.
func (e *engine) branch(ctx *context, o operand, truth bool) alternative {
	own := ctx.child()
	e.condition(own, o, truth)
	return alternative{own.facts, o}
}

// nullTest is IS NULL and IS NOT NULL.
func (e *engine) nullTest(ctx *context, n *pgast.NullTest, s *scope, truth bool) {
	o := operand{n.GetArg(), s}
	e.visit(ctx, o)
	switch isNull := (n.GetNulltesttype() == pgast.NullTestType_IS_NULL) == truth; {
	case n.GetArgisrow() || n.GetArg().GetRowExpr() != nil:
	case isNull && e.underRLS && n.GetArg().GetAExpr().GetKind() == pgast.A_Expr_Kind_AEXPR_NULLIF:
		e.disjunction(ctx, nullWhere(n.GetArg().GetAExpr()), s, true)
	case isNull:
		ctx.facts.add(e.isNull(o))
	default:
		ctx.facts.add(e.isPresent(o))
	}
}

// nullWhere are the conditions under either of which NULLIF(x, y) is NULL.
func nullWhere(n *pgast.A_Expr) []*pgast.Node {
	return []*pgast.Node{
		{Node: &pgast.Node_NullTest{NullTest: &pgast.NullTest{Arg: n.GetLexpr(), Nulltesttype: pgast.NullTestType_IS_NULL}}},
		{Node: &pgast.Node_AExpr{AExpr: &pgast.A_Expr{
			Kind: pgast.A_Expr_Kind_AEXPR_OP, Name: n.GetName(), Lexpr: n.GetLexpr(), Rexpr: n.GetRexpr(), Location: n.GetLocation(),
		}}},
	}
}

func (e *engine) isNull(o operand) facts {
	t := e.term(o)
	if e.info(t).inst == nil {
		return facts{}
	}
	return facts{among: []membership{{term: t, null: true}}}
}

// isPresent says that a value is not NULL.
func (e *engine) isPresent(o operand) facts {
	if i := e.info(e.term(o)).inst; i != nil {
		return facts{present: []*instance{i}}
	}
	return facts{}
}

// booleanTest is IS [NOT] TRUE, FALSE and UNKNOWN.
func (e *engine) booleanTest(ctx *context, n *pgast.BooleanTest, s *scope, truth bool) {
	o := operand{n.GetArg(), s}
	switch test := n.GetBooltesttype(); {
	case test == pgast.BoolTestType_IS_TRUE && truth, test == pgast.BoolTestType_IS_NOT_TRUE && !truth:
		e.condition(ctx, o, true)
	case test == pgast.BoolTestType_IS_FALSE && truth, test == pgast.BoolTestType_IS_NOT_FALSE && !truth:
		e.condition(ctx, o, false)
	default:
		e.visit(ctx, o)
	}
}

// booleanColumn is a column used as a condition: a stored one, or one that a query computes.
func (e *engine) booleanColumn(ctx *context, ref *pgast.ColumnRef, s *scope, truth bool) {
	name, ok := columnName(ref)
	if !ok {
		return
	}
	r := e.resolve(name, s)
	if r.term == noTerm && r.node != nil && e.spend() {
		e.condition(ctx, r.operand, truth)
	} else if i := e.info(r.term).inst; i != nil {
		ctx.facts.present = append(ctx.facts.present, i)
	}
}

// caseCondition is CASE as a condition. A branch is taken where its WHEN is true.
func (e *engine) caseCondition(ctx *context, n *pgast.CaseExpr, o operand, truth bool) {
	e.visit(ctx, operand{n.GetArg(), o.scope})
	var alternatives []alternative
	for k, arg := range n.GetArgs() {
		own := ctx.child()
		e.otherwise(own, n, k, o.scope)
		e.whenCondition(own, n, arg.GetCaseWhen(), o.scope)
		e.condition(own, operand{arg.GetCaseWhen().GetResult(), o.scope}, truth)
		alternatives = append(alternatives, alternative{own.facts, operand{arg.GetCaseWhen().GetExpr(), o.scope}})
	}
	// A missing ELSE gives NULL.
	if n.GetDefresult() != nil {
		own := ctx.child()
		e.otherwise(own, n, len(n.GetArgs()), o.scope)
		result := operand{n.GetDefresult(), o.scope}
		e.condition(own, result, truth)
		alternatives = append(alternatives, alternative{own.facts, result})
	}
	ctx.facts.add(e.either(ctx, alternatives))
}

func (e *engine) whenCondition(ctx *context, n *pgast.CaseExpr, when *pgast.CaseWhen, s *scope) {
	if n.GetArg() == nil {
		e.condition(ctx, operand{when.GetExpr(), s}, true)
		return
	}
	e.visit(ctx, operand{when.GetExpr(), s})
	ctx.facts.add(e.equal(ctx, operand{n.GetArg(), s}, operand{when.GetExpr(), s}))
}

// callCondition is a function used as a condition. An SQL function is its body; of another function
// that gets a tenant column nothing can be said.
func (e *engine) callCondition(ctx *context, call *pgast.FuncCall, o operand, truth bool) {
	f := e.function(call)
	if f != nil && f.Language == "sql" && e.spend() {
		body, s := e.functionBody(f, call, o.scope)
		if sel := body.GetSelectStmt(); isExpression(sel) {
			e.condition(ctx, operand{sel.GetTargetList()[0].GetResTarget().GetVal(), s}, truth)
			return
		}
	}
	_, name := functionName(call)
	if f == nil && name == "starts_with" && len(call.GetArgs()) == 2 {
		ctx.facts.add(e.ordered(operand{call.GetArgs()[0], o.scope}, operand{call.GetArgs()[1], o.scope}))
		return
	}
	for _, arg := range call.GetArgs() {
		e.columnsOf(operand{arg, o.scope}, func(t term) {
			ctx.facts.unclear = append(ctx.facts.unclear, unclear{t, "the condition calls " + name + ", whose meaning is not known"})
		})
	}
}

// isExpression reports whether a query is SELECT expression and nothing else.
func isExpression(sel *pgast.SelectStmt) bool {
	return sel != nil && len(sel.GetTargetList()) == 1 && len(sel.GetFromClause()) == 0 && sel.GetWhereClause() == nil &&
		sel.GetWithClause() == nil && sel.GetLimitCount() == nil && sel.GetLimitOffset() == nil &&
		sel.GetHavingClause() == nil && sel.GetOp() == pgast.SetOperation_SETOP_NONE && len(sel.GetValuesLists()) == 0
}

// columnsOf visits the columns in an expression, without its subqueries.
func (e *engine) columnsOf(o operand, visit func(term)) {
	var walk func(message any) bool
	walk = func(message any) bool {
		switch m := message.(type) {
		case *pgast.SubLink:
			return false
		case *pgast.ColumnRef:
			name, ok := columnName(m)
			if !ok {
				return false
			}
			r := e.resolve(name, o.scope)
			if r.term != noTerm && e.info(r.term).inst != nil {
				visit(r.term)
			} else if r.row != nil {
				if t := e.tenantTerm(r.row); t != noTerm {
					visit(t)
				}
			}
		}
		return true
	}
	pgast.Walk(o.node, walk)
}

// strict are operators that are NULL when an operand is, so that they are never true for the NULL row
// of an outer join.
var strict = map[string]bool{
	"=": true, "<>": true, "!=": true, "<": true, ">": true, "<=": true, ">=": true,
	"~~": true, "!~~": true, "~~*": true, "!~~*": true, "~": true, "!~": true, "~*": true, "!~*": true, "^@": true,
}

func isDisjunction(n *pgast.Node) bool {
	b := n.GetBoolExpr()
	return b != nil && b.GetBoolop() != pgast.BoolExprType_AND_EXPR || n.GetCaseExpr() != nil || n.GetCoalesceExpr() != nil
}
