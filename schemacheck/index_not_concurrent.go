package schemacheck

import (
	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
)

var _ = register("index-not-concurrent", checkIndexNotConcurrent)

// checkIndexNotConcurrent looks for indexes that a migration built on a table with rows of tenants without
// CONCURRENTLY, which lets no tenant write until it is done (PostgreSQL manual, CREATE INDEX). A table of
// the same file has no rows yet; a partitioned table knows no concurrent build.
func checkIndexNotConcurrent(p *pass) {
	for t := range p.owned() {
		r := t.Relation
		if isPart(r) || r.Kind != pgschema.Table {
			continue
		}
		for _, index := range r.Indexes {
			if index.Concurrently || index.Constraint != "" || !index.Origin.IsValid() || index.Origin.File == r.Origin.File {
				continue
			}
			f := finding.New("index-not-concurrent", index.Origin, object(r)+"."+index.Name,
				"index %s is built on %s, which an earlier migration made, without CONCURRENTLY: no tenant can write to it until the index is done",
				index.Name, object(r))
			f.Related = []finding.Related{{Position: r.Origin, Message: object(r) + " is made here"}}
			f.Fix = &finding.Fix{Message: "CREATE INDEX CONCURRENTLY, alone in a migration that runs outside a transaction"}
			p.report(f)
		}
	}
}
