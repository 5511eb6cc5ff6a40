package sqlcheck

import (
	"slices"
	"strconv"
	"strings"

	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// external decides whether an expression reads no table at all, so that its value is the same for
// every row: a parameter, a setting, a literal, or something made of these.
func (e *engine) external(o operand) (termInfo, bool) {
	if f, ok := e.fold(o); ok && (f.null || f.text == "" || !isLiteral(o.node)) {
		return termInfo{source: Constant, null: f.null, text: "'" + f.text + "'"}, true
	}
	switch n := o.node.GetNode().(type) {
	case *pgast.Node_ParamRef:
		return e.parameter(int(n.ParamRef.GetNumber()), o)
	case *pgast.Node_AConst:
		return constantText(n.AConst), true
	case *pgast.Node_TypeCast:
		v, ok := e.external(operand{n.TypeCast.GetArg(), o.scope})
		// A list stays one value until it is taken apart; what another cast makes of a number is unknown.
		v.constant = v.constant && slices.Contains(integers, typeName(n.TypeCast.GetTypeName()))
		return v, ok
	case *pgast.Node_ColumnRef:
		return e.externalColumn(n.ColumnRef, o.scope)
	case *pgast.Node_SqlvalueFunction:
		name := strings.TrimPrefix(n.SqlvalueFunction.GetOp().String(), "SVFOP_")
		return termInfo{source: Value, session: strings.Contains(name, "USER") || name == "CURRENT_ROLE", text: strings.ToLower(name)}, true
	case *pgast.Node_FuncCall:
		return e.externalCall(n.FuncCall, o)
	case *pgast.Node_SubLink:
		return e.externalSubLink(n.SubLink, o.scope)
	case *pgast.Node_AExpr:
		return e.externalOperator(n.AExpr, o.scope)
	case *pgast.Node_CoalesceExpr:
		if first := (operand{n.CoalesceExpr.GetArgs()[0], o.scope}); e.underRLS && e.settings == settingSet && e.isSet(first) {
			return e.external(first)
		}
		return e.composed("COALESCE", n.CoalesceExpr.GetArgs(), o.scope)
	case *pgast.Node_MinMaxExpr:
		if e.picks(n.MinMaxExpr.GetArgs(), o.scope) {
			return termInfo{}, false
		}
		return e.composed(n.MinMaxExpr.GetOp().String(), n.MinMaxExpr.GetArgs(), o.scope)
	case *pgast.Node_AArrayExpr:
		return e.composed("ARRAY", n.AArrayExpr.GetElements(), o.scope)
	case *pgast.Node_List:
		return e.composed("", n.List.GetItems(), o.scope)
	case *pgast.Node_BoolExpr:
		return e.composed(n.BoolExpr.GetBoolop().String(), n.BoolExpr.GetArgs(), o.scope)
	case *pgast.Node_NullTest:
		return e.composed(n.NullTest.GetNulltesttype().String(), []*pgast.Node{n.NullTest.GetArg()}, o.scope)
	case *pgast.Node_CollateClause:
		return e.external(operand{n.CollateClause.GetArg(), o.scope})
	case *pgast.Node_AIndirection:
		return e.externalPart(n.AIndirection, o.scope)
	case *pgast.Node_CaseExpr:
		if e.picks(results(n.CaseExpr), o.scope) {
			return termInfo{}, false
		}
		args := []*pgast.Node{n.CaseExpr.GetArg(), n.CaseExpr.GetDefresult()}
		for _, w := range n.CaseExpr.GetArgs() {
			args = append(args, w.GetCaseWhen().GetExpr(), w.GetCaseWhen().GetResult())
		}
		return e.composed("CASE", args, o.scope)
	}
	return termInfo{}, false
}

// parameter is $n: in the body of a function its argument, else a bind parameter or a hole.
func (e *engine) parameter(n int, o operand) (termInfo, bool) {
	if a := o.scope.args(); a != nil {
		if n < 1 || n > len(a.values) || !e.spend() {
			return termInfo{}, false
		}
		return e.external(a.values[n-1])
	}
	if isHole(n) {
		return termInfo{source: Value, text: "…" + strconv.Itoa(n)}, true
	}
	return termInfo{source: Parameter, text: "$" + strconv.Itoa(n), told: true}, true
}

func (e *engine) externalColumn(ref *pgast.ColumnRef, s *scope) (termInfo, bool) {
	name, ok := columnName(ref)
	if !ok {
		return termInfo{}, false
	}
	r := e.resolve(name, s)
	switch {
	case r.term != noTerm && e.isOutside(r.term):
		return *e.info(r.term), true
	case r.term == noTerm && r.node != nil && e.spend():
		return e.external(r.operand)
	}
	return termInfo{}, false
}

// externalSubLink is a scalar subquery without FROM, as in (SELECT current_setting('app.tenant')).
func (e *engine) externalSubLink(n *pgast.SubLink, s *scope) (termInfo, bool) {
	sel := n.GetSubselect().GetSelectStmt()
	if n.GetSubLinkType() != pgast.SubLinkType_EXPR_SUBLINK || !isExpression(sel) {
		return termInfo{}, false
	}
	v, ok := e.external(operand{sel.GetTargetList()[0].GetResTarget().GetVal(), s.inner()})
	return v, ok && !v.list
}

func (e *engine) externalOperator(n *pgast.A_Expr, s *scope) (termInfo, bool) {
	switch n.GetKind() {
	case pgast.A_Expr_Kind_AEXPR_NULLIF:
		// NULLIF only turns a value into NULL, which equals nothing.
		v, ok := e.external(operand{n.GetLexpr(), s})
		if _, other := e.external(operand{n.GetRexpr(), s}); !other {
			return termInfo{}, false
		}
		v.constant = false
		return v, ok
	case pgast.A_Expr_Kind_AEXPR_OP_ANY, pgast.A_Expr_Kind_AEXPR_OP_ALL:
		return e.composed("any "+operator(n), []*pgast.Node{n.GetLexpr(), n.GetRexpr()}, s)
	}
	v, ok := e.composed(operator(n), []*pgast.Node{n.GetLexpr(), n.GetRexpr()}, s)
	if v.source == Setting && IsArithmetic(operator(n)) {
		v.source, v.session = Value, false // the setting plus one names another tenant
	}
	return v, ok
}

var arithmetic = []string{"+", "-", "*", "/", "%", "^", "&", "|", "#", "<<", ">>"}

// IsArithmetic reports whether an operator makes another number of one.
func IsArithmetic(operator string) bool { return slices.Contains(arithmetic, operator) }

// externalPart is an element of an array or a field of a value that is external.
func (e *engine) externalPart(n *pgast.A_Indirection, s *scope) (termInfo, bool) {
	args := []*pgast.Node{n.GetArg()}
	for _, part := range n.GetIndirection() {
		if i := part.GetAIndices(); i != nil {
			args = append(args, i.GetLidx(), i.GetUidx())
		} else if part.GetString_() == nil {
			return termInfo{}, false
		}
	}
	return e.composed("part", args, s)
}

// composed is a value made of others; it is external when all of them are.
func (e *engine) composed(what string, args []*pgast.Node, s *scope) (termInfo, bool) {
	v := termInfo{source: Value}
	texts := make([]string, 0, len(args))
	for _, arg := range args {
		if arg == nil {
			texts = append(texts, "")
			continue
		}
		part, ok := e.external(operand{arg, s})
		if !ok {
			return termInfo{}, false
		}
		v.list, v.session, v.told = v.list || part.list, v.session || part.session, v.told || part.told
		if part.source == Setting {
			v.source = Setting
		}
		texts = append(texts, part.text)
	}
	v.text = what + "(" + strings.Join(texts, ", ") + ")"
	return v, true
}

// operator returns the name of an expression's operator.
func operator(n *pgast.A_Expr) string { return operatorName(n.GetName()) }

// operatorName is the name of an operator, with its schema where that is named and not PostgreSQL's own.
func operatorName(names []*pgast.Node) string {
	if len(names) == 0 {
		return ""
	}
	name := names[len(names)-1].GetString_().GetSval()
	if len(names) > 1 {
		if schema := names[len(names)-2].GetString_().GetSval(); schema != "pg_catalog" {
			return schema + "." + name
		}
	}
	return name
}
