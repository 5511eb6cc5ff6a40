package schemacheck

import (
	"maps"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
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

// ofPlatform reports whether a call is of the platform's function of a name: one that the schema does not have, or that
// reads the claims which PostgREST sets.
func (p *pass) ofPlatform(call *pgast.FuncCall, name string) bool {
	return len(call.GetFuncname()) == 2 && dotted(call.Funcname) == "auth."+name && platform[pgschema.Name{Schema: "auth", Name: name}] != "" &&
		!slices.ContainsFunc(p.schema.Functions, func(f *pgschema.Function) bool {
			return f.Schema == "auth" && f.Name.Name == name && !strings.Contains(f.Body, "request.jwt")
		})
}

// tokenRole reports whether an expression is the role in the token of a request. PostgREST verifies the token and has
// SET ROLE to that role before the request's statement, so that it is the session's.
func (p *pass) tokenRole(n *pgast.Node) bool {
	n = withoutCast(n)
	if query := n.GetSubLink().GetSubselect().GetSelectStmt(); len(query.GetTargetList()) == 1 && len(query.FromClause) == 0 {
		n = withoutCast(query.TargetList[0].GetResTarget().GetVal()) // written so that it is evaluated once
	}
	if p.ofPlatform(n.GetFuncCall(), "role") {
		return true
	}
	e := n.GetAExpr()
	return e != nil && len(e.Name) == 1 && e.Name[0].GetString_().GetSval() == "->>" && p.ofPlatform(withoutCast(e.Lexpr).GetFuncCall(), "jwt") &&
		constantOf(e.Rexpr).GetSval().GetSval() == "role"
}

// isSigned reports whether a condition rests on nothing but claims of the platform's token, which its client cannot
// change; user_metadata is what users write themselves.
func (p *pass) isSigned(condition *pgast.Node) bool {
	signed, chosen := false, false
	pgast.Walk(condition, func(n any) bool {
		switch n := n.(type) {
		case *pgast.FuncCall:
			signed = signed || p.ofPlatform(n, "jwt") || p.ofPlatform(n, "role") || p.ofPlatform(n, "email")
			chosen = chosen || functionName(n) == "current_setting"
		case *pgast.A_Const:
			chosen = chosen || strings.Contains(n.GetSval().GetSval(), "user_meta")
		}
		return true
	})
	return signed && !chosen
}
