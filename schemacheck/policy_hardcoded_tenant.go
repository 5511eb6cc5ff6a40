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

var _ = register("policy-hardcoded-tenant", checkPolicyHardcodedTenant)

// checkPolicyHardcodedTenant looks for one tenant's id in the schema: in a policy, which then shows that
// tenant's rows to every session, in the condition of a view or function that serves the application, and as
// the default of a tenant column.
func checkPolicyHardcodedTenant(p *pass) {
	for t := range p.owned() {
		for l := range p.leaksNamed(t, "policy-hardcoded-tenant") {
			p.report(l.finding(p, "policy %s of %s lets %s %s the rows of one tenant, whose id it names, whichever tenant the session is for",
				l.policy.Name, object(t.Relation), l.session, l.verbs()))
		}
		p.fixedDefault(t)
	}
	p.fixedInViews()
	p.fixedInFunctions()
}

// fixedDefault reports a tenant column that gives rows without a tenant to one tenant.
func (p *pass) fixedDefault(t *classify.Table) {
	column := t.Relation.Column(t.Column)
	if t.Class != classify.Tenant || isPart(t.Relation) || column == nil || column.Default == nil || !hasLiteral(column.Default.Node) ||
		!p.reaches(t.Relation) {
		return
	}
	f := finding.New("policy-hardcoded-tenant", column.Origin, object(t.Relation)+"."+column.Name,
		"tenant column %s of %s is %s by default: a row that is written without a tenant becomes that tenant's", column.Name, object(t.Relation), column.Default.Text)
	f.Severity = finding.Warning
	f.Fix = &finding.Fix{
		Message: "drop the default, so that such a row is refused",
		Code:    fmt.Sprintf("ALTER TABLE %s ALTER COLUMN %s DROP DEFAULT;", quoteName(t.Relation.Name), quote(column.Name)),
	}
	p.report(f)
}

// fixedInViews reports views that the application reads and that show one tenant's rows.
func (p *pass) fixedInViews() {
	for view, s := range p.readable(pgschema.View) {
		if !p.fixedTenant(view.Query.Node) || p.readsAround(view, s) {
			continue
		}
		f := finding.New("policy-hardcoded-tenant", view.Origin, object(view),
			"view %s shows %s the rows of one tenant, whose id it names, whichever tenant the session is for", object(view), s)
		f.Severity = finding.Warning
		f.Fix = &finding.Fix{Message: "compare the tenant column with the session's tenant, or keep the view from the application's role"}
		p.report(f)
	}
}

// fixedInFunctions reports functions that the application calls and that work on one tenant's rows.
func (p *pass) fixedInFunctions() {
	for f := range p.callable() {
		if f.SecurityDefiner || !p.mentionsTenant(f) {
			continue // a definer is function-bypasses-rls's
		}
		for _, stmt := range p.routine(f).statements {
			if !p.fixedTenant(stmt.Node) {
				continue
			}
			g := finding.New("policy-hardcoded-tenant", stmt.Position(0), functionObject(f),
				"function %s names one tenant by its id: it works on that tenant's rows, whichever tenant the session is for", functionObject(f))
			g.Severity = finding.Warning
			g.Fix = &finding.Fix{Message: "take the tenant from the session or from an argument"}
			p.report(g)
			break
		}
	}
}

// readsAround reports whether a view reads rows that row-level security hides from a session: then it is
// view-bypasses-rls's.
func (p *pass) readsAround(view *pgschema.Relation, s session) bool {
	return p.relyOnRLS() && slices.ContainsFunc(p.analyze(view).References, func(ref *sqlcheck.Reference) bool {
		return !p.confined(p.reader(view, ref, s), ref.Relation, "select") && !p.readsAll(s, ref.Relation)
	})
}

// fixedTenant reports whether a statement compares a tenant column with a literal.
func (p *pass) fixedTenant(stmt *pgast.Node) bool {
	found := false
	pgast.Walk(stmt, func(n any) bool {
		e, ok := n.(*pgast.A_Expr)
		found = found || ok && p.namesFixedTenant(nil, &pgast.Node{Node: &pgast.Node_AExpr{AExpr: e}})
		return !found
	})
	return found
}
