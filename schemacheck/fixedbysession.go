package schemacheck

import (
	"cmp"
	"slices"

	"github.com/tenantvet/tenantvet/pgschema/pgast"
	"github.com/tenantvet/tenantvet/sqlcheck"
)

// fixedBySession reports whether a condition that must be true compares a column of the reference, by which a row is
// somebody's, with what a setting says, as memberships are looked up by the user.
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
		if alias, only := namedIn(from, ref); alias != "" {
			found = found || p.comparesSession(where, &sqlcheck.Reference{Relation: ref.Relation, Alias: alias}, only)
		}
		return true
	})
	return found
}

// namedIn returns the name by which a FROM clause has the reference, "" where it is not there, and whether it names
// nothing else.
func namedIn(from []*pgast.Node, ref *sqlcheck.Reference) (alias string, only bool) {
	count := 0
	for _, item := range from {
		pgast.Walk(item, func(n any) bool {
			switch n := n.(type) {
			case *pgast.RangeVar:
				count++
				if n == ref.Named() {
					alias = cmp.Or(n.GetAlias().GetAliasname(), n.Relname)
				}
			case *pgast.RangeSubselect, *pgast.RangeFunction:
				count++
				return false
			case *pgast.SubLink:
				return false
			}
			return true
		})
	}
	return alias, count == 1
}

// comparesSession reports whether a conjunction has a comparison of a column of the reference with what
// a setting says. An unqualified column counts only where there is no other relation.
func (p *pass) comparesSession(where *pgast.Node, ref *sqlcheck.Reference, only bool) bool {
	if and := where.GetBoolExpr(); and != nil && and.Boolop == pgast.BoolExprType_AND_EXPR {
		return slices.ContainsFunc(and.Args, func(arg *pgast.Node) bool { return p.comparesSession(arg, ref, only) })
	}
	e := where.GetAExpr()
	if e == nil || e.Kind != pgast.A_Expr_Kind_AEXPR_OP || len(e.Name) != 1 || e.Name[0].GetString_().GetSval() != "=" {
		return false
	}
	for _, side := range [][2]*pgast.Node{{e.Lexpr, e.Rexpr}, {e.Rexpr, e.Lexpr}} {
		column := columnOf(side[0], ref, only)
		if column != "" && p.identifies(column) && p.isSessionValue(side[1]) && !fallsBack(side[1]) && p.readsSetting(side[1]) {
			return true
		}
	}
	return false
}

// identifies reports whether a column says whose a row is, or which one: not what it is like.
func (p *pass) identifies(column string) bool {
	return sqlcheck.Identifies(column) || p.model.IsTenantColumn(column)
}

// readsSetting reports whether an expression reads a setting, and not only who is connected: that is one role for all
// tenants unless each has its own.
func (p *pass) readsSetting(node *pgast.Node) bool {
	reads := false
	pgast.Walk(node, func(n any) bool {
		call, ok := n.(*pgast.FuncCall)
		reads = reads || ok && p.readsSession(call) && !slices.Contains(sessionFunctions, functionName(call))
		return !reads
	})
	return reads
}

// fallsBack reports whether a value may be another than what the session has: a constant in its place, or a number worked
// out of it.
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
		case *pgast.A_Expr:
			found = found || n.Kind == pgast.A_Expr_Kind_AEXPR_OP && sqlcheck.IsArithmetic(n.Name[len(n.Name)-1].GetString_().GetSval())
		}
		found = found || slices.ContainsFunc(values, func(arg *pgast.Node) bool { return mayNameTenant(constantOf(arg)) })
		return true
	})
	return found
}

// mayNameTenant reports whether a literal may be a tenant: it is not NULL and not the empty text.
func mayNameTenant(literal *pgast.A_Const) bool {
	text := literal.GetSval()
	return literal != nil && !literal.GetIsnull() && (text == nil || text.Sval != "")
}

// columnOf returns the column of the reference that an expression is, or "".
func columnOf(node *pgast.Node, ref *sqlcheck.Reference, only bool) string {
	fields := node.GetColumnRef().GetFields()
	if len(fields) == 0 {
		return ""
	}
	name := fields[len(fields)-1].GetString_().GetSval()
	named := len(fields) == 1 && only || len(fields) == 2 && fields[0].GetString_().GetSval() == ref.Alias
	if !named || ref.Relation.Column(name) == nil {
		return ""
	}
	return name
}
