package schemacheck

import (
	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
)

var _ = register("partition-exposed", checkPartitionExposed)

// checkPartitionExposed looks for partitions and inheritance children that are reached by their own
// name: the policies of the table named in the query apply, and a part has none of its parent's
// (measured on PostgreSQL 15 to 18).
func checkPartitionExposed(p *pass) {
	for t := range p.owned() {
		r := t.Relation
		if r.RowSecurity || len(r.Policies) > 0 || !isPart(r) || !p.reaches(r) {
			continue
		}
		parent := p.protectedParent(r)
		if parent == nil {
			continue
		}
		f := finding.New("partition-exposed", r.Origin, object(r),
			"%s has no row-level security of its own: who names it instead of %s reaches the rows of every tenant", object(r), object(parent))
		if p.assumedOnly(r) {
			f.Severity = finding.Warning
			f.Evidence = []string{"no GRANT is known: a part that nobody is granted is safe"}
		}
		f.Fix = &finding.Fix{
			Message: "revoke the application's privileges, which it does not need to use the parent, or enable row-level security on the part too",
			Code:    p.enableRLS(t),
		}
		p.unless(f, r)
	}
}

// protectedParent returns the nearest ancestor of a part that has row-level security, or nil.
func (p *pass) protectedParent(r *pgschema.Relation) *pgschema.Relation {
	for _, parent := range p.parents(r) {
		if parent.RowSecurity {
			return parent
		}
	}
	return nil
}

// assumedOnly reports whether only sessions whose privileges are not known reach a relation.
func (p *pass) assumedOnly(r *pgschema.Relation) bool {
	for _, s := range p.sessions {
		if s.assumed {
			continue
		}
		for _, privilege := range dml {
			if p.may(s, r, privilege) {
				return false
			}
		}
	}
	return true
}
