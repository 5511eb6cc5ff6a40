package schemacheck

import (
	"slices"

	"github.com/tenantvet/tenantvet/pgschema/pgast"
	"github.com/tenantvet/tenantvet/sqlcheck"
)

// fixedBySession reports whether a condition that must be true compares a column of the reference with
// what the session is, as memberships are looked up by the user.
func (p *pass) fixedBySession(node *pgast.Node, ref *sqlcheck.Reference) bool {
	found := false
	pgast.Walk(node, func(n any) bool {
		var where *pgast.Node
		var from []*pgast.Node
		switch n := n.(type) {
		case *pgast.SelectStmt:
			where, from = n.WhereClause, n.FromClause
		case *pgast.UpdateStmt:
			where, from = n.WhereClause, append([]*pgast.Node{{Node: &pgast.Node_RangeVar{RangeVar: n.Relation}}}, n.FromClause...)
		case *pgast.DeleteStmt:
			where, from = n.WhereClause, []*pgast.Node{{Node: &pgast.Node_RangeVar{RangeVar: n.Relation}}}
		default:
			return true
		}
		only, named := fromNames(from, ref)
		found = found || named && p.comparesSession(where, ref, only)
		return true
	})
	return found
}

// fromNames reports whether a FROM clause names the reference, and whether it names nothing else.
func fromNames(from []*pgast.Node, ref *sqlcheck.Reference) (only, named bool) {
	count := 0
	for _, item := range from {
		pgast.Walk(item, func(n any) bool {
			switch n := n.(type) {
			case *pgast.RangeVar:
				count++
				alias := n.GetAlias().GetAliasname()
				if alias == "" {
					alias = n.Relname
				}
				named = named || n.Relname == ref.Relation.Name.Name && (ref.Alias == "" || alias == ref.Alias)
			case *pgast.RangeSubselect, *pgast.RangeFunction:
				count++
				return false
			}
			return true
		})
	}
	return count == 1, named
}

// comparesSession reports whether a conjunction has a comparison of a column of the reference with what
// the session is. An unqualified column counts only where there is no other relation.
func (p *pass) comparesSession(where *pgast.Node, ref *sqlcheck.Reference, only bool) bool {
	if and := where.GetBoolExpr(); and != nil && and.Boolop == pgast.BoolExprType_AND_EXPR {
		return slices.ContainsFunc(and.Args, func(arg *pgast.Node) bool { return p.comparesSession(arg, ref, only) })
	}
	e := where.GetAExpr()
	if e == nil || e.Kind != pgast.A_Expr_Kind_AEXPR_OP || len(e.Name) != 1 || e.Name[0].GetString_().GetSval() != "=" {
		return false
	}
	return ofReference(e.Lexpr, ref, only) && p.isSessionValue(e.Rexpr) && !fallsBack(e.Rexpr) ||
		ofReference(e.Rexpr, ref, only) && p.isSessionValue(e.Lexpr) && !fallsBack(e.Lexpr)
}

// fallsBack reports whether a value may be a constant in the place of what the session has.
func fallsBack(node *pgast.Node) bool {
	found := false
	pgast.Walk(node, func(n any) bool {
		var values []*pgast.Node
		switch n := n.(type) {
		case *pgast.CoalesceExpr:
			values = n.Args
		case *pgast.MinMaxExpr:
			values = n.Args
		case *pgast.CaseExpr:
			values = append(values, n.Defresult)
			for _, when := range n.Args {
				values = append(values, when.GetCaseWhen().GetResult())
			}
		}
		found = found || slices.ContainsFunc(values, func(arg *pgast.Node) bool {
			value := constantOf(arg)
			return value != nil && !value.GetIsnull() && value.GetSval().GetSval() != ""
		})
		return true
	})
	return found
}

func ofReference(node *pgast.Node, ref *sqlcheck.Reference, only bool) bool {
	fields := node.GetColumnRef().GetFields()
	switch len(fields) {
	case 1:
		return only && ref.Relation.Column(fields[0].GetString_().GetSval()) != nil
	case 2:
		qualifier := fields[0].GetString_().GetSval()
		return qualifier == ref.Alias || qualifier == ref.Relation.Name.Name
	}
	return false
}
