package schemacheck

import (
	"fmt"
	"slices"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/classify"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
	"github.com/tenantvet/tenantvet/sqlcheck"
)

var _ = register("migration-blind-dml", checkMigrationBlindDML)

// checkMigrationBlindDML looks for backfills under a policy that needs the tenant, while none is set: the
// policy hides every row from the owner too once it is forced (PostgreSQL manual, 5.9).
func checkMigrationBlindDML(p *pass) {
	set := p.tenantSetFrom()
	for _, e := range p.schema.Events {
		if start, ok := set[e.Stmt.Source]; ok && start <= e.Stmt.Start {
			continue
		}
		switch e.Kind {
		case "UpdateStmt":
			p.blind(e, p.schema.Relations[e.Object], "update", "UPDATE of %s")
		case "DeleteStmt":
			p.blind(e, p.schema.Relations[e.Object], "delete", "DELETE from %s")
		case "MergeStmt":
			if !inserts(e.Stmt.Node.GetMergeStmt()) {
				p.blind(e, p.schema.Relations[e.Object], "update", "MERGE into %s")
			}
		case "InsertStmt":
			for _, from := range e.Stmt.Node.GetInsertStmt().GetSelectStmt().GetSelectStmt().GetFromClause() {
				if r := p.mustJoin(from); r != nil {
					p.blind(e, r, "select", "INSERT of rows selected from %s")
					break
				}
			}
		}
	}
}

// inserts reports whether a MERGE writes new rows, which the policies refuse aloud. One inside PL/pgSQL is not
// looked into.
func inserts(n *pgast.MergeStmt) bool {
	return n == nil || slices.ContainsFunc(n.MergeWhenClauses, func(when *pgast.Node) bool {
		return when.GetMergeWhenClause().GetCommandType() == pgast.CmdType_CMD_INSERT
	})
}

// tenantSetFrom returns, by file, where the tenant is set first.
func (p *pass) tenantSetFrom() map[*pgast.Source]int {
	set := map[*pgast.Source]int{}
	for _, e := range p.schema.Events {
		if _, ok := set[e.Stmt.Source]; !ok && e.Kind == "VariableSetStmt" && p.model.IsTenantSetting(e.Detail) {
			set[e.Stmt.Source] = e.Stmt.Start
		}
	}
	return set
}

// mustJoin returns a tenant table of a FROM item without whose rows the item has none, or nil.
func (p *pass) mustJoin(from *pgast.Node) *pgschema.Relation {
	if v := from.GetRangeVar(); v != nil {
		if t := p.classes.Get(p.schema.Lookup(v.Schemaname, v.Relname)); t != nil && isOwned(t) {
			return t.Relation
		}
		return nil
	}
	join := from.GetJoinExpr()
	switch join.GetJointype() {
	case pgast.JoinType_JOIN_INNER:
		if r := p.mustJoin(join.GetLarg()); r != nil {
			return r
		}
		return p.mustJoin(join.GetRarg())
	case pgast.JoinType_JOIN_LEFT:
		return p.mustJoin(join.GetLarg())
	case pgast.JoinType_JOIN_RIGHT:
		return p.mustJoin(join.GetRarg())
	}
	return nil
}

func isOwned(t *classify.Table) bool {
	return t.Class == classify.Tenant || t.Class == classify.Child || t.Class == classify.Registry
}

// blind reports a statement that finds no row of a table, as its policies compare the tenant to NULL.
func (p *pass) blind(e pgschema.Event, r *pgschema.Relation, command, what string) {
	if t := p.classes.Get(r); t == nil || !isOwned(t) || p.roles.exempt(e.Role) != "" {
		return
	}
	enabled, forced := p.rowSecurityAt(r, e.Stmt)
	owner := e.Role == "" || p.roles.owns(e.Role, r)
	if !enabled || owner && !forced {
		return
	}
	a := p.policies(session{role: e.Role}, r, command, using)
	if a.verdict != sqlcheck.Pinned || a.expr != nil && refusesUnset(a.expr.Node) {
		return
	}
	f := finding.New("migration-blind-dml", e.Stmt.Position(0), object(r),
		what+" under row-level security without a tenant: it finds no row, changes nothing and reports success", object(r))
	if forced && owner {
		f.Evidence = append(f.Evidence, "row-level security is forced at this point, so it binds the owner too")
	}
	if a.policy != nil {
		f.Evidence = append(f.Evidence, fmt.Sprintf("policy %s compares with a tenant that is NULL until it is set", a.policy.Name))
	} else {
		f.Evidence = append(f.Evidence, "no policy admits a row to the role that runs it")
	}
	if p.schema.Roles[e.Role] == nil {
		f.Severity = finding.Info
		f.Evidence = append(f.Evidence, "unless the role that runs migrations is a superuser or has BYPASSRLS")
	}
	f.Fix = &finding.Fix{Message: "run it as a role with BYPASSRLS, or set the tenant for each tenant in turn, or take FORCE back before it and force again after it in the same transaction"}
	p.report(f)
}

// refusesUnset reports whether an expression raises an error while no setting is set: current_setting with
// one argument. The statement then fails for all to see.
func refusesUnset(node *pgast.Node) bool {
	refuses := false
	pgast.Walk(node, func(n any) bool {
		if call, ok := n.(*pgast.FuncCall); ok && len(call.Args) == 1 {
			name := call.Funcname[len(call.Funcname)-1].GetString_().GetSval()
			refuses = refuses || name == "current_setting"
		}
		return true
	})
	return refuses
}
