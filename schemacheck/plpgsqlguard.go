package schemacheck

import (
	"slices"

	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// agreed notes an IF that leaves the function unless an argument is the session's tenant: behind it, the one stands for
// the other. The IF must leave for NULL too, as while no tenant is set.
func (r *routine) agreed(fields map[string]any) {
	if fields["else_body"] != nil || fields["elsif_list"] != nil || !leaves(fields["then_body"]) {
		return
	}
	cond := r.expr(asMap(fields["cond"]))
	if cond == nil {
		return
	}
	alternatives := []*pgast.Node{cond}
	if or := cond.GetBoolExpr(); or != nil && or.Boolop == pgast.BoolExprType_OR_EXPR {
		alternatives = or.Args
	}
	for _, alternative := range alternatives {
		argument, value, fails := r.differs(alternative)
		if argument == "" {
			continue
		}
		missing := slices.ContainsFunc(alternatives, func(n *pgast.Node) bool {
			test := n.GetNullTest()
			return test != nil && test.Nulltesttype == pgast.NullTestType_IS_NULL && r.session(test.Arg)
		})
		if fails || missing {
			r.constants[argument] = value
		}
	}
}

// differs returns the argument that a condition says is not what the session is, that value, and whether the condition
// is also true where one of both is NULL.
func (r *routine) differs(n *pgast.Node) (argument string, value *pgast.Node, forNull bool) {
	e := n.GetAExpr()
	if test := n.GetBooleanTest(); test != nil && test.Booltesttype == pgast.BoolTestType_IS_NOT_TRUE {
		if e = test.Arg.GetAExpr(); e == nil || e.Kind != pgast.A_Expr_Kind_AEXPR_OP || operatorName(e) != "=" {
			return "", nil, false
		}
		forNull = true
	} else if forNull = e.GetKind() == pgast.A_Expr_Kind_AEXPR_DISTINCT; e == nil || !forNull && operatorName(e) != "<>" {
		return "", nil, false
	}
	for _, sides := range [2][2]*pgast.Node{{e.Lexpr, e.Rexpr}, {e.Rexpr, e.Lexpr}} {
		fields := withoutCast(sides[0]).GetColumnRef().GetFields()
		if len(fields) != 1 {
			continue
		}
		name := fields[0].GetString_().GetSval()
		i := slices.Index(r.names[:r.arguments], name)
		if name != "" && i >= 0 && !r.changed(i) && r.session(sides[1]) && !fallsBack(sides[1]) {
			return name, sides[1], forNull
		}
	}
	return "", nil, false
}

// operatorName is the name of a plain operator, "" for any other expression.
func operatorName(e *pgast.A_Expr) string {
	if e.Kind != pgast.A_Expr_Kind_AEXPR_OP || len(e.Name) != 1 {
		return ""
	}
	return e.Name[0].GetString_().GetSval()
}

// leaves reports whether a body ends the function.
func leaves(body any) bool {
	list, _ := body.([]any)
	if len(list) == 0 {
		return false
	}
	last := asMap(list[len(list)-1])
	level, _ := asMap(last["PLpgSQL_stmt_raise"])["elog_level"].(float64)
	return last["PLpgSQL_stmt_return"] != nil || level >= exceptionLevel
}
