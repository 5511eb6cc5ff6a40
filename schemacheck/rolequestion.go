package schemacheck

import (
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// forRole returns an expression in the form the engine follows best, with the outcome of each question
// about the current role in its place, or the expression itself when that is the same: whether a role
// is a member of another is no client's to choose, as a custom setting is.
func (p *pass) forRole(s session, expr *pgschema.Expr) *pgschema.Expr {
	if !worthRewriting(expr.Node) {
		return expr
	}
	special := *expr
	special.Node = pgast.Clone(expr.Node)
	changed := p.normalise(special.Node)
	pgast.Rewrite(special.Node, func(n *pgast.Node) bool {
		changed = searchedByRole(n) || changed
		if value, ok := p.asksRole(s, n); ok {
			n.Node, changed = boolean(value).Node, true
			return false
		}
		return true
	})
	if !changed {
		return expr
	}
	return &special
}

// worthRewriting reports whether an expression calls a function or asks for the role.
func worthRewriting(node *pgast.Node) bool {
	worth := false
	pgast.Walk(node, func(n any) bool {
		switch n := n.(type) {
		case *pgast.SQLValueFunction:
			worth = true
		case *pgast.FuncCall:
			worth = worth || functionName(n) != "current_setting" || len(n.Args) > 0 && strings.EqualFold(constantOf(n.Args[0]).GetSval().GetSval(), "is_superuser")
		case *pgast.SubLink:
			worth = worth || n.SubLinkType == pgast.SubLinkType_ARRAY_SUBLINK
		}
		return !worth
	})
	return worth
}

// asksRole decides a condition on the current role.
func (p *pass) asksRole(s session, n *pgast.Node) (value, ok bool) {
	if call := n.GetFuncCall(); call != nil && call.Funcname[len(call.Funcname)-1].GetString_().GetSval() == "pg_has_role" {
		args := call.Args
		if len(args) == 3 && currentRole(args[0]) {
			args = args[1:]
		}
		if len(args) == 2 {
			return p.hasRole(s, constantOf(args[0]).GetSval().GetSval(), constantOf(args[1]).GetSval().GetSval())
		}
	}
	e := n.GetAExpr()
	if e == nil || len(e.Name) == 0 {
		return false, false
	}
	left, right := e.Lexpr, e.Rexpr
	if !currentRole(left) && !asksSuperuser(left) && !p.tokenRole(left) {
		left, right = right, left
	}
	var names []string
	switch {
	case constantOf(right).GetSval() != nil:
		names = []string{constantOf(right).GetSval().GetSval()}
	case right.GetList() != nil:
		for _, item := range right.GetList().Items {
			names = append(names, constantOf(item).GetSval().GetSval())
		}
	}
	op := e.Name[len(e.Name)-1].GetString_().GetSval()
	if len(names) == 0 || slices.Contains(names, "") || op != "=" && op != "<>" && op != "!=" {
		return false, false
	}
	switch {
	case asksSuperuser(left):
		value = slices.Contains(names, "on") == (p.roles.exempt(s.user()) == "SUPERUSER")
	case p.tokenRole(left) && !s.known():
		return false, false
	case currentRole(left), p.tokenRole(left):
		value = s.known() && slices.Contains(names, s.user())
	default:
		return false, false
	}
	return value == (op == "="), true
}

// searchedByRole turns CASE current_user WHEN 'x' into CASE WHEN current_user = 'x' and reports whether it did.
func searchedByRole(n *pgast.Node) bool {
	c := n.GetCaseExpr()
	if c == nil || c.Arg == nil || !currentRole(c.Arg) {
		return false
	}
	for _, when := range c.Args {
		w := when.GetCaseWhen()
		w.Expr = &pgast.Node{Node: &pgast.Node_AExpr{AExpr: &pgast.A_Expr{
			Kind: pgast.A_Expr_Kind_AEXPR_OP, Name: []*pgast.Node{text("=")}, Lexpr: pgast.Clone(c.Arg), Rexpr: w.Expr,
		}}}
	}
	c.Arg = nil
	return true
}

// currentRole reports whether an expression is current_user or one of its kin.
func currentRole(node *pgast.Node) bool { return withoutCast(node).GetSqlvalueFunction() != nil }

func asksSuperuser(node *pgast.Node) bool {
	call := withoutCast(node).GetFuncCall()
	return call != nil && len(call.Args) > 0 && strings.EqualFold(constantOf(call.Args[0]).GetSval().GetSval(), "is_superuser")
}

// hasRole is pg_has_role for the session's role: USAGE asks for inherited privileges, SET for SET ROLE,
// MEMBER for either (PostgreSQL manual, 9.27). A superuser counts as a member of every role.
func (p *pass) hasRole(s session, role, privilege string) (value, ok bool) {
	if role == "" {
		return false, false
	}
	if !s.known() {
		return false, true
	}
	if p.roles.attributes(s.user()).Superuser {
		return true, true
	}
	switch strings.ToLower(privilege) {
	case "usage":
		return p.roles.privilegesOf(s.user())[role], true
	case "set":
		return s.user() == role || p.roles.settable(s.user())[role], true
	case "member":
		all := p.roles.reach(s.user(), func(*pgschema.Membership) bool { return true })
		return all[role], true
	}
	return false, false
}
