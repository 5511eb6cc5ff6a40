package schemacheck

import (
	"fmt"
	"slices"

	"github.com/tenantvet/tenantvet/finding"
)

var _ = register("index-tenant-only", checkIndexTenantOnly)

// checkIndexTenantOnly looks for indexes on nothing but the tenant, where no composite index begins with it
// either: beside one, the index is index-redundant-prefix's.
func checkIndexTenantOnly(p *pass) {
	for t := range p.owned() {
		r := t.Relation
		if !indexable(t) {
			continue
		}
		for i, index := range r.Indexes {
			if index.Unique || index.Where != nil || !slices.Equal(index.Columns, []string{t.Column}) || widerIndex(r, i) != nil {
				continue
			}
			f := finding.New("index-tenant-only", index.Origin, object(r)+"."+index.Name,
				"index %s of %s holds the tenant alone: a large tenant's rows are all read and then filtered or sorted", index.Name, object(r))
			f.Fix = &finding.Fix{Message: fmt.Sprintf("replace it by an index on (%s, …) with the column that queries filter or sort by", t.Column)}
			p.report(f)
		}
	}
}
