// Package fleet audits many databases together: each as livecheck does, and beside that what only shows
// between them, which is schemas that drift, migrations that did not reach all, and tenants in the
// wrong place.
package fleet

import (
	"maps"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/livecheck"
	"github.com/tenantvet/tenantvet/pgschema/drift"
	"github.com/tenantvet/tenantvet/schemacheck"
)

// Fleet is what was learned about the databases of a fleet, or of a shard of it. Written as JSON it holds
// all that Merge and Conclude need.
type Fleet struct {
	// Shard is the part of the fleet that was audited, such as "2/3"; empty for all of it.
	Shard string `json:"shard,omitempty"`
	// Databases are in order of name.
	Databases []*Database `json:"databases"`
	// Drift holds the schema of each database and of each tenant's schema.
	Drift *drift.Set `json:"drift"`
	// Versions are the migrations of each database, and of each tenant's schema that has its own.
	Versions []Version `json:"versions,omitempty"`
	// Histories are the migrations that were applied, by the digest of a Version.
	Histories map[string][]string `json:"histories,omitempty"`
	// Placements are the tenants whose rows are where the routing does not put them.
	Placements []Placement `json:"placements,omitempty"`
	// Whole is what concerns no single database, such as the routing table.
	Whole finding.Result `json:"whole"`
}

// Database is one database of a fleet.
type Database struct {
	// Name is that of the fleet file, or host[:port]/dbname.
	Name string `json:"name"`
	// Unreachable says why there is no audit; empty when there is one.
	Unreachable string           `json:"unreachable,omitempty"`
	Audit       *livecheck.Audit `json:"audit,omitempty"`
	// Result and Matrix are those of the audit.
	Result finding.Result      `json:"result"`
	Matrix *schemacheck.Matrix `json:"matrix,omitempty"`
	// Tables and TenantTables count what was looked at.
	Tables       int `json:"tables"`
	TenantTables int `json:"tenant_tables"`
}

// Placement is a tenant with rows in a database that the routing does not give it.
type Placement struct {
	Tenant   string `json:"tenant"`
	Database string `json:"database"`
	// Routed are the databases that the tenant should be in; empty for a tenant that the routing does not know.
	Routed []string `json:"routed,omitempty"`
	// Tables are those with rows of the tenant; the tenant's own schema is "schema name".
	Tables []string `json:"tables"`
	// Alone says that the routing gives the database to one other tenant alone.
	Alone bool `json:"alone,omitempty"`
}

// Merge puts the shards of a fleet together; the outcome is that of one run over all of it.
func Merge(shards ...*Fleet) *Fleet {
	all := &Fleet{Drift: &drift.Set{}, Histories: map[string][]string{}}
	sets := []*drift.Set{}
	for _, s := range shards {
		all.Databases = append(all.Databases, s.Databases...)
		all.Versions = append(all.Versions, s.Versions...)
		all.Placements = append(all.Placements, s.Placements...)
		all.Whole.Add(s.Whole)
		maps.Copy(all.Histories, s.Histories)
		sets = append(sets, s.Drift)
	}
	all.Drift = drift.Merge(sets...)
	all.sort()
	return all
}

// sort brings everything into an order that does not depend on which database answered first, nor on
// which shard it was in.
func (f *Fleet) sort() {
	slices.SortStableFunc(f.Databases, func(a, b *Database) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(f.Versions, Version.compare)
	slices.SortFunc(f.Placements, Placement.compare)
	f.Whole.Sort()
}

func (p Placement) compare(q Placement) int {
	if n := strings.Compare(p.Database, q.Database); n != 0 {
		return n
	}
	return strings.Compare(p.Tenant, q.Tenant)
}

// Audits returns the audits of the databases that could be reached.
func (f *Fleet) Audits() []*livecheck.Audit {
	var audits []*livecheck.Audit
	for _, db := range f.Databases {
		if db.Audit != nil {
			db.Audit.Result, db.Audit.Matrix = db.Result, db.Matrix
			audits = append(audits, db.Audit)
		}
	}
	return audits
}
