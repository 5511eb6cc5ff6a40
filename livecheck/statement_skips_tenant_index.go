package livecheck

import (
	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
)

// tiny is the number of pages, and the cost of reading them in sequence, below which no index is
// worth its while.
const tiny = 150

// skipsTenantIndex reports the tables of which the plan reads other tenants' rows on the way to one
// tenant's. Where the plan reads a whole table, a second plan without sequential scans tells whether
// an index could serve.
func (j *judgement) skipsTenantIndex(withoutSeqScan func() *reach) {
	seen := map[*pgschema.Relation]bool{}
	var other *reach
	for _, d := range j.reach.detours() {
		on := root(j.schema, d.scan.relation)
		if seen[on] || d.seq && d.scan.node.Cost < tiny || !d.seq && small(d.scan.relation) {
			continue
		}
		seen[on] = true
		name := on.Name.String()
		reason, code := j.reach.why(d)
		f := finding.New("statement-skips-tenant-index", finding.Position{}, name, "the plan %s of %s: %s: %s", d.how, name, reason, j.excerpt())
		if d.seq {
			if other == nil {
				other = withoutSeqScan()
			}
			if other != nil && len(other.detours()) == 0 {
				f.Severity = finding.Info // a choice of the planner, by its estimates
			}
		}
		if code != "" {
			f.Fix = &finding.Fix{Message: "add an index that leads with the tenant", Code: code}
		}
		j.report(f, describe(d.scan))
	}
}

// small reports whether a table has so few pages that it does not matter how its rows are found. One
// that was never analyzed may have any number.
func small(rel *pgschema.Relation) bool { return rel.Rows >= 0 && rel.Pages < tiny }
