package drift

import (
	"slices"
	"strconv"
	"strings"

	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// loosen rewrites an expression so that what people write and what a server prints of it (ruleutils.c
// of PostgreSQL) become the same: a server qualifies names, adds casts, writes IN as = ANY, LIKE as ~~,
// and BETWEEN as two comparisons.
func loosen(node *pgast.Node) *pgast.Node {
	pgast.Rewrite(node, func(n *pgast.Node) bool {
		for n.GetTypeCast() != nil {
			n.Node = withoutCast(n.GetTypeCast()).Node
		}
		switch {
		case n.GetAConst() != nil:
			asText(n)
		case n.GetColumnRef() != nil:
			n.GetColumnRef().Fields = last(n.GetColumnRef().Fields)
		case n.GetRangeVar() != nil:
			n.GetRangeVar().Schemaname = ""
		case n.GetFuncCall() != nil:
			n.GetFuncCall().Funcname = last(n.GetFuncCall().Funcname)
			n.GetFuncCall().Funcformat = pgast.CoercionForm_COERCE_EXPLICIT_CALL
		case n.GetResTarget() != nil:
			n.GetResTarget().Name = ""
		case n.GetAExpr() != nil:
			loosenOperator(n)
		}
		return true
	})
	// Afterwards, as BETWEEN has become an AND.
	pgast.Rewrite(node, func(n *pgast.Node) bool {
		if e := n.GetBoolExpr(); e != nil {
			flatten(e)
		}
		return true
	})
	return node
}

func last(fields []*pgast.Node) []*pgast.Node {
	if len(fields) == 0 {
		return fields
	}
	return fields[len(fields)-1:]
}

// Any stands for a constant of a type that a server prints in another way than it is written, such as an
// interval.
const Any = "«any»"

// reprinted are those types.
var reprinted = []string{"interval", "timestamp", "timestamptz", "date", "time", "timetz", "numeric", "float4", "float8", "money", "bytea"}

// withoutCast returns what a cast is about.
func withoutCast(c *pgast.TypeCast) *pgast.Node {
	names := c.GetTypeName().GetNames()
	if c.Arg.GetAConst() == nil || len(names) == 0 {
		return c.Arg
	}
	name := names[len(names)-1].GetString_().GetSval()
	switch {
	case name == "regclass":
		text := c.Arg.GetAConst().GetSval().GetSval()
		return stringConst(text[strings.LastIndexByte(text, '.')+1:])
	case slices.Contains(reprinted, name):
		return stringConst(Any)
	}
	return c.Arg
}

func stringConst(text string) *pgast.Node {
	return &pgast.Node{Node: &pgast.Node_AConst{AConst: &pgast.A_Const{Val: &pgast.A_Const_Sval{Sval: &pgast.String{Sval: text}}}}}
}

// asText makes a number a string, as a server prints the negative ones. The blanks in a string go, which
// the server sets anew in JSON.
func asText(n *pgast.Node) {
	switch v := n.GetAConst().GetVal().(type) {
	case *pgast.A_Const_Sval:
		n.Node = stringConst(strings.Join(strings.Fields(v.Sval.GetSval()), "")).Node
	case *pgast.A_Const_Ival:
		n.Node = stringConst(strconv.Itoa(int(v.Ival.GetIval()))).Node
	case *pgast.A_Const_Fval:
		n.Node = stringConst(v.Fval.GetFval()).Node
	}
}

func loosenOperator(n *pgast.Node) {
	e := n.GetAExpr()
	switch e.Kind {
	case pgast.A_Expr_Kind_AEXPR_LIKE, pgast.A_Expr_Kind_AEXPR_ILIKE:
		e.Kind = pgast.A_Expr_Kind_AEXPR_OP
	case pgast.A_Expr_Kind_AEXPR_IN:
		items := e.Rexpr.GetList().GetItems()
		if len(items) == 1 {
			e.Kind, e.Rexpr = pgast.A_Expr_Kind_AEXPR_OP, items[0]
			return
		}
		e.Kind = pgast.A_Expr_Kind_AEXPR_OP_ANY
		if len(e.Name) == 1 && e.Name[0].GetString_().GetSval() == "<>" {
			e.Kind = pgast.A_Expr_Kind_AEXPR_OP_ALL
		}
		e.Rexpr = &pgast.Node{Node: &pgast.Node_AArrayExpr{AArrayExpr: &pgast.A_ArrayExpr{Elements: items}}}
	case pgast.A_Expr_Kind_AEXPR_BETWEEN:
		if bounds := e.Rexpr.GetList().GetItems(); len(bounds) == 2 {
			n.Node = conjunction(comparison(">=", e.Lexpr, bounds[0]), comparison("<=", pgast.Clone(e.Lexpr), bounds[1])).Node
		}
	case pgast.A_Expr_Kind_AEXPR_NOT_DISTINCT:
		inner := comparison("=", e.Lexpr, e.Rexpr)
		inner.GetAExpr().Kind = pgast.A_Expr_Kind_AEXPR_DISTINCT
		n.Node = &pgast.Node_BoolExpr{BoolExpr: &pgast.BoolExpr{Boolop: pgast.BoolExprType_NOT_EXPR, Args: []*pgast.Node{inner}}}
	case pgast.A_Expr_Kind_AEXPR_OP:
		negative := e.Lexpr == nil && len(e.Name) == 1 && e.Name[0].GetString_().GetSval() == "-"
		if number := e.Rexpr.GetAConst(); negative && number != nil {
			operand := &pgast.Node{Node: &pgast.Node_AConst{AConst: number}}
			asText(operand)
			n.Node = stringConst("-" + operand.GetAConst().GetSval().GetSval()).Node
		}
	}
}

func comparison(operator string, left, right *pgast.Node) *pgast.Node {
	name := &pgast.Node{Node: &pgast.Node_String_{String_: &pgast.String{Sval: operator}}}
	return &pgast.Node{Node: &pgast.Node_AExpr{AExpr: &pgast.A_Expr{
		Kind: pgast.A_Expr_Kind_AEXPR_OP, Name: []*pgast.Node{name}, Lexpr: left, Rexpr: right,
	}}}
}

func conjunction(args ...*pgast.Node) *pgast.Node {
	return &pgast.Node{Node: &pgast.Node_BoolExpr{BoolExpr: &pgast.BoolExpr{Boolop: pgast.BoolExprType_AND_EXPR, Args: args}}}
}

// flatten takes the brackets out of AND within AND and OR within OR.
func flatten(e *pgast.BoolExpr) {
	if e.Boolop == pgast.BoolExprType_NOT_EXPR {
		return
	}
	var args []*pgast.Node
	for _, arg := range e.Args {
		if inner := arg.GetBoolExpr(); inner != nil && inner.Boolop == e.Boolop {
			flatten(inner)
			args = append(args, inner.Args...)
		} else {
			args = append(args, arg)
		}
	}
	e.Args = args
}
