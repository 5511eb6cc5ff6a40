package sqlcheck

import (
	"slices"

	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// comparison is an operator used as a condition.
func (e *engine) comparison(ctx *context, n *pgast.A_Expr, o operand, truth bool) {
	l, r := operand{n.GetLexpr(), o.scope}, operand{n.GetRexpr(), o.scope}
	e.visit(ctx, l)
	e.visit(ctx, r)
	op := operator(n)
	switch n.GetKind() {
	case pgast.A_Expr_Kind_AEXPR_OP:
		switch {
		case op == "=" && truth, (op == "<>" || op == "!=") && !truth:
			ctx.facts.add(e.equal(ctx, l, r))
		case strict[op]:
			ctx.facts.add(e.ordered(l, r))
		case truth && e.containment(ctx, op, l, r):
		default:
			e.otherOperator(ctx, op, l, r)
		}
	case pgast.A_Expr_Kind_AEXPR_IN:
		if (op == "=") == truth {
			ctx.facts.add(e.in(ctx, l, r.node.GetList().GetItems(), o.scope))
		}
	case pgast.A_Expr_Kind_AEXPR_OP_ANY:
		switch {
		case op == "=" && truth:
			ctx.facts.add(e.anyOf(ctx, l, r))
		case (op == "<>" || op == "!=") && !truth:
			ctx.facts.add(e.allOf(ctx, l, r))
		}
	case pgast.A_Expr_Kind_AEXPR_OP_ALL:
		switch {
		case (op == "<>" || op == "!=") && !truth:
			ctx.facts.add(e.anyOf(ctx, l, r))
		case op == "=" && truth:
			ctx.facts.add(e.allOf(ctx, l, r))
		}
	case pgast.A_Expr_Kind_AEXPR_NOT_DISTINCT, pgast.A_Expr_Kind_AEXPR_DISTINCT:
		if (n.GetKind() == pgast.A_Expr_Kind_AEXPR_NOT_DISTINCT) == truth {
			ctx.facts.add(e.notDistinct(l, r))
		}
	case pgast.A_Expr_Kind_AEXPR_BETWEEN, pgast.A_Expr_Kind_AEXPR_BETWEEN_SYM:
		if truth {
			e.between(ctx, l, n.GetRexpr().GetList().GetItems(), o.scope)
		}
	case pgast.A_Expr_Kind_AEXPR_NOT_BETWEEN, pgast.A_Expr_Kind_AEXPR_NOT_BETWEEN_SYM:
		if !truth {
			e.between(ctx, l, n.GetRexpr().GetList().GetItems(), o.scope)
		}
	case pgast.A_Expr_Kind_AEXPR_LIKE, pgast.A_Expr_Kind_AEXPR_ILIKE:
		ctx.facts.add(e.isPresent(l))
	}
}

// ordered says what a comparison other than equality says: neither side is NULL.
func (e *engine) ordered(l, r operand) facts {
	f := e.isPresent(l)
	f.add(e.isPresent(r))
	return f
}

// otherOperator is an operator whose meaning depends on its types, or that somebody defined.
func (e *engine) otherOperator(ctx *context, op string, l, r operand) {
	for _, side := range [2]operand{l, r} {
		e.columnsOf(side, func(t term) {
			ctx.facts.unclear = append(ctx.facts.unclear, unclear{t, "what the operator " + op + " says about it is not known"})
		})
	}
}

// equal returns what l = r being true says.
func (e *engine) equal(ctx *context, l, r operand) facts {
	if pairs, ok := e.pairs(l, r); ok {
		var f facts
		for _, p := range pairs {
			f.add(e.equal(ctx, p[0], p[1]))
		}
		return f
	}
	if f, ok := e.equalRow(l, r); ok {
		return f
	}
	for _, sides := range [2][2]operand{{l, r}, {r, l}} {
		if choices := e.choices(ctx, sides[0]); choices != nil {
			var alternatives []alternative
			for _, c := range choices {
				f := c.when
				f.add(e.equal(ctx, c.value, sides[1]))
				alternatives = append(alternatives, alternative{f, sides[0]})
			}
			f := e.either(ctx, alternatives)
			if other := e.term(sides[1]); !e.info(other).list {
				f.equal = append(f.equal, equation{a: e.opaque(sides[0]), b: other})
			}
			return f
		}
	}
	a, b := e.comparedTerm(l), e.comparedTerm(r)
	ia, ib := e.info(a), e.info(b)
	if ia.null || ib.null || ia.constant && ib.constant && ia.text != ib.text {
		return facts{never: true}
	}
	f := e.exportsOf(l)
	f.add(e.exportsOf(r))
	f.add(e.unclearEqual(l, a))
	f.add(e.unclearEqual(r, b))
	if e.isOutside(a) && e.isOutside(b) && (e.holds(l) || e.holds(r)) {
		e.blind = true // the name of the compared column is not known
	}
	switch {
	case ia.list && ib.inst != nil:
		f.among = append(f.among, membership{term: b, of: []term{a}})
	case ib.list && ia.inst != nil:
		f.among = append(f.among, membership{term: a, of: []term{b}})
	case !ia.list && !ib.list:
		f.equal = append(f.equal, equation{a: a, b: b})
	}
	return f
}

// holds reports whether an operand is a hole.
func (e *engine) holds(o operand) bool {
	return o.node.GetParamRef() != nil && isHole(int(o.node.GetParamRef().GetNumber()))
}

// unclearEqual notes the columns in an expression that is compared as a whole: the comparison may or
// may not pin them.
func (e *engine) unclearEqual(o operand, t term) facts {
	var f facts
	if e.isOutside(t) || e.info(t).inst != nil {
		return f
	}
	if _, isQuery := o.node.GetNode().(*pgast.Node_SubLink); isQuery {
		return f
	}
	e.columnsOf(o, func(column term) {
		f.unclear = append(f.unclear, unclear{column, "it is compared as part of an expression that may map several values to one"})
	})
	return f
}

// pairs splits a comparison of two rows.
func (e *engine) pairs(l, r operand) ([][2]operand, bool) {
	a, b := l.node.GetRowExpr().GetArgs(), r.node.GetRowExpr().GetArgs()
	if len(a) == 0 || len(a) != len(b) {
		return nil, false
	}
	var pairs [][2]operand
	for i := range a {
		pairs = append(pairs, [2]operand{{a[i], l.scope}, {b[i], r.scope}})
	}
	return pairs, true
}

// equalRow compares a row with a subquery of several columns.
func (e *engine) equalRow(l, r operand) (facts, bool) {
	if l.node.GetRowExpr() == nil {
		l, r = r, l
	}
	out := e.scalar(r.node.GetSubLink(), r.scope)
	if l.node.GetRowExpr() == nil || out == nil {
		return facts{}, false
	}
	f := out.export
	f.add(e.matches(l, out))
	return f, true
}

// exportsOf returns what is known of the row of a scalar subquery: one that equals something exists.
func (e *engine) exportsOf(o operand) facts {
	var f facts
	if out := e.outputOf(o); out != nil {
		f.add(out.export)
	}
	return f
}

// outputOf returns the output of the scalar subquery or function that an expression is, or nil.
func (e *engine) outputOf(o operand) *output {
	for o.node.GetTypeCast() != nil {
		o.node = o.node.GetTypeCast().GetArg()
	}
	switch n := o.node.GetNode().(type) {
	case *pgast.Node_ColumnRef:
		if name, ok := columnName(n.ColumnRef); ok {
			if r := e.resolve(name, o.scope); r.term == noTerm && r.node != nil && e.spend() {
				return e.outputOf(r.operand)
			}
		}
	case *pgast.Node_SubLink:
		return e.scalar(n.SubLink, o.scope)
	case *pgast.Node_FuncCall:
		return e.built[expressionKey{n.FuncCall, o.scope}]
	}
	return nil
}

// scalar returns the output of a subquery whose row is a value; nil for EXISTS and the like, whose value
// says whether there is a row.
func (e *engine) scalar(n *pgast.SubLink, s *scope) *output {
	if n.GetSubLinkType() != pgast.SubLinkType_EXPR_SUBLINK {
		return nil
	}
	return e.built[expressionKey{n, s}]
}

// choice is one of the values an expression may have.
type choice struct {
	when  facts
	value operand
}

// choices takes CASE, COALESCE, GREATEST and LEAST apart, also where a query's column is one; nil for anything else.
func (e *engine) choices(ctx *context, o operand) []choice {
	if _, ok := e.external(o); ok || !e.spend() {
		return nil
	}
	switch n := o.node.GetNode().(type) {
	case *pgast.Node_TypeCast:
		return e.castChoices(ctx, n.TypeCast, o.scope)
	case *pgast.Node_ColumnRef:
		if name, ok := columnName(n.ColumnRef); ok {
			if r := e.resolve(name, o.scope); r.term == noTerm && r.node != nil {
				return e.choices(ctx, r.operand)
			}
		}
	case *pgast.Node_CoalesceExpr:
		var choices []choice
		var before facts
		for _, arg := range n.CoalesceExpr.GetArgs() {
			value := operand{arg, o.scope}
			c := choice{value: value}
			c.when.add(before)
			choices = append(choices, c)
			before.add(e.isNull(value))
		}
		return choices
	case *pgast.Node_MinMaxExpr:
		var choices []choice
		for _, arg := range n.MinMaxExpr.GetArgs() {
			choices = append(choices, choice{value: operand{arg, o.scope}})
		}
		return choices
	case *pgast.Node_CaseExpr:
		var choices []choice
		for k, arg := range n.CaseExpr.GetArgs() {
			own := ctx.child()
			e.otherwise(own, n.CaseExpr, k, o.scope)
			e.whenCondition(own, n.CaseExpr, arg.GetCaseWhen(), o.scope)
			choices = append(choices, choice{own.facts, operand{arg.GetCaseWhen().GetResult(), o.scope}})
		}
		otherwise := n.CaseExpr.GetDefresult()
		if otherwise == nil {
			otherwise = &pgast.Node{Node: &pgast.Node_AConst{AConst: &pgast.A_Const{Isnull: true}}}
		}
		own := ctx.child()
		e.otherwise(own, n.CaseExpr, len(n.CaseExpr.GetArgs()), o.scope)
		return append(choices, choice{own.facts, operand{otherwise, o.scope}})
	}
	return nil
}

// castChoices passes a cast on to the choices of its argument.
func (e *engine) castChoices(ctx *context, n *pgast.TypeCast, s *scope) []choice {
	choices := e.choices(ctx, operand{n.GetArg(), s})
	for i := range choices {
		choices[i].value.node = &pgast.Node{Node: &pgast.Node_TypeCast{TypeCast: &pgast.TypeCast{
			Arg: choices[i].value.node, TypeName: n.GetTypeName(), Location: n.GetLocation(),
		}}}
	}
	return choices
}

// in is x IN (a, b, …).
func (e *engine) in(ctx *context, l operand, items []*pgast.Node, s *scope) facts {
	if len(items) == 1 {
		v, ok := e.external(operand{items[0], s})
		if ok && v.list {
			return e.confined(ctx, l, []term{e.outside(v)})
		}
		return e.equal(ctx, l, operand{items[0], s})
	}
	values := make([]term, 0, len(items))
	for _, item := range items {
		v, ok := e.external(operand{item, s})
		if !ok {
			values = nil
			break
		}
		if t := e.outside(v); !v.null && !slices.Contains(values, t) {
			values = append(values, t)
		}
	}
	if values != nil && l.node.GetRowExpr() == nil {
		return e.confined(ctx, l, values)
	}
	var alternatives []alternative
	for _, item := range items {
		if !e.spend() {
			return facts{}
		}
		alternatives = append(alternatives, alternative{e.equal(ctx, l, operand{item, s}), l})
	}
	return e.either(ctx, alternatives)
}

// confined says that an expression has one of some outside values.
func (e *engine) confined(ctx *context, l operand, values []term) facts {
	if choices := e.choices(ctx, l); choices != nil {
		var alternatives []alternative
		for _, c := range choices {
			f := c.when
			f.add(e.confined(ctx, c.value, values))
			alternatives = append(alternatives, alternative{f, l})
		}
		return e.either(ctx, alternatives)
	}
	t := e.comparedTerm(l)
	f := e.exportsOf(l)
	f.add(e.unclearEqual(l, t))
	if len(values) == 0 || e.info(t).null {
		f.never = true
	}
	if e.info(t).inst != nil {
		f.among = append(f.among, membership{term: t, of: values})
	}
	return f
}

// anyOf is x = ANY (array).
func (e *engine) anyOf(ctx *context, l, r operand) facts {
	for r.node.GetTypeCast() != nil {
		r.node = r.node.GetTypeCast().GetArg()
	}
	if array := r.node.GetAArrayExpr(); array != nil {
		if len(array.GetElements()) == 0 {
			return facts{never: true}
		}
		return e.in(ctx, l, array.GetElements(), r.scope)
	}
	if v, ok := e.external(r); ok {
		v.list, v.constant = true, false
		values := []term{e.outside(v)}
		if v.session || e.settings != settingSet { // what is not set is no longer seen to be the session's
			values = append(values, e.added(r)...)
		}
		return e.confined(ctx, l, values)
	}
	if sub := r.node.GetSubLink(); sub != nil {
		if out := e.built[expressionKey{sub, r.scope}]; out != nil && sub.GetSubLinkType() == pgast.SubLinkType_ARRAY_SUBLINK {
			var f facts
			f.add(out.export)
			f.add(e.matches(l, out))
			return f
		}
	}
	return e.unclearEqual(l, noTerm)
}

// allOf is x = ALL (array) of an array that is written out and not empty: x equals each element.
func (e *engine) allOf(ctx *context, l, r operand) facts {
	var f facts
	for _, item := range arrayItems(r.node) {
		f.add(e.equal(ctx, l, operand{item, r.scope}))
	}
	return f
}

// notDistinct is x IS NOT DISTINCT FROM y, which is also true when both are NULL.
func (e *engine) notDistinct(l, r operand) facts {
	a, b := e.term(l), e.term(r)
	if e.isOutside(a) {
		a, b, r = b, a, l
	}
	switch ia, ib := e.info(a), e.info(b); {
	case ia.inst == nil || e.isOutside(a):
		return facts{}
	case ib.null:
		return facts{among: []membership{{term: a, null: true}}}
	case ib.constant, e.underRLS && e.settings == settingSet && e.isSet(r):
		return facts{equal: []equation{{a: a, b: b}}}
	case e.isOutside(b) && !ib.list:
		return facts{among: []membership{{term: a, of: []term{b}, null: true}}}
	}
	return facts{equal: []equation{{a: a, b: b, loose: true}}}
}
