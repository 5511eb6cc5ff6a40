package schemacheck

import (
	"fmt"
	"slices"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
)

var _ = register("index-tenant-only", checkIndexTenantOnly)

// checkIndexTenantOnly looks for indexes on nothing but the tenant: a composite index that begins
// with it serves the same queries.
func checkIndexTenantOnly(p *pass) {
	for t := range p.owned() {
		r := t.Relation
		if !indexable(t) {
			continue
		}
		for _, index := range r.Indexes {
			if index.Unique || index.Where != nil || !slices.Equal(index.Columns, []string{t.Column}) {
				continue
			}
			f := finding.New("index-tenant-only", index.Origin, object(r)+"."+index.Name,
				"index %s of %s holds the tenant alone: a large tenant's rows are all read and then filtered or sorted", index.Name, object(r))
			if wider := widerIndex(r, index, t.Column); wider != nil {
				f.Message = fmt.Sprintf("index %s of %s is superfluous: %s begins with %s too", index.Name, object(r), wider.Name, t.Column)
				f.Related = []finding.Related{{Position: wider.Origin, Message: wider.Name}}
				f.Fix = &finding.Fix{Message: "drop it", Code: dropIndex(r, index)}
			} else {
				f.Fix = &finding.Fix{Message: fmt.Sprintf("replace it by an index on (%s, …) with the column that queries filter or sort by", t.Column)}
			}
			p.report(f)
		}
	}
}

// widerIndex returns another complete btree that begins with the column, or nil.
func widerIndex(r *pgschema.Relation, index *pgschema.Index, column string) *pgschema.Index {
	for _, other := range r.Indexes {
		if other != index && other.Method == "btree" && other.Where == nil && !other.Invalid && len(other.Columns) > 1 && other.Columns[0] == column {
			return other
		}
	}
	return nil
}
