package schemacheck

import (
	"cmp"
	"slices"

	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// A condition that asks only whether there is a tenant has one value in every session that has set one. The pin
// engine follows the plain forms; here are the others.

// failsOpen reports whether an expression would confine rows to the tenant if a tenant were always set: then it
// opens while none is.
func (p *pass) failsOpen(l *policyLeak) bool {
	changed := false
	rewritten := p.rewritten(l, func(n *pgast.Node) bool {
		if value, ok := p.whenSet(n); ok {
			n.Node, changed = boolean(value).Node, true
			return false
		}
		if inner := cmp.Or(p.unlessNull(l, n), p.branchWhenSet(n)); inner != nil {
			n.Node, changed = inner.Node, true
		}
		return true
	})
	return changed && p.confinesRows(l, rewritten)
}

// branchWhenSet returns the result of a CASE that sessions with a tenant come to, if that is known by its first
// condition.
func (p *pass) branchWhenSet(n *pgast.Node) *pgast.Node {
	c := n.GetCaseExpr()
	if c == nil || c.Arg != nil || len(c.Args) != 1 {
		return nil
	}
	first := c.Args[0].GetCaseWhen()
	switch value, ok := p.whenSet(first.GetExpr()); {
	case !ok:
		return nil
	case value:
		return first.GetResult()
	}
	return c.Defresult
}

// unlessNull returns the condition that COALESCE, IS TRUE and their like stand around, where it is NULL only while no
// tenant is set; nil for anything else.
func (p *pass) unlessNull(l *policyLeak, n *pgast.Node) *pgast.Node {
	inner := n.GetBooleanTest().GetArg()
	switch {
	case inner != nil && !slices.Contains([]pgast.BoolTestType{pgast.BoolTestType_IS_TRUE, pgast.BoolTestType_IS_NOT_FALSE}, n.GetBooleanTest().Booltesttype):
		return nil
	case n.GetCoalesceExpr() != nil:
		inner = n.GetCoalesceExpr().Args[0]
	}
	if column := l.table.Relation.Column(l.table.Column); column == nil || !column.NotNull || inner.GetAExpr() == nil || !p.isCondition(inner) {
		return nil
	}
	return inner
}

// whenSet returns the truth of a condition in sessions that have set a tenant, if that is known.
func (p *pass) whenSet(n *pgast.Node) (value, ok bool) {
	switch {
	case n.GetBoolExpr() != nil:
		return p.allWhenSet(n.GetBoolExpr())
	case n.GetNullTest() != nil:
		v, ok := p.textWhenSet(n.GetNullTest().Arg)
		return (v == nil) == (n.GetNullTest().Nulltesttype == pgast.NullTestType_IS_NULL), ok && p.readsTenant(n)
	case n.GetBooleanTest() != nil:
		v, ok := p.whenSet(n.GetBooleanTest().Arg)
		switch n.GetBooleanTest().Booltesttype {
		case pgast.BoolTestType_IS_TRUE, pgast.BoolTestType_IS_NOT_FALSE:
			return v, ok
		case pgast.BoolTestType_IS_FALSE, pgast.BoolTestType_IS_NOT_TRUE:
			return !v, ok
		}
	case n.GetAExpr() != nil && p.isCondition(n) && p.readsTenant(n):
		return p.comparedWhenSet(n.GetAExpr())
	}
	return false, false
}

// allWhenSet is whenSet for AND, OR and NOT over conditions that are all known.
func (p *pass) allWhenSet(b *pgast.BoolExpr) (value, ok bool) {
	trues := 0
	for _, arg := range b.Args {
		v, ok := p.whenSet(arg)
		if !ok {
			return false, false
		}
		if v {
			trues++
		}
	}
	switch b.Boolop {
	case pgast.BoolExprType_AND_EXPR:
		return trues == len(b.Args), true
	case pgast.BoolExprType_OR_EXPR:
		return trues > 0, true
	}
	return trues == 0, true
}

// comparedWhenSet is whenSet for a comparison of the tenant, or of its length, with nothing.
func (p *pass) comparedWhenSet(e *pgast.A_Expr) (value, ok bool) {
	left, ok := p.textWhenSet(e.Lexpr)
	if !ok || left == nil || len(e.Name) != 1 {
		return false, false
	}
	rights := []*pgast.Node{e.Rexpr}
	if list := e.Rexpr.GetList(); list != nil {
		rights = list.Items
	}
	for _, right := range rights {
		if v, ok := p.textWhenSet(right); !ok || v != nil && *v == someTenant {
			return false, false
		}
	}
	switch op := e.Name[0].GetString_().GetSval(); {
	case e.Kind == pgast.A_Expr_Kind_AEXPR_DISTINCT, op == "<>", op == "!=", op == ">":
		return true, true
	case e.Kind == pgast.A_Expr_Kind_AEXPR_NOT_DISTINCT, op == "=":
		return false, true
	}
	return false, false
}

// someTenant stands for the tenant of a session and for its length.
const someTenant = "some tenant"

// textWhenSet returns a value in sessions that have set a tenant: someTenant, "" for the empty text and zero, or nil
// for NULL.
func (p *pass) textWhenSet(n *pgast.Node) (*string, bool) {
	n = withoutCast(n)
	tenant, empty := someTenant, ""
	switch e := n.GetAExpr(); {
	case n.GetAConst().GetIsnull():
		return nil, true
	case n.GetAConst() != nil:
		c := n.GetAConst()
		return &empty, c.GetSval() != nil && c.GetSval().GetSval() == "" || c.GetIval() != nil && c.GetIval().GetIval() == 0
	case n.GetFuncCall() != nil:
		call := n.GetFuncCall()
		if functionName(call) == "current_setting" {
			return &tenant, p.readsTenant(n)
		}
		if len(call.Args) == 1 && slices.Contains([]string{"length", "char_length", "btrim", "lower", "upper"}, functionName(call)) {
			return p.textWhenSet(call.Args[0])
		}
	case n.GetCoalesceExpr() != nil:
		for _, arg := range n.GetCoalesceExpr().Args {
			if v, ok := p.textWhenSet(arg); v != nil || !ok {
				return v, ok
			}
		}
	case e != nil && e.Kind == pgast.A_Expr_Kind_AEXPR_NULLIF:
		if v, ok := p.textWhenSet(e.Rexpr); ok && v != nil && *v == empty {
			return p.textWhenSet(e.Lexpr)
		}
	}
	return nil, false
}
