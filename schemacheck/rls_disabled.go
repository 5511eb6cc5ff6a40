package schemacheck

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/classify"
)

var _ = register("rls-disabled", checkRLSDisabled)

// checkRLSDisabled looks for tables with rows of tenants that an application role reaches without
// row-level security. Partitions and inheritance children of protected tables are
// partition-exposed's, tables that have policies policy-without-rls's, children of protected tables
// child-table-unpinned's.
func checkRLSDisabled(p *pass) {
	var open []*classify.Table
	for t := range p.owned() {
		if p.isOpen(t) && !p.unprotectedChild(t) {
			open = append(open, t)
		}
	}
	if len(open) == 0 {
		return
	}
	if !p.relyOnRLS() {
		if p.model.IsInferred("enforcement") {
			p.report(p.predicatesAlone(open))
		}
		return
	}
	for _, t := range open {
		p.unless(p.withoutRLS(t), t.Relation)
	}
}

// isOpen reports whether nothing but the text of statements keeps the tenants of a table apart.
func (p *pass) isOpen(t *classify.Table) bool {
	r := t.Relation
	return !r.RowSecurity && len(r.Policies) == 0 && p.reaches(r) && !p.toldByParent(r)
}

// toldByParent reports whether the finding about a part is its parent's or partition-exposed's.
func (p *pass) toldByParent(r *pgschema.Relation) bool {
	for _, parent := range p.parents(r) {
		if parent.RowSecurity || p.reaches(parent) {
			return true
		}
	}
	return false
}

// predicatesAlone is the one finding about a schema that has no row-level security at all.
func (p *pass) predicatesAlone(open []*classify.Table) finding.Finding {
	names := make([]string, len(open))
	first := open[0]
	for i, t := range open {
		names[i] = object(t.Relation)
		if t.Relation.Origin.Compare(first.Relation.Origin) < 0 {
			first = t
		}
	}
	f := finding.New("rls-disabled", first.Relation.Origin, "",
		"no table has row-level security, so each statement must name the tenant by itself: one that forgets reaches the rows of every tenant")
	f.Severity = finding.Info
	f.Evidence = []string{fmt.Sprintf("%d tables hold rows of tenants: %s", len(names), strings.Join(names, ", "))}
	f.Fix = &finding.Fix{
		Message: "write `enforcement: predicate` into .tenantvet.yml to state that choice, or `enforcement: rls` to be shown what each table needs",
	}
	return f
}

func (p *pass) withoutRLS(t *classify.Table) finding.Finding {
	r := t.Relation
	at, how := r.Origin, "created without ENABLE ROW LEVEL SECURITY"
	if r.RowSecurityOrigin.IsValid() {
		at, how = r.RowSecurityOrigin, "row-level security was switched off"
	}
	f := finding.New("rls-disabled", at, object(r),
		"%s has no row-level security: a statement without a tenant predicate reaches the rows of every tenant", object(r))
	f.Evidence = []string{t.Class.String() + " table: " + t.Reason, how}
	if t.Class == classify.Registry {
		f.Severity = finding.Warning
		f.Message = fmt.Sprintf("%s has no row-level security: each tenant can read the list of all tenants", object(r))
		if slices.ContainsFunc(p.sessions, func(s session) bool { return !s.assumed && (p.may(s, r, "update") || p.may(s, r, "delete")) }) {
			f.Severity = finding.Error
			f.Message = fmt.Sprintf("%s has no row-level security: each tenant can change what the list of all tenants says of others", object(r))
		}
	}
	f.Fix = &finding.Fix{Message: "enable and force row-level security with a policy on the tenant", Code: p.enableRLS(t)}
	return f
}
