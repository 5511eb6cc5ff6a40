package schemacheck

import (
	"fmt"
	"strings"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

var _ = register("policy-bypass-setting", checkPolicyBypassSetting)

// checkPolicyBypassSetting looks for policies that open once a setting has some value: any role may SET a
// setting with a dot in its name, and no REVOKE prevents it (PostgreSQL manual, 20.16; measured on
// PostgreSQL 15 to 18). Claims of a token that PostgREST verifies are a warning: they are signed, and pass all tenants.
func checkPolicyBypassSetting(p *pass) {
	for t := range p.owned() {
		for l := range p.leaksNamed(t, "policy-bypass-setting") {
			f := l.finding(p, "policy %s of %s lets %s %s rows of other tenants as soon as it chooses %s: any client can SET that",
				l.policy.Name, object(t.Relation), l.session, l.verbs(), p.switchSetting(l.opening))
			if l.signed {
				f.Severity = finding.Warning
				f.Message = fmt.Sprintf("policy %s of %s lets %s %s rows of other tenants where the token of the request says so: whatever signs tokens decides over all tenants",
					l.policy.Name, object(t.Relation), l.session, l.verbs())
			}
			f.Fix = &finding.Fix{
				Message: "confine the policy to the tenant, and let whoever may pass it do so by its role: with a policy of its own TO that role, " +
					"or where pg_has_role(session_user, 'that role', 'member')",
				Code: l.alter(p),
			}
			p.report(f)
		}
	}
}

// turnOn writes the statement by which a client makes a condition on a setting true.
func turnOn(condition *pgast.Node) string {
	name, value := "", "on"
	pgast.Walk(condition, func(n any) bool {
		switch n := n.(type) {
		case *pgast.FuncCall:
			if functionName(n) == "current_setting" && len(n.Args) > 0 {
				name = constantOf(n.Args[0]).GetSval().GetSval()
				return false
			}
		case *pgast.A_Const:
			if s := n.GetSval().GetSval(); s != "" {
				value = s
			}
		}
		return true
	})
	if name == "" {
		return "-- after the SET of what the policy asks for\n"
	}
	parts := strings.Split(name, ".")
	for i, part := range parts {
		parts[i] = quote(part)
	}
	return fmt.Sprintf("SET %s = %s;\n", strings.Join(parts, "."), literal(value))
}
