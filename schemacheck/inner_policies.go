package schemacheck

import (
	"slices"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
	"github.com/tenantvet/tenantvet/sqlcheck"
)

// Policies ask other tables, whose own policies then bind whoever asks: the session, or the owner of a view or
// SECURITY DEFINER function in between.

// databaseOf returns the schema as the pin engine sees it on behalf of a session.
func (p *pass) databaseOf(s session) *sqlcheck.Database {
	as := func(who sqlcheck.Principal) session {
		if !who.Owner {
			return s
		}
		return session{role: p.roles.orDefault(who.Role)}
	}
	return p.database().Under(func(reader, user sqlcheck.Principal, r *pgschema.Relation, command sqlcheck.Command) (sqlcheck.Policies, bool) {
		reads := as(reader)
		reads.caller = as(user).user()
		return p.bindingPolicies(reads, r, string(command))
	})
}

// bindingPolicies returns the policies that bind a session on a table. Where it has no privilege to read the table
// there are none to pass: the statement fails.
func (p *pass) bindingPolicies(s session, r *pgschema.Relation, command string) (bind sqlcheck.Policies, bound bool) {
	if s.known() && !p.may(s, r, "select") {
		return bind, true
	}
	if !p.bound(s, r) {
		return bind, false
	}
	for _, policy := range r.Policies {
		expr := expression(policy, command, using)
		switch {
		case expr == nil || !p.applies(s, policy):
		case policy.Permissive:
			bind.Permissive = append(bind.Permissive, p.asMetBy(s, expr))
		default:
			bind.Restrictive = append(bind.Restrictive, p.asMetBy(s, expr))
		}
	}
	return bind, true
}

// readsRelations reports whether an expression may read a relation, by itself or by a function.
func readsRelations(node *pgast.Node) bool {
	reads := false
	pgast.Walk(node, func(n any) bool {
		switch n := n.(type) {
		case *pgast.SubLink:
			reads = true
		case *pgast.FuncCall:
			reads = reads || functionName(n) != "current_setting"
		}
		return !reads
	})
	return reads
}

// refused reports whether a condition asks a table that a session may not read, so that no statement that it is part
// of runs: permissions are checked when the statement starts. Not so where the planner may leave the question out, as
// in false AND question, which makes the condition true where it is negated. Truth is what the
// condition has to be for a row to pass.
func (p *pass) refused(s session, node *pgast.Node, truth bool) bool {
	switch n := node.GetNode().(type) {
	case *pgast.Node_BoolExpr:
		args := n.BoolExpr.Args
		refused := func(arg *pgast.Node) bool { return p.refused(s, arg, truth) }
		switch {
		case n.BoolExpr.Boolop == pgast.BoolExprType_NOT_EXPR:
			return p.refused(s, args[0], !truth)
		case (n.BoolExpr.Boolop == pgast.BoolExprType_AND_EXPR) == truth:
			return slices.ContainsFunc(args, refused)
		}
		return !slices.ContainsFunc(args, func(arg *pgast.Node) bool { return !refused(arg) })
	case *pgast.Node_BooleanTest:
		return p.refused(s, n.BooleanTest.Arg, true) && p.refused(s, n.BooleanTest.Arg, false)
	case *pgast.Node_AExpr:
		return slices.ContainsFunc([]*pgast.Node{n.AExpr.Lexpr, n.AExpr.Rexpr}, func(side *pgast.Node) bool {
			return p.refused(s, side, true) && p.refused(s, side, false)
		})
	case *pgast.Node_TypeCast:
		return p.refused(s, n.TypeCast.Arg, truth)
	case *pgast.Node_SubLink:
		return slices.ContainsFunc(n.SubLink.Subselect.GetSelectStmt().GetFromClause(), func(from *pgast.Node) bool {
			name := from.GetRangeVar()
			if name == nil || n.SubLink.Subselect.GetSelectStmt().GetWithClause() != nil {
				return false
			}
			r := p.schema.Lookup(name.Schemaname, name.Relname)
			return r != nil && s.known() && !p.may(s, r, "select")
		})
	}
	return false
}
