package schemacheck

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/classify"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
	"github.com/tenantvet/tenantvet/sqlcheck"
)

var _ = register("tenant-column-mutable", checkTenantColumnMutable)

// checkTenantColumnMutable looks for tenant columns that an UPDATE may change, so that a row goes over to another
// tenant. A policy that confines new rows to the session's tenant prevents it; one that confines them to all
// tenants of the user does not. Without row-level security it is one hint about the schema.
func checkTenantColumnMutable(p *pass) {
	var unguarded []*classify.Table
	for t := range p.owned() {
		column := t.Relation.Column(t.Column)
		if t.Class != classify.Tenant || isPart(t.Relation) || column == nil || column.Generated != nil {
			continue
		}
		s, ok := p.mover(t)
		switch {
		case !ok:
		case !p.relyOnRLS():
			unguarded = append(unguarded, t)
		case p.bound(s, t.Relation):
			if a := p.policies(s, t.Relation, "update", withCheck); a.verdict == sqlcheck.Pinned && p.admitsSeveral(a.expr) {
				p.report(movable(t, s, a))
			}
		}
	}
	if len(unguarded) > 0 {
		p.report(movableTables(unguarded))
	}
}

// mover returns a session that may UPDATE the tenant column of a table, where no trigger keeps it.
func (p *pass) mover(t *classify.Table) (session, bool) {
	for _, s := range p.sessions {
		if p.mayColumn(s, t.Relation, t.Column, "update") && !p.stampedThroughout(t.Relation, t.Column, "update") && !p.kept(t.Relation, t.Column) {
			return s, true
		}
	}
	return session{}, false
}

// kept reports whether a trigger compares the old value of a column on UPDATE, to raise an error or to put it
// back.
func (p *pass) kept(r *pgschema.Relation, column string) bool {
	old := "old." + strings.ToLower(column)
	return slices.ContainsFunc(r.Triggers, func(trigger *pgschema.Trigger) bool {
		if trigger.Disabled || !trigger.ForRow || !slices.Contains(trigger.Events, "update") ||
			len(trigger.Columns) > 0 && !slices.Contains(trigger.Columns, column) {
			return false
		}
		return slices.ContainsFunc(p.schema.Functions, func(f *pgschema.Function) bool {
			body := strings.ToLower(f.Body)
			compares := strings.Contains(body, old) || trigger.When != nil && strings.Contains(strings.ToLower(trigger.When.Text), old)
			return f.Name == trigger.Function && compares && (strings.Contains(body, "raise") || strings.Contains(body, "new."+strings.ToLower(column)))
		})
	})
}

// admitsSeveral reports whether an expression confines rows to what a lookup by the session gives and that may be
// several tenants: the column that it is looked up by is no key of the table.
func (p *pass) admitsSeveral(expr *pgschema.Expr) bool {
	if expr == nil {
		return false
	}
	several := false
	pgast.Walk(expr.Node, func(n any) bool {
		switch n := n.(type) {
		case *pgast.SubLink:
			if n.SubLinkType == pgast.SubLinkType_EXPR_SUBLINK {
				return false // more than one row is an error
			}
			several = several || p.looksUpSeveral(n.Subselect)
		case *pgast.FuncCall:
			for _, f := range p.called(n) {
				several = several || strings.HasPrefix(f.Returns, "SETOF") && p.looksUpSeveral(p.body(f))
			}
		}
		return !several
	})
	return several
}

// looksUpSeveral reports whether a SELECT compares a column of a table that is not unique by itself with what
// the session is.
func (p *pass) looksUpSeveral(query *pgast.Node) bool {
	sel := query.GetSelectStmt()
	for _, item := range sel.GetFromClause() {
		table := item.GetRangeVar()
		if table == nil {
			continue
		}
		r := p.schema.Lookup(table.Schemaname, table.Relname)
		if r == nil {
			continue
		}
		for _, column := range p.comparedWithSession(sel.WhereClause) {
			if r.Column(column) != nil && p.isTenantTable(r) && !hasKey(r, []string{column}) {
				return true
			}
		}
	}
	return false
}

func (p *pass) isTenantTable(r *pgschema.Relation) bool {
	t := p.classes.Get(r)
	return t != nil && t.Class == classify.Tenant
}

// comparedWithSession returns the columns that a conjunction equates with what the session is.
func (p *pass) comparedWithSession(where *pgast.Node) []string {
	var columns []string
	if and := where.GetBoolExpr(); and != nil && and.Boolop == pgast.BoolExprType_AND_EXPR {
		for _, arg := range and.Args {
			columns = append(columns, p.comparedWithSession(arg)...)
		}
		return columns
	}
	e := where.GetAExpr()
	if e == nil || len(e.Name) != 1 || e.Name[0].GetString_().GetSval() != "=" {
		return nil
	}
	for _, sides := range [][2]*pgast.Node{{e.Lexpr, e.Rexpr}, {e.Rexpr, e.Lexpr}} {
		if fields := withoutCast(sides[0]).GetColumnRef().GetFields(); len(fields) > 0 && p.isSessionValue(sides[1]) && !p.readsTenant(sides[1]) {
			columns = append(columns, fields[len(fields)-1].GetString_().GetSval())
		}
	}
	return columns
}

func movable(t *classify.Table, s session, a answer) finding.Finding {
	r := t.Relation
	f := finding.New("tenant-column-mutable", a.policy.Origin, object(r)+"."+t.Column,
		"policy %s of %s lets %s move a row from one tenant of its user to another: it confines new rows to all of them", a.policy.Name, object(r), s)
	f.Evidence = []string{a.admission.Reason}
	f.Fix = &finding.Fix{Message: "refuse the change by a trigger, or grant UPDATE on the other columns only", Code: keepTenant(r, t.Column)}
	return f
}

// keepTenant writes a trigger that refuses to change the tenant of a row.
func keepTenant(r *pgschema.Relation, column string) string {
	function := quoteName(pgschema.Name{Schema: r.Schema, Name: "keep_tenant"})
	return fmt.Sprintf(`CREATE OR REPLACE FUNCTION %[1]s() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a row of %% stays with its tenant', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER keep_tenant BEFORE UPDATE OF %[2]s ON %[3]s
    FOR EACH ROW WHEN (OLD.%[2]s IS DISTINCT FROM NEW.%[2]s) EXECUTE FUNCTION %[1]s();`,
		function, quote(column), quoteName(r.Name))
}

// movableTables is the one hint about a schema that relies on predicates.
func movableTables(tables []*classify.Table) finding.Finding {
	first := slices.MinFunc(tables, func(a, b *classify.Table) int { return a.Relation.Origin.Compare(b.Relation.Origin) })
	f := finding.New("tenant-column-mutable", first.Relation.Column(first.Column).Origin, "",
		"nothing in the schema keeps an UPDATE from giving a row to another tenant, in %s", strings.Join(names(tables, 8), ", "))
	f.Fix = &finding.Fix{Message: "refuse it by a trigger BEFORE UPDATE OF the tenant column, or grant UPDATE on the other columns only"}
	return f
}
