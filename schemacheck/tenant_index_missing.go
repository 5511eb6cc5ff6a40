package schemacheck

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/classify"
	"github.com/tenantvet/tenantvet/tenancy"
)

var _ = register("tenant-index-missing", checkTenantIndexMissing)

// checkTenantIndexMissing looks for tenant tables where asking for one tenant's rows reads all.
func checkTenantIndexMissing(p *pass) {
	for t := range p.owned() {
		r := t.Relation
		if !indexable(t) || partitionedBy(r, t.Column) {
			continue
		}
		var partial *pgschema.Index
		leads := false
		for _, index := range r.Indexes {
			if len(index.Columns) == 0 || !p.isTenantColumn(t, index.Columns[0]) || !finds(index) {
				continue
			}
			if index.Where == nil {
				leads = true
				break
			}
			partial = index
		}
		if leads {
			continue
		}
		f := finding.New("tenant-index-missing", r.Origin, object(r),
			"no index of %s leads with %s: reading one tenant's rows reads the rows of all", object(r), t.Column)
		if partial != nil {
			f.Severity = finding.Info
			f.Message = fmt.Sprintf("only partial indexes of %s lead with %s: a query outside their WHERE reads the rows of all tenants", object(r), t.Column)
			f.Evidence = []string{fmt.Sprintf("%s WHERE %s", partial.Name, partial.Where.Text)}
		}
		if otherwise := p.reachedOtherwise(t); otherwise != "" && partial == nil {
			f.Severity = finding.Warning
			f.Evidence = []string{otherwise}
		}
		f.Fix = &finding.Fix{
			Message: "index the tenant first, then what queries filter or sort by; outside a transaction, so that writes go on",
			Code:    createIndex(r, t.Column),
		}
		p.report(f)
	}
}

// indexable reports whether the rules on indexes concern a table: one with a tenant column and rows of
// its own. The indexes of partitions are their parent's.
func indexable(t *classify.Table) bool {
	r := t.Relation
	return t.Class == classify.Tenant && !isPart(r) && r.Kind != pgschema.ForeignTable && r.Column(t.Column) != nil
}

// finds reports whether an index finds the rows of one value of its first column. GIN serves each of its
// columns alike, and BRIN only rows that lie together.
func finds(index *pgschema.Index) bool {
	return !index.Invalid && slices.Contains([]string{"btree", "hash", "gist", "spgist"}, index.Method)
}

// sharedWork matches names of queues, whose rows are taken for all tenants at once, the oldest first.
var sharedWork = regexp.MustCompile(`(?i)queue|outbox|inbox|backlog|dead_?letter`)

// reachedOtherwise returns why the rows of one tenant may seldom be asked for by the tenant alone, or "".
func (p *pass) reachedOtherwise(t *classify.Table) string {
	r := t.Relation
	for _, index := range r.Indexes {
		if len(index.Columns) == 0 || !finds(index) || tenancy.Fold(index.Columns[0]) == "id" { // a row's own id leads nowhere
			continue
		}
		first := index.Columns[0]
		if isReference(first) || slices.ContainsFunc(r.Constraints, func(c *pgschema.Constraint) bool {
			return p.target(c) != nil && c.Columns[0] == first
		}) {
			return fmt.Sprintf("an index leads with %s, by which rows are reached through what they belong to", first)
		}
		if index.Unique && slices.ContainsFunc(index.Columns, isReference) { // the tenant's id is one
			return fmt.Sprintf("the unique key (%s) finds a single row", strings.Join(index.Columns, ", "))
		}
	}
	if r.PartitionStrategy == "range" && len(r.PartitionKey) > 0 && r.PartitionKey[0] != "" {
		return fmt.Sprintf("partitioned by %s: a query that confines it reads the rows of all tenants in one partition", r.PartitionKey[0])
	}
	if sharedWork.MatchString(r.Name.Name) {
		return "by its name a queue, which is worked off for all tenants at once"
	}
	return ""
}

// partitionedBy reports whether a column leads the partition key, so that PostgreSQL reads only the
// partitions of one tenant.
func partitionedBy(r *pgschema.Relation, column string) bool {
	return len(r.PartitionKey) > 0 && r.PartitionKey[0] == column
}
