package livecheck

import (
	"cmp"
	"slices"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/classify"
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
	for _, s := range j.reach.scans {
		if s.table.Class == classify.Tenant && j.confined(s) {
			j.statement.reach(ByTenant, j.leaks(s), "")
		}
	}
	for _, d := range j.detours() {
		on := root(j.schema, d.scan.relation)
		if seen[on] {
			continue
		}
		if d.seq && d.scan.node.Cost < tiny || !d.seq && small(d.scan.relation) {
			j.statement.reach(SmallTable, "", "")
			continue
		}
		seen[on] = true
		name := on.Name.String()
		reason, fix := j.why(d)
		f := finding.New("statement-skips-tenant-index", finding.Position{}, name, "the plan %s of %s: %s: %s", d.how, name, reason, j.excerpt())
		f.Fix = fix
		access := PastTenant
		if d.seq && j.planner.stale[d.scan.relation.Name] == "" {
			if other == nil {
				other = withoutSeqScan()
			}
			if other.serves(d.scan.relation) {
				f.Severity = finding.Info // a choice of the planner, by its estimates
				access = SmallTable
			}
		}
		mend := ""
		if fix != nil {
			mend = cmp.Or(fix.Code, fix.Message)
		}
		j.statement.reach(access, reason, mend)
		j.report(f, "plan: "+describe(d.scan))
	}
}

// serves reports whether a plan finds the rows of a table by the tenant; there may be none.
func (r *reach) serves(rel *pgschema.Relation) bool {
	return r != nil && !slices.ContainsFunc(r.scans, func(s *scan) bool { return s.relation == rel && r.access(s, s.node) != "" })
}

// small reports whether a table has so few pages that it does not matter how its rows are found. One
// that was never analyzed may have any number.
func small(rel *pgschema.Relation) bool { return rel.Rows >= 0 && rel.Pages < tiny }
