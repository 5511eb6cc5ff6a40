package livecheck

import (
	"regexp"
	"strings"

	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// term is a column of a plan, as its conditions name it.
type term struct{ alias, column string }

// fact is one conjunct of a condition, as far as it says what a column is.
type fact struct {
	column term
	// other is the column it equals; empty where it equals a constant.
	other term
	// list says that it equals one of several constants.
	list bool
	// opaque says that the conjunct is about the column in a way that is not followed.
	opaque bool
	// subplan is the subplan that must have a row for the conjunct to hold: of EXISTS, or of IN, where
	// column is the one that equals the subplan's.
	subplan string
	// cast says that the column stands under a cast, which keeps plain indexes out.
	cast bool
}

// Plans write subplans in ways that are no SQL; functions and parameters stand in for them.
var (
	initPlan   = regexp.MustCompile(`\(InitPlan \d+\)(\.col\d+)?`)
	subPlan    = regexp.MustCompile(`\((?:hashed )?(SubPlan \d+)\)(?:\.col\d+)?`)
	exists     = regexp.MustCompile(`EXISTS\((SubPlan \d+)\)`)
	quantified = regexp.MustCompile(`\((ANY|ALL) \(`)
)

const (
	subPlanCall = "tenantvet_subplan"
	anyCall     = "tenantvet_any"
	allCall     = "tenantvet_all"
)

// conjuncts reads a condition of a plan. ok is false for a condition that does not parse.
func conjuncts(condition string) (facts []fact, ok bool) {
	expr, err := parseCondition(condition)
	if err != nil {
		return nil, false
	}
	if expr == nil {
		return nil, true
	}
	return conjunction(expr), true
}

// parseCondition returns the tree of a condition, with stand-ins for what is no SQL; nil for none.
func parseCondition(condition string) (*pgast.Node, error) {
	if condition == "" {
		return nil, nil
	}
	text := initPlan.ReplaceAllString(condition, "$$65000")
	text = exists.ReplaceAllString(text, subPlanCall+"('$1')")
	text = subPlan.ReplaceAllString(text, subPlanCall+"('$1')")
	text = quantified.ReplaceAllStringFunc(text, func(m string) string {
		if strings.HasPrefix(m, "(ANY") {
			return "(" + anyCall + " ("
		}
		return "(" + allCall + " ("
	})
	return pgast.ParseExpr(text)
}

func conjunction(expr *pgast.Node) []fact {
	if b := expr.GetBoolExpr(); b != nil {
		switch b.GetBoolop() {
		case pgast.BoolExprType_AND_EXPR:
			var facts []fact
			for _, arg := range b.GetArgs() {
				facts = append(facts, conjunction(arg)...)
			}
			return facts
		case pgast.BoolExprType_OR_EXPR:
			return disjunction(b.GetArgs())
		}
		return nil
	}
	if e := expr.GetAExpr(); e != nil {
		return comparison(e)
	}
	if call := expr.GetFuncCall(); call != nil {
		return called(call)
	}
	if c := expr.GetCaseExpr(); c != nil && c.GetArg() == nil {
		if ways := waysThrough(c); len(ways) > 0 {
			return disjunction(ways)
		}
	}
	return opaque(expr)
}

// waysThrough returns conditions of which one holds for each row that a CASE lets through: those that lead
// to a result, with the result. That those before it do not hold is left out.
func waysThrough(c *pgast.CaseExpr) []*pgast.Node {
	var ways []*pgast.Node
	for _, arm := range c.GetArgs() {
		when := arm.GetCaseWhen()
		switch result := when.GetResult(); {
		case isConstant(result, true):
			ways = append(ways, when.GetExpr())
		case !isConstant(result, false):
			both := &pgast.BoolExpr{Boolop: pgast.BoolExprType_AND_EXPR, Args: []*pgast.Node{when.GetExpr(), result}}
			ways = append(ways, &pgast.Node{Node: &pgast.Node_BoolExpr{BoolExpr: both}})
		}
	}
	if otherwise := c.GetDefresult(); otherwise != nil && !isConstant(otherwise, false) {
		ways = append(ways, otherwise)
	}
	return ways
}

// isConstant reports whether an expression is that truth value; NULL counts as false, as it lets no row through.
func isConstant(expr *pgast.Node, value bool) bool {
	for expr.GetTypeCast() != nil {
		expr = expr.GetTypeCast().GetArg()
	}
	c := expr.GetAConst()
	if c == nil {
		return false
	}
	return c.GetBoolval() != nil && c.GetBoolval().GetBoolval() == value || c.GetIsnull() && !value
}

// disjunction keeps what every branch says. A branch without a column, such as one on a setting,
// makes it a matter of values that the plan does not show.
func disjunction(branches []*pgast.Node) []fact {
	kept := conjunction(branches[0])
	var open []fact
	external := false
	for _, branch := range branches {
		if columns, parameter := mentions(branch); len(columns) == 0 && !parameter {
			external = true
			continue
		}
		open = append(open, conjunction(branch)...)
	}
	if external {
		for i := range open {
			open[i] = fact{column: open[i].column, opaque: true}
		}
		return open
	}
	for _, branch := range branches[1:] {
		said := conjunction(branch)
		var both []fact
		for _, k := range kept {
			for _, s := range said {
				if k.column == s.column && k.other == s.other && k.subplan == "" && s.subplan == "" {
					k.list = k.list || k.other == (term{})
					k.opaque = k.opaque || s.opaque
					both = append(both, k)
					break
				}
			}
		}
		kept = both
	}
	return kept
}

func comparison(e *pgast.A_Expr) []fact {
	name := ""
	if len(e.GetName()) > 0 {
		name = e.GetName()[len(e.GetName())-1].GetString_().GetSval()
	}
	if name != "=" {
		return nil
	}
	list := false
	switch e.GetKind() {
	case pgast.A_Expr_Kind_AEXPR_OP:
	case pgast.A_Expr_Kind_AEXPR_OP_ANY, pgast.A_Expr_Kind_AEXPR_IN:
		list = true
	default:
		return nil
	}
	left, leftCast, leftOK := column(e.GetLexpr())
	right, rightCast, rightOK := column(e.GetRexpr())
	leftColumns, _ := mentions(e.GetLexpr())
	rightColumns, _ := mentions(e.GetRexpr())
	switch {
	case leftOK && rightOK && !list:
		return []fact{{column: left, other: right}, {column: right, other: left}}
	case leftOK && len(rightColumns) == 0:
		if name := subplanOf(e.GetRexpr()); name != "" && !list {
			return nil // a scalar subplan, once per row
		}
		return []fact{{column: left, list: list, cast: leftCast}}
	case rightOK && len(leftColumns) == 0 && !list:
		return []fact{{column: right, cast: rightCast}}
	case len(leftColumns) == 1 && len(rightColumns) == 0:
		return []fact{{column: leftColumns[0], opaque: true, cast: true}}
	case len(rightColumns) == 1 && len(leftColumns) == 0:
		return []fact{{column: rightColumns[0], opaque: true, cast: true}}
	}
	return nil
}

// called reads a conjunct that is a function call: a stand-in for a subplan, or a predicate of the
// team's own.
func called(call *pgast.FuncCall) []fact {
	name := ""
	if names := call.GetFuncname(); len(names) > 0 {
		name = names[len(names)-1].GetString_().GetSval()
	}
	node := &pgast.Node{Node: &pgast.Node_FuncCall{FuncCall: call}}
	switch name {
	case subPlanCall:
		return []fact{{subplan: subplanOf(node)}}
	case anyCall:
		if len(call.GetArgs()) != 1 {
			return nil
		}
		e := call.GetArgs()[0].GetAExpr()
		if e == nil || len(e.GetName()) != 1 || e.GetName()[0].GetString_().GetSval() != "=" {
			return nil
		}
		if of, _, ok := column(e.GetLexpr()); ok {
			return []fact{{column: of, subplan: subplanOf(e.GetRexpr())}}
		}
		return nil
	case allCall:
		return nil
	}
	return opaque(node)
}

// opaque says of each column that a predicate mentions that it is not followed.
func opaque(expr *pgast.Node) []fact {
	if expr.GetFuncCall() == nil && expr.GetCaseExpr() == nil && expr.GetCoalesceExpr() == nil {
		return nil
	}
	columns, _ := mentions(expr)
	var facts []fact
	for _, c := range columns {
		facts = append(facts, fact{column: c, opaque: true, cast: true})
	}
	return facts
}

// column returns the column that an expression is, perhaps under casts. A cast to a length cuts off
// what tells values apart.
func column(expr *pgast.Node) (t term, cast, ok bool) {
	for expr.GetTypeCast() != nil && len(expr.GetTypeCast().GetTypeName().GetTypmods()) == 0 {
		expr, cast = expr.GetTypeCast().GetArg(), true
	}
	fields := expr.GetColumnRef().GetFields()
	if len(fields) < 2 || fields[len(fields)-1].GetString_() == nil {
		return term{}, false, false
	}
	return term{fields[len(fields)-2].GetString_().GetSval(), fields[len(fields)-1].GetString_().GetSval()}, cast, true
}

// mentions returns the columns of an expression, each once, and whether it has a parameter or a subplan.
func mentions(expr *pgast.Node) (columns []term, parameter bool) {
	seen := map[term]bool{}
	pgast.Walk(expr, func(n any) bool {
		switch n := n.(type) {
		case *pgast.ColumnRef:
			if t, _, ok := column(&pgast.Node{Node: &pgast.Node_ColumnRef{ColumnRef: n}}); ok && !seen[t] {
				seen[t] = true
				columns = append(columns, t)
			}
		case *pgast.ParamRef:
			parameter = true
		case *pgast.FuncCall:
			if names := n.GetFuncname(); len(names) == 1 && names[0].GetString_().GetSval() == subPlanCall {
				parameter = true
			}
		}
		return true
	})
	return columns, parameter
}

func subplanOf(expr *pgast.Node) string {
	call := expr.GetFuncCall()
	if call == nil || len(call.GetArgs()) != 1 {
		return ""
	}
	return call.GetArgs()[0].GetAConst().GetSval().GetSval()
}
