package schemacheck

import (
	"fmt"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

var _ = register("policy-unsafe-cast", checkPolicyUnsafeCast)

// checkPolicyUnsafeCast looks for policies that cast a setting which may be missing to another type than text.
// On a new connection it is NULL and no row passes; on one that was used before it is ”, whose cast
// raises 22P02 (measured on PostgreSQL 15 to 18). No row of another tenant is shown either way.
func checkPolicyUnsafeCast(p *pass) {
	for t := range p.owned() {
		if !t.Relation.RowSecurity {
			continue
		}
		for _, policy := range t.Relation.Policies {
			for _, expr := range []*pgschema.Expr{policy.Using, policy.Check} {
				if cast := unsafeCast(expr); cast != nil {
					p.report(p.raises(t.Relation, policy, expr, cast))
					break
				}
			}
		}
	}
}

func (p *pass) raises(r *pgschema.Relation, policy *pgschema.Policy, expr *pgschema.Expr, cast *pgast.TypeCast) finding.Finding {
	setting := constantOf(cast.Arg.GetFuncCall().Args[0]).GetSval().GetSval()
	f := finding.New("policy-unsafe-cast", expr.At(cast.Arg.GetFuncCall().Location), object(r),
		"policy %s of %s casts setting %s to %s: without a tenant a new connection sees no row, and one that was used before raises an error, because the setting is '' there",
		policy.Name, object(r), setting, typeName(cast))
	if !f.IsValid() {
		f.Position = policy.Origin
	}
	f.Fix = &finding.Fix{Message: fmt.Sprintf("say nullif(current_setting(%s, true), '')::%s", literal(setting), typeName(cast))}
	return f
}

// unsafeCast returns a cast of current_setting(…, true) for which the empty text is no value, or nil.
func unsafeCast(expr *pgschema.Expr) *pgast.TypeCast {
	if expr == nil {
		return nil
	}
	var found *pgast.TypeCast
	pgast.Walk(expr.Node, func(n any) bool {
		cast, ok := n.(*pgast.TypeCast)
		if !ok || found != nil {
			return true
		}
		call := cast.GetArg().GetFuncCall()
		if call != nil && functionName(call) == "current_setting" && len(call.Args) == 2 && refusesEmpty[typeName(cast)] {
			found = cast
		}
		return true
	})
	return found
}

// refusesEmpty are the types that the empty text is no value of.
var refusesEmpty = map[string]bool{
	"uuid": true, "int2": true, "int4": true, "int8": true, "numeric": true, "bool": true, "json": true, "jsonb": true,
}

func typeName(cast *pgast.TypeCast) string {
	names := cast.GetTypeName().GetNames()
	if len(names) == 0 {
		return ""
	}
	return names[len(names)-1].GetString_().GetSval()
}
