package sqlcheck

import (
	"slices"

	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// maxAlternatives bounds how many ways to pass a condition are told apart.
const maxAlternatives = 64

// requirement is a part of a condition that must be TRUE, or FALSE where truth is false.
type requirement struct {
	node  *pgast.Node
	truth bool
}

// alternatives returns the ways in which a condition can be TRUE, or FALSE where truth is false: in each, all of
// its requirements hold. It is nil when there are too many.
func alternatives(node *pgast.Node, truth bool) [][]requirement {
	if condition, equal, ok := comparedWithTruth(node.GetAExpr()); ok {
		return alternatives(condition, truth == equal)
	}
	switch n := node.GetNode().(type) {
	case *pgast.Node_BoolExpr:
		args := n.BoolExpr.GetArgs()
		switch {
		case n.BoolExpr.GetBoolop() == pgast.BoolExprType_NOT_EXPR:
			return alternatives(args[0], !truth)
		case (n.BoolExpr.GetBoolop() == pgast.BoolExprType_AND_EXPR) == truth:
			return allOf(args, truth)
		}
		return anyArgument(args, truth)
	case *pgast.Node_CoalesceExpr:
		args := n.CoalesceExpr.GetArgs()
		if i := slices.IndexFunc(args, neverNull); i >= 0 {
			args = args[:i+1]
		}
		return anyArgument(args, truth)
	case *pgast.Node_BooleanTest:
		switch test := n.BooleanTest.GetBooltesttype(); {
		case test == pgast.BoolTestType_IS_TRUE && truth, test == pgast.BoolTestType_IS_NOT_TRUE && !truth:
			return alternatives(n.BooleanTest.GetArg(), true)
		case test == pgast.BoolTestType_IS_FALSE && truth, test == pgast.BoolTestType_IS_NOT_FALSE && !truth:
			return alternatives(n.BooleanTest.GetArg(), false)
		case test != pgast.BoolTestType_IS_UNKNOWN && test != pgast.BoolTestType_IS_NOT_UNKNOWN && neverNull(n.BooleanTest.GetArg()):
			return alternatives(n.BooleanTest.GetArg(), truth == (test == pgast.BoolTestType_IS_TRUE || test == pgast.BoolTestType_IS_NOT_FALSE))
		}
	case *pgast.Node_CaseExpr:
		if n.CaseExpr.GetArg() == nil {
			return branches(n.CaseExpr, truth)
		}
	}
	return [][]requirement{{{node, truth}}}
}

// allOf combines the ways of several conditions that hold together.
func allOf(args []*pgast.Node, truth bool) [][]requirement {
	all := [][]requirement{nil}
	for _, arg := range args {
		ways := alternatives(arg, truth)
		if ways == nil || len(all)*len(ways) > maxAlternatives {
			return nil
		}
		var next [][]requirement
		for _, before := range all {
			for _, way := range ways {
				next = append(next, append(append([]requirement(nil), before...), way...))
			}
		}
		all = next
	}
	return all
}

// anyArgument collects the ways of several conditions of which one holds.
func anyArgument(args []*pgast.Node, truth bool) (all [][]requirement) {
	for _, arg := range args {
		if value, ok := boolean(arg); ok && value != truth {
			continue
		}
		ways := alternatives(arg, truth)
		if ways == nil || len(all)+len(ways) > maxAlternatives {
			return nil
		}
		all = append(all, ways...)
	}
	if all == nil {
		all = [][]requirement{} // no way at all
	}
	return all
}

// branches returns the ways through a CASE: a WHEN is true and its result as it must be.
func branches(n *pgast.CaseExpr, truth bool) [][]requirement {
	all := [][]requirement{}
	for _, arg := range n.GetArgs() {
		if value, ok := boolean(arg.GetCaseWhen().GetExpr()); ok && !value {
			continue
		} else if ok {
			ways := alternatives(arg.GetCaseWhen().GetResult(), truth)
			if ways == nil {
				return nil
			}
			return append(all, ways...)
		}
		ways := allWhen(arg.GetCaseWhen(), truth)
		if ways == nil || len(all)+len(ways) > maxAlternatives {
			return nil
		}
		all = append(all, ways...)
	}
	if n.GetDefresult() != nil {
		ways := alternatives(n.GetDefresult(), truth)
		if ways == nil || len(all)+len(ways) > maxAlternatives {
			return nil
		}
		all = append(all, ways...)
	}
	return all
}

// allWhen returns the ways through one WHEN of a CASE.
func allWhen(n *pgast.CaseWhen, truth bool) [][]requirement {
	conditions, results := alternatives(n.GetExpr(), true), alternatives(n.GetResult(), truth)
	if conditions == nil || results == nil || len(conditions)*len(results) > maxAlternatives {
		return nil
	}
	all := [][]requirement{}
	for _, condition := range conditions {
		for _, result := range results {
			all = append(all, append(append([]requirement(nil), condition...), result...))
		}
	}
	return all
}

// neverNull reports whether a condition is TRUE or FALSE for every row.
func neverNull(node *pgast.Node) bool {
	if _, ok := boolean(node); ok {
		return true
	}
	switch n := node.GetNode().(type) {
	case *pgast.Node_BoolExpr:
		return !slices.ContainsFunc(n.BoolExpr.GetArgs(), func(arg *pgast.Node) bool { return !neverNull(arg) })
	case *pgast.Node_CoalesceExpr:
		return slices.ContainsFunc(n.CoalesceExpr.GetArgs(), neverNull)
	case *pgast.Node_BooleanTest, *pgast.Node_NullTest:
		return true
	case *pgast.Node_SubLink:
		return n.SubLink.GetSubLinkType() == pgast.SubLinkType_EXISTS_SUBLINK
	}
	return false
}
