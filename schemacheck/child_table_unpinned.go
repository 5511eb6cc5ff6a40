package schemacheck

import (
	"fmt"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema/classify"
)

var _ = register("child-table-unpinned", checkChildTableUnpinned)

// checkChildTableUnpinned looks for tables without a tenant column whose rows belong to rows of a table that
// row-level security protects, and that are not confined by them: without row-level security of their own,
// or under a policy that does not look the parent's row up.
func checkChildTableUnpinned(p *pass) {
	for t := range p.owned() {
		for l := range p.leaksNamed(t, "child-table-unpinned") {
			f := l.finding(p, "policy %s of %s lets %s %s rows of other tenants: %s",
				l.policy.Name, object(t.Relation), l.session, l.verbs(), l.admission.Reason)
			f.Fix.Message = "tie each row to its row of " + object(t.Parent.Relation)
			p.report(f)
		}
		if p.isOpen(t) && p.unprotectedChild(t) {
			p.unless(p.openChild(t), t.Relation)
		}
	}
}

// unprotectedChild reports whether a table without row-level security is the child of one that has it.
func (p *pass) unprotectedChild(t *classify.Table) bool {
	return t.Class == classify.Child && t.Parent.Relation.RowSecurity
}

func (p *pass) openChild(t *classify.Table) finding.Finding {
	r, parent := t.Relation, t.Parent.Relation
	f := finding.New("child-table-unpinned", r.Origin, object(r),
		"%s has no row-level security, though %s, which its rows belong to, has: a statement on it reaches the rows of every tenant",
		object(r), object(parent))
	f.Evidence = []string{fmt.Sprintf("the policies of %s apply only to statements that name it", object(parent))}
	f.Related = []finding.Related{{Position: parent.RowSecurityOrigin, Message: "row-level security of " + object(parent)}}
	f.Fix = &finding.Fix{Message: "enable and force row-level security with a policy that looks the parent's row up", Code: p.enableRLS(t)}
	return f
}
