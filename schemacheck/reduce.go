package schemacheck

import (
	"maps"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
	"github.com/tenantvet/tenantvet/sqlcheck"
)

// platform are functions that hosting platforms bring and that return what the session is: Supabase's.
var platform = map[pgschema.Name]string{
	{Schema: "auth", Name: "uid"}:   "SELECT nullif(current_setting('request.jwt.claim.sub', true), '')::uuid",
	{Schema: "auth", Name: "role"}:  "SELECT nullif(current_setting('request.jwt.claim.role', true), '')",
	{Schema: "auth", Name: "email"}: "SELECT nullif(current_setting('request.jwt.claim.email', true), '')",
	{Schema: "auth", Name: "jwt"}:   "SELECT nullif(current_setting('request.jwt.claims', true), '')::jsonb",
}

// platformFunctions returns those that the schema does not create itself.
func platformFunctions(s *pgschema.Schema) []*pgschema.Function {
	var functions []*pgschema.Function
	for _, name := range slices.SortedFunc(maps.Keys(platform), func(a, b pgschema.Name) int { return strings.Compare(a.Name, b.Name) }) {
		if !slices.ContainsFunc(s.Functions, func(f *pgschema.Function) bool { return f.Name == name }) {
			functions = append(functions, &pgschema.Function{Name: name, Language: "sql", Volatility: 's', Body: platform[name]})
		}
	}
	return functions
}

// database returns the schema as the pin engine sees it: PL/pgSQL functions that only return something
// are SQL functions in it, which the engine sees through.
func (p *pass) database() *sqlcheck.Database {
	if p.reduced == nil {
		schema := *p.schema
		schema.Functions = p.engineFunctions()
		p.reduced = &sqlcheck.Database{Schema: &schema, Classes: p.classes, Model: p.model}
	}
	return p.reduced
}

// reduce returns a SELECT that gives what a PL/pgSQL function returns, or nil. What the function raises
// is left out: an error admits no row.
func (p *pass) reduce(f *pgschema.Function) *pgast.Node {
	if f.Language != "plpgsql" || f.Returns == "trigger" {
		return nil
	}
	r := p.routine(f)
	if r.opaque != "" || slices.ContainsFunc(slices.Concat(r.returns, r.queries), r.usesVariable) {
		return nil
	}
	if len(r.returns) == 0 && len(r.queries) == 1 {
		return r.queries[0]
	}
	if len(r.queries) > 0 || len(r.returns) == 0 {
		return nil
	}
	if len(r.returns) == 1 {
		if sub := withoutCast(r.returns[0]).GetSubLink(); sub != nil && sub.SubLinkType == pgast.SubLinkType_EXPR_SUBLINK {
			return sub.Subselect
		}
		return selectExpr(r.returns[0])
	}
	if f.Returns == "boolean" {
		return selectExpr(&pgast.Node{Node: &pgast.Node_BoolExpr{BoolExpr: &pgast.BoolExpr{
			Boolop: pgast.BoolExprType_OR_EXPR, Args: r.returns,
		}}})
	}
	return p.sessionOr(r.returns)
}

// usesVariable reports whether an expression uses a variable of which nothing is known.
func (r *routine) usesVariable(node *pgast.Node) bool {
	found := false
	pgast.Walk(node, func(n any) bool {
		ref, ok := n.(*pgast.ParamRef)
		found = found || ok && int(ref.Number) > r.arguments
		return !found
	})
	return found
}

// sessionOr returns a SELECT for a function that returns what the session is or, failing that, NULL or
// a constant; nil when it may return anything else.
func (p *pass) sessionOr(returns []*pgast.Node) *pgast.Node {
	var session, constant *pgast.Node
	for _, node := range returns {
		switch c := constantOf(node); {
		case c != nil && c.GetIsnull():
		case c != nil:
			constant = node
		case p.isSessionValue(node):
			session = node
		default:
			return nil
		}
	}
	if session == nil || constant == nil {
		if session == nil {
			session = constant
		}
		if session == nil {
			return nil
		}
		return selectExpr(session)
	}
	// The constant stands in while the setting is NULL or ''.
	set := &pgast.Node{Node: &pgast.Node_AExpr{AExpr: &pgast.A_Expr{
		Kind: pgast.A_Expr_Kind_AEXPR_NULLIF, Name: []*pgast.Node{text("=")}, Lexpr: withoutCast(session), Rexpr: emptyText(),
	}}}
	return selectExpr(&pgast.Node{Node: &pgast.Node_CoalesceExpr{CoalesceExpr: &pgast.CoalesceExpr{
		Args: []*pgast.Node{set, withoutCast(constant)},
	}}})
}

func withoutCast(node *pgast.Node) *pgast.Node {
	for node.GetTypeCast() != nil {
		node = node.GetTypeCast().Arg
	}
	return node
}

// constantOf returns the literal that an expression is but for casts, or nil.
func constantOf(node *pgast.Node) *pgast.A_Const { return withoutCast(node).GetAConst() }

func text(s string) *pgast.Node {
	return &pgast.Node{Node: &pgast.Node_String_{String_: &pgast.String{Sval: s}}}
}

func emptyText() *pgast.Node {
	return &pgast.Node{Node: &pgast.Node_AConst{AConst: &pgast.A_Const{Val: &pgast.A_Const_Sval{Sval: &pgast.String{}}}}}
}

func boolean(value bool) *pgast.Node {
	return &pgast.Node{Node: &pgast.Node_AConst{AConst: &pgast.A_Const{Val: &pgast.A_Const_Boolval{
		Boolval: &pgast.Boolean{Boolval: value},
	}}}}
}

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
	if !currentRole(left) && !asksSuperuser(left) {
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
		value = slices.Contains(names, "on") == (p.roles.exempt(s.role) == "SUPERUSER")
	case currentRole(left):
		value = s.known() && slices.Contains(names, s.role)
	default:
		return false, false
	}
	return value == (op == "="), true
}

// currentRole reports whether an expression is current_user or one of its kin.
func currentRole(node *pgast.Node) bool { return withoutCast(node).GetSqlvalueFunction() != nil }

func asksSuperuser(node *pgast.Node) bool {
	call := withoutCast(node).GetFuncCall()
	return call != nil && len(call.Args) > 0 && strings.EqualFold(constantOf(call.Args[0]).GetSval().GetSval(), "is_superuser")
}

// hasRole is pg_has_role for the session's role: USAGE asks for inherited privileges, SET for SET ROLE,
// MEMBER for either (PostgreSQL manual, 9.27).
func (p *pass) hasRole(s session, role, privilege string) (value, ok bool) {
	if role == "" {
		return false, false
	}
	if !s.known() {
		return false, true
	}
	switch strings.ToLower(privilege) {
	case "usage":
		return p.roles.privilegesOf(s.role)[role], true
	case "set":
		return s.role == role || p.roles.settable(s.role)[role], true
	case "member":
		all := p.roles.reach(s.role, func(*pgschema.Membership) bool { return true })
		return all[role], true
	}
	return false, false
}
