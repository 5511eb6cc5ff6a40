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
		switch {
		case !who.Owner:
			return s
		case who.Role == "":
			return session{role: p.roles.defaultOwner}
		}
		return session{role: who.Role}
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

// asksOpen returns a table that policies on a table ask for a command and of which the session sees other tenants'
// rows: whether a row passes may then depend on these.
func (j *judge) asksOpen(s session, r *pgschema.Relation, command string) (name string) {
	for _, policy := range r.Policies {
		for _, c := range clausesOf[command] {
			expr := expression(policy, command, c)
			if expr == nil || !j.applies(s, policy) {
				continue
			}
			pgast.Walk(expr.Node, func(n any) bool {
				if from, ok := n.(*pgast.RangeVar); ok {
					other := j.schema.Lookup(from.Schemaname, from.Relname)
					if other != nil && other != r && j.classes.Get(other) != nil && j.ways[place{other, "select"}] != nil {
						name = object(other)
					}
				}
				return true
			})
		}
	}
	return name
}

// policiesAskOpen returns a table that the policies of another ask for a command and that shows all tenants' rows to the
// role, which they bind: what they let through may then depend on these. A question about the session's own rows does not.
func (p *pass) policiesAskOpen(as session, r *pgschema.Relation, command string) string {
	for _, policy := range r.Policies {
		for _, c := range clausesOf[command] {
			expr := expression(policy, command, c)
			if expr == nil || !p.applies(as, policy) {
				continue
			}
			stmt := statement(expr)
			stmt.Node = selectExpr(expr.Node)
			for _, ref := range sqlcheck.Analyze(p.database(), stmt).References {
				if ref.Relation != r && !p.fixed(stmt, ref) && !p.confined(as, ref.Relation, "select") {
					return object(ref.Relation)
				}
			}
		}
	}
	return ""
}
