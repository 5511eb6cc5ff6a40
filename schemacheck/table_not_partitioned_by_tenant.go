package schemacheck

import (
	"slices"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/classify"
)

var _ = register("table-not-partitioned-by-tenant", checkTableNotPartitionedByTenant)

// checkTableNotPartitionedByTenant looks, where some tables are partitioned by tenant, for those that take half
// of the use away: tables that refer to them and are not partitioned, and tables divided by something that no
// query for one tenant names. Partitions by time are left alone.
func checkTableNotPartitionedByTenant(p *pass) {
	divided := p.partitionedTables()
	if len(divided) == 0 {
		return
	}
	for t := range p.owned() {
		r := t.Relation
		if t.Class == classify.Registry || isPart(r) || slices.Contains(divided, r) {
			continue
		}
		to, key := referred(divided, r)
		switch {
		case r.Kind == pgschema.Table && to != nil:
			f := finding.New("table-not-partitioned-by-tenant", r.Origin, object(r),
				"%s refers to %s, which is partitioned by tenant, and is not: the partition of a tenant cannot be detached while rows here refer to it, and joins do not go partition by partition",
				object(r), object(to))
			f.Related = []finding.Related{{Position: key.Origin, Message: key.Name}, {Position: to.Origin, Message: object(to) + " is partitioned by tenant here"}}
			f.Fix = &finding.Fix{Message: "divide it as " + object(to) + " is; a table becomes a partitioned one by a new table that takes its rows over in batches"}
			p.report(f)
		case r.PartitionStrategy == "hash" || r.PartitionStrategy == "list":
			f := finding.New("table-not-partitioned-by-tenant", r.Origin, object(r),
				"%s is divided by %s, and %s by tenant: a query for one tenant reads every partition here", object(r), joinAnd(r.PartitionKey), object(divided[0]))
			f.Related = []finding.Related{{Position: divided[0].Origin, Message: object(divided[0]) + " is partitioned by tenant here"}}
			f.Fix = &finding.Fix{Message: "divide it by the tenant, as the other is"}
			p.report(f)
		}
	}
}

// partitionedTables returns the tables that are partitioned by tenant, at any level.
func (p *pass) partitionedTables() []*pgschema.Relation {
	var divided []*pgschema.Relation
	for t := range p.owned() {
		r := t.Relation
		if !slices.ContainsFunc(r.PartitionKey, func(column string) bool { return p.isTenantColumn(t, column) }) {
			continue
		}
		for r.PartitionOf != nil && p.schema.Relations[*r.PartitionOf] != nil {
			r = p.schema.Relations[*r.PartitionOf]
		}
		if !slices.Contains(divided, r) {
			divided = append(divided, r)
		}
	}
	return divided
}

// referred returns the first of some tables that a table refers to, with the foreign key, or nil.
func referred(tables []*pgschema.Relation, r *pgschema.Relation) (*pgschema.Relation, *pgschema.Constraint) {
	for _, to := range tables {
		for _, c := range r.Constraints {
			if c.Kind == pgschema.ForeignKey && c.RefTable == to.Name {
				return to, c
			}
		}
	}
	return nil, nil
}
