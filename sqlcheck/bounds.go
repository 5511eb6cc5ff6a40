package sqlcheck

import "github.com/tenantvet/tenantvet/pgschema/pgast"

// between is x BETWEEN a AND b: where both bounds are the same value, it is that value.
func (e *engine) between(ctx *context, l operand, bounds []*pgast.Node, s *scope) {
	ctx.facts.add(e.isPresent(l))
	if len(bounds) != 2 {
		return
	}
	low, high := operand{bounds[0], s}, operand{bounds[1], s}
	if e.comparedTerm(low) == e.comparedTerm(high) {
		ctx.facts.add(e.equal(ctx, l, low))
	}
}

// squeezed is a >= b AND a <= b among conditions that are all true: a = b.
func (e *engine) squeezed(ctx *context, conditions []*pgast.Node, s *scope) {
	type pair struct{ greater, less term }
	seen := map[pair]bool{}
	for _, c := range conditions {
		n := c.GetAExpr()
		if n.GetKind() != pgast.A_Expr_Kind_AEXPR_OP || operator(n) != ">=" && operator(n) != "<=" {
			continue
		}
		greater, less := operand{n.GetLexpr(), s}, operand{n.GetRexpr(), s}
		if operator(n) == "<=" {
			greater, less = less, greater
		}
		p := pair{e.comparedTerm(greater), e.comparedTerm(less)}
		if seen[pair{p.less, p.greater}] {
			ctx.facts.add(e.equal(ctx, greater, less))
		}
		seen[p] = true
	}
}
