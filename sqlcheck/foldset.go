package sqlcheck

import (
	"strings"

	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// foldSet decides a condition of a policy that asks whether a custom setting is set, for a session that
// has set it.
func (e *engine) foldSet(o operand) (value, ok bool) {
	if !e.underRLS || e.settings != settingSet {
		return false, false
	}
	switch n := o.node.GetNode().(type) {
	case *pgast.Node_NullTest:
		if e.isSet(operand{n.NullTest.GetArg(), o.scope}) {
			return n.NullTest.GetNulltesttype() == pgast.NullTestType_IS_NOT_NULL, true
		}
	case *pgast.Node_AExpr:
		op := operator(n.AExpr)
		if n.AExpr.GetKind() != pgast.A_Expr_Kind_AEXPR_OP || op != "=" && op != "<>" && op != "!=" {
			return false, false
		}
		l, r := operand{n.AExpr.GetLexpr(), o.scope}, operand{n.AExpr.GetRexpr(), o.scope}
		if e.isSet(l) && isEmptyText(r.node) || e.isSet(r) && isEmptyText(l.node) {
			return op != "=", true
		}
	}
	return false, false
}

// literal returns the literal that an expression is but for casts, or nil.
func literal(node *pgast.Node) *pgast.A_Const {
	for node.GetTypeCast() != nil {
		node = node.GetTypeCast().GetArg()
	}
	return node.GetAConst()
}

func isLiteral(node *pgast.Node) bool { return literal(node) != nil }

func isEmptyText(node *pgast.Node) bool {
	c := literal(node)
	return c != nil && c.GetSval() != nil && c.GetSval().GetSval() == ""
}

// isNobody reports whether a constant is one of those that stand for no tenant: the nil UUID, zero, a
// negative number.
func isNobody(text string) bool {
	text = strings.Trim(text, "'")
	return strings.Trim(text, "0-") == "" || strings.HasPrefix(text, "-")
}

// isSet reports whether an expression is the value of a custom setting, which is neither NULL nor empty in a
// session that has set it.
func (e *engine) isSet(o operand) bool {
	switch n := o.node.GetNode().(type) {
	case *pgast.Node_TypeCast:
		return e.isSet(operand{n.TypeCast.GetArg(), o.scope})
	case *pgast.Node_CoalesceExpr:
		args := n.CoalesceExpr.GetArgs()
		return len(args) > 0 && e.isSet(operand{args[0], o.scope})
	case *pgast.Node_AExpr:
		return n.AExpr.GetKind() == pgast.A_Expr_Kind_AEXPR_NULLIF && isEmptyText(n.AExpr.GetRexpr()) &&
			e.isSet(operand{n.AExpr.GetLexpr(), o.scope})
	case *pgast.Node_SubLink:
		sel := n.SubLink.GetSubselect().GetSelectStmt()
		return n.SubLink.GetSubLinkType() == pgast.SubLinkType_EXPR_SUBLINK && isExpression(sel) &&
			e.isSet(operand{sel.GetTargetList()[0].GetResTarget().GetVal(), o.scope.inner()})
	case *pgast.Node_FuncCall:
		return e.isSetCall(n.FuncCall, o)
	}
	return false
}

func (e *engine) isSetCall(call *pgast.FuncCall, o operand) bool {
	_, name := functionName(call)
	args := call.GetArgs()
	is, known := e.isCurrentSetting(call)
	switch {
	case !known:
		return false
	case is:
		setting := literal(args[0]).GetSval().GetSval()
		return strings.Contains(setting, ".")
	case len(args) > 0 && trimming[name]:
		return e.isSet(operand{args[0], o.scope})
	}
	f := e.function(call)
	if f == nil || f.Language != "sql" || !e.spend() {
		return false
	}
	body, s := e.functionBody(f, call, o.scope)
	sel := body.GetSelectStmt()
	return isExpression(sel) && e.isSet(operand{sel.GetTargetList()[0].GetResTarget().GetVal(), s})
}
