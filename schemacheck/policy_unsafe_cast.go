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
				if cast := p.unsafeCast(expr); cast != nil {
					p.report(p.raises(t.Relation, policy, expr, cast))
					break
				}
			}
		}
	}
}

func (p *pass) raises(r *pgschema.Relation, policy *pgschema.Policy, expr *pgschema.Expr, cast *emptyCast) finding.Finding {
	f := finding.New("policy-unsafe-cast", expr.At(cast.location), object(r),
		"policy %s of %s casts setting %s to %s%s: without a tenant a new connection sees no row, and one that was used before raises an error, because the setting is '' there",
		policy.Name, object(r), cast.setting, cast.sqlType, cast.where())
	if !f.IsValid() || cast.function != nil {
		f.Position = policy.Origin
	}
	f.Fix = &finding.Fix{Message: fmt.Sprintf("say nullif(current_setting(%s, true), '')::%s", literal(cast.setting), cast.sqlType)}
	if cast.function != nil {
		f.Related = []finding.Related{{Position: cast.function.Origin, Message: "the function that casts"}}
	}
	return f
}

// emptyCast is a cast of a setting for which the empty text is no value.
type emptyCast struct {
	setting, sqlType string
	location         int32
	// function is the one that a policy calls and that casts; nil where the policy itself does.
	function *pgschema.Function
}

func (c *emptyCast) where() string {
	if c.function == nil {
		return ""
	}
	return " in " + functionObject(c.function)
}

// unsafeCast returns the first cast of current_setting(…, true), in an expression or a function that it calls, for
// which the empty text is no value, or nil.
func (p *pass) unsafeCast(expr *pgschema.Expr) *emptyCast {
	if expr == nil {
		return nil
	}
	var found *emptyCast
	pgast.Walk(expr.Node, func(n any) bool {
		if found == nil {
			found = castsEmpty(n)
		}
		call, ok := n.(*pgast.FuncCall)
		if found != nil || !ok {
			return found == nil
		}
		for _, f := range p.called(call) {
			pgast.Walk(p.body(f), func(n any) bool {
				if cast := castsEmpty(n); cast != nil && found == nil {
					found, cast.function = cast, f
				}
				return found == nil
			})
		}
		return found == nil
	})
	return found
}

// castsEmpty returns what a node casts to a type that has no empty text, if it is a setting which may be empty.
func castsEmpty(n any) *emptyCast {
	cast, ok := n.(*pgast.TypeCast)
	if !ok || !refusesEmpty[typeName(cast)] {
		return nil
	}
	call := maybeEmpty(cast.Arg)
	if call == nil {
		return nil
	}
	return &emptyCast{setting: constantOf(call.Args[0]).GetSval().GetSval(), sqlType: typeName(cast), location: call.Location}
}

// maybeEmpty returns the call of current_setting(…, true) whose value, as it is or with blanks and NULL replaced, an
// expression is; nil for any other, such as NULLIF.
func maybeEmpty(n *pgast.Node) *pgast.FuncCall {
	if cast := n.GetTypeCast(); cast != nil {
		return maybeEmpty(cast.Arg)
	}
	if c := n.GetCoalesceExpr(); c != nil {
		return maybeEmpty(c.Args[0])
	}
	call := n.GetFuncCall()
	switch {
	case call == nil:
		return nil
	case functionName(call) == "current_setting" && len(call.Args) == 2:
		return call
	case len(call.Args) == 1 && (functionName(call) == "btrim" || functionName(call) == "lower"):
		return maybeEmpty(call.Args[0])
	}
	return nil
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
