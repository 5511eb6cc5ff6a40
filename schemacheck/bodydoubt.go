package schemacheck

import (
	"cmp"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
	"github.com/tenantvet/tenantvet/sqlcheck"
)

// doubt returns why the statements of a body say less than the body does, or "": it reads by text, changes who may do
// what, or is not in the tenant that the session is.
func (p *pass) doubt(r *routine) string {
	elsewhere := ownTenant(r.function)
	if r.by != nil {
		elsewhere = cmp.Or(ownTenant(r.by), elsewhere)
	}
	for _, stmt := range r.statements {
		switch name := readerByText(stmt.Node); {
		case name != "":
			return "calls " + name + ", which reads what a text names"
		case readsStatistics(stmt.Node):
			return "reads statistics, which hold values of every tenant's rows"
		case opensUp(stmt.Node):
			return "changes who may reach which rows"
		case elsewhere != "" && len(sqlcheck.Analyze(p.database(), stmt).References) > 0:
			return "reads tables " + elsewhere
		}
		if elsewhere == "" && p.entersTenant(stmt.Node) {
			elsewhere = "after it has set the tenant itself"
		}
	}
	return ""
}

// checkOwnTenant leaves functions undecided that run with a tenant of their own, whatever the session's is.
func (p *pass) checkOwnTenant() {
	for f, s := range p.callable() {
		if f.SecurityDefiner || ownTenant(f) == "" || !s.known() {
			continue
		}
		if why := p.doubt(p.routine(f)); why != "" {
			p.undecided(f.Origin, functionObject(f), "function-body", "function "+functionObject(f)+" "+why)
		}
	}
}

// ownTenant says that a function has a custom setting of its own (CREATE FUNCTION, SET), or "".
func ownTenant(f *pgschema.Function) string {
	for name := range f.Settings {
		if strings.Contains(name, ".") {
			return "with " + name + " set for itself"
		}
	}
	return ""
}

// entersTenant reports whether a statement sets a custom setting that may be the tenant's.
func (p *pass) entersTenant(node *pgast.Node) bool {
	mayBe := func(setting string) bool { return setting == "" || p.model.IsTenantSetting(setting) }
	found := false
	pgast.Walk(node, func(n any) bool {
		switch n := n.(type) {
		case *pgast.FuncCall:
			found = found || functionName(n) == resetting && len(n.Args) > 0 && mayBe(constantOf(n.Args[0]).GetSval().GetSval())
		case *pgast.VariableSetStmt:
			found = found || p.model.IsTenantSetting(n.Name)
		}
		return !found
	})
	return found
}

// readerByText returns a function that a statement calls and that reads what its argument names, or "".
func readerByText(node *pgast.Node) string {
	found := ""
	pgast.Walk(node, func(n any) bool {
		if call, ok := n.(*pgast.FuncCall); ok && sqlcheck.ReadsByText(functionName(call)) {
			found = functionName(call)
		}
		return found == ""
	})
	return found
}

// readsStatistics reports whether a statement reads the planner's statistics, which who owns a table sees in full
// (manual, 54.27).
func readsStatistics(node *pgast.Node) bool {
	found := false
	pgast.Walk(node, func(n any) bool {
		table, ok := n.(*pgast.RangeVar)
		found = found || ok && slices.Contains(statistics, table.Relname)
		return !found
	})
	return found
}

var statistics = []string{"pg_stats", "pg_stats_ext", "pg_stats_ext_exprs", "pg_statistic", "pg_statistic_ext_data"}

// opensUp reports whether a statement changes privileges, owners, roles, policies or row-level security.
func opensUp(node *pgast.Node) bool {
	switch n := node.GetNode().(type) {
	case *pgast.Node_GrantStmt:
		return n.GrantStmt.IsGrant
	case *pgast.Node_GrantRoleStmt:
		return n.GrantRoleStmt.IsGrant
	case *pgast.Node_AlterRoleStmt, *pgast.Node_AlterOwnerStmt, *pgast.Node_CreatePolicyStmt, *pgast.Node_AlterPolicyStmt:
		return true
	case *pgast.Node_DropStmt:
		return n.DropStmt.RemoveType == pgast.ObjectType_OBJECT_POLICY
	case *pgast.Node_AlterTableStmt:
		return slices.ContainsFunc(n.AlterTableStmt.Cmds, func(cmd *pgast.Node) bool {
			return slices.Contains(opening, cmd.GetAlterTableCmd().GetSubtype())
		})
	}
	return false
}

// opening are the forms of ALTER TABLE that let a role around policies.
var opening = []pgast.AlterTableType{
	pgast.AlterTableType_AT_DisableRowSecurity, pgast.AlterTableType_AT_NoForceRowSecurity, pgast.AlterTableType_AT_ChangeOwner,
}
