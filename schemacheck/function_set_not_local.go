package schemacheck

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
	"github.com/tenantvet/tenantvet/tenancy"
)

var _ = register("function-set-not-local", checkFunctionSetNotLocal)

// checkFunctionSetNotLocal looks for functions that set the tenant, or the search path of a tenant's
// schema, for the session instead of the transaction: on a pooled connection the next request begins
// with it.
func checkFunctionSetNotLocal(p *pass) {
	for f, s := range p.callable() {
		if !mentions(f, "set") {
			continue
		}
		for _, stmt := range p.routine(f).statements {
			setting := p.setsForSession(stmt.Node)
			if setting == "" {
				continue
			}
			g := finding.New("function-set-not-local", f.Origin, functionObject(f),
				"function %s sets %s for the session: on a pooled connection the next request of %s begins with this one's tenant", functionObject(f), setting, s)
			g.Related = []finding.Related{{Position: stmt.Position(0), Message: strings.TrimSpace(stmt.Text())}}
			g.Fix = &finding.Fix{Message: fmt.Sprintf("set it for the transaction: set_config('%s', …, true)", setting)}
			p.report(g)
			break
		}
	}
}

// setsForSession returns the tenant setting that a statement sets beyond the transaction, or "".
func (p *pass) setsForSession(node *pgast.Node) string {
	found := ""
	pgast.Walk(node, func(n any) bool {
		switch n := n.(type) {
		case *pgast.VariableSetStmt:
			if !n.IsLocal && n.Kind == pgast.VariableSetKind_VAR_SET_VALUE && p.carriesTenant(n.Name) {
				found = n.Name
			}
		case *pgast.FuncCall:
			args := n.GetArgs()
			if len(args) != 3 || n.Funcname[len(n.Funcname)-1].GetString_().GetSval() != "set_config" {
				return true
			}
			name, value := args[0].GetAConst().GetSval().GetSval(), args[1].GetAConst()
			if isFalse(args[2]) && p.carriesTenant(name) && (value == nil || value.GetSval().GetSval() != "") {
				found = name
			}
		}
		return true
	})
	return found
}

// carriesTenant reports whether a setting says which tenant a session works for.
func (p *pass) carriesTenant(setting string) bool {
	if strings.EqualFold(setting, "search_path") {
		return p.model.Pattern == tenancy.SchemaPerTenant || len(p.classes.TenantSchemas(p.schema, p.model)) > 0
	}
	return p.model.IsTenantSetting(setting) || slices.Contains(p.model.Settings, setting)
}

func isFalse(node *pgast.Node) bool {
	if cast := node.GetTypeCast(); cast != nil {
		node = cast.Arg
	}
	c := node.GetAConst()
	if c == nil {
		return false
	}
	if b, ok := c.GetVal().(*pgast.A_Const_Boolval); ok {
		return !b.Boolval.GetBoolval()
	}
	return slices.Contains([]string{"f", "false", "off", "no", "0"}, strings.ToLower(c.GetSval().GetSval()))
}
