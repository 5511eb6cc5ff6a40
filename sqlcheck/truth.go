package sqlcheck

import (
	"slices"

	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// comparedWithTruth returns the condition in condition = true and its kin, and whether it must be true for
// the comparison to be.
func comparedWithTruth(n *pgast.A_Expr) (condition *pgast.Node, equal, ok bool) {
	if n.GetKind() != pgast.A_Expr_Kind_AEXPR_OP {
		return nil, false, false
	}
	op := operator(n)
	for _, sides := range [2][2]*pgast.Node{{n.GetLexpr(), n.GetRexpr()}, {n.GetRexpr(), n.GetLexpr()}} {
		if value, is := boolean(sides[1]); is && (op == "=" || op == "<>" || op == "!=") {
			return sides[0], value == (op == "="), true
		}
		if value, is := writtenTruth(sides[0], sides[1]); is && (op == "=" || op == "<>" || op == "!=") {
			return sides[0].GetTypeCast().GetArg(), value == (op == "="), true
		}
	}
	return nil, false, false
}

// writtenTruth is the truth that a condition must have for its cast to int or text to equal a literal.
func writtenTruth(cast, value *pgast.Node) (truth, ok bool) {
	if !isCondition(cast.GetTypeCast().GetArg()) || value.GetAConst() == nil {
		return false, false
	}
	text := constantText(value.GetAConst()).text
	return text == "1" || text == "'true'", slices.Contains([]string{"0", "1", "'true'", "'false'"}, text)
}

// isCondition reports whether an expression can only be boolean.
func isCondition(n *pgast.Node) bool {
	if n.GetBoolExpr() != nil || n.GetNullTest() != nil || n.GetBooleanTest() != nil {
		return true
	}
	e := n.GetAExpr()
	return e != nil && (e.GetKind() != pgast.A_Expr_Kind_AEXPR_OP && e.GetKind() != pgast.A_Expr_Kind_AEXPR_NULLIF || strict[operator(e)])
}

// sameAsTruth returns the condition in condition IS NOT DISTINCT FROM true, and the truth it has where the whole has
// the given one; of what is distinct from a truth nothing is known, it may be NULL.
func sameAsTruth(n *pgast.A_Expr, truth bool) (condition *pgast.Node, value, ok bool) {
	same := n.GetKind() == pgast.A_Expr_Kind_AEXPR_NOT_DISTINCT
	if !same && n.GetKind() != pgast.A_Expr_Kind_AEXPR_DISTINCT || same != truth {
		return nil, false, false
	}
	if value, ok := boolean(n.GetRexpr()); ok {
		return n.GetLexpr(), value, true
	}
	value, ok = boolean(n.GetLexpr())
	return n.GetRexpr(), value, ok
}

// neverUnknown reports whether a condition is always true or false: where it is not true it is false.
func neverUnknown(n *pgast.Node) bool {
	switch n := n.GetNode().(type) {
	case *pgast.Node_NullTest, *pgast.Node_BooleanTest:
		return true
	case *pgast.Node_AExpr:
		return n.AExpr.GetKind() == pgast.A_Expr_Kind_AEXPR_DISTINCT || n.AExpr.GetKind() == pgast.A_Expr_Kind_AEXPR_NOT_DISTINCT
	case *pgast.Node_BoolExpr:
		return !slices.ContainsFunc(n.BoolExpr.GetArgs(), func(arg *pgast.Node) bool { return !neverUnknown(arg) })
	case *pgast.Node_SubLink:
		return n.SubLink.GetSubLinkType() == pgast.SubLinkType_EXISTS_SUBLINK
	case *pgast.Node_CoalesceExpr:
		return slices.ContainsFunc(n.CoalesceExpr.GetArgs(), neverUnknown)
	}
	_, literal := boolean(n)
	return literal
}

// otherwise adds that the earlier branches of a CASE were not taken.
func (e *engine) otherwise(ctx *context, n *pgast.CaseExpr, before int, s *scope) {
	for _, arg := range n.GetArgs()[:before] {
		if when := arg.GetCaseWhen().GetExpr(); n.GetArg() == nil && neverUnknown(when) {
			e.condition(ctx, operand{when, s}, false)
		}
	}
}
