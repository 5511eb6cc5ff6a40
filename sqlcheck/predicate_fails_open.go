package sqlcheck

import (
	"fmt"
	"strings"

	"github.com/tenantvet/tenantvet/finding"
)

var _ = register("predicate-fails-open", checkPredicateFailsOpen)

// checkPredicateFailsOpen looks for tenant predicates that a value from outside switches off, and for
// those that let rows without a tenant pass beside the tenant's own. One predicate may be all that stands
// before several relations: it is told of once, for the one with most to lose.
func checkPredicateFailsOpen(c *subject) {
	open := map[finding.Position]*Reference{}
	for _, r := range c.References {
		if unpinned(r) && r.FailsOpen != nil && r.FailsOpen.Outside {
			if first := open[r.FailsOpen.Position]; first == nil || first.ByKey != nil && r.ByKey == nil {
				open[r.FailsOpen.Position] = r
			}
		}
	}
	for _, r := range c.References {
		switch {
		case r.FailsOpen != nil && open[r.FailsOpen.Position] == r:
			f := finding.New("predicate-fails-open", r.FailsOpen.Position, "",
				"the predicate on %s does not hold where %s: the statement then %s rows of every tenant in %s",
				column(r), r.FailsOpen.Text, doing(r.Command), named(r))
			if r.ByKey != nil {
				f.Severity = finding.Warning
				f.Message = fmt.Sprintf("the predicate on %s does not hold where %s: the statement then %s rows of any tenant in %s by %s alone",
					column(r), r.FailsOpen.Text, doing(r.Command), named(r), strings.Join(r.ByKey, ", "))
			}
			f.Related = []finding.Related{{Position: r.Position, Message: "the table"}}
			f.Fix = &finding.Fix{Message: "keep the predicate alone, and refuse a request without a tenant before it gets here", Code: c.predicate(r)}
			c.report(f)
		case r.Verdict == Pinned && r.Nullable && !r.Tied && r.By != Null && (r.Command == Select || r.Command == Update || r.Command == Delete):
			f := finding.New("predicate-fails-open", r.Position, "",
				"rows of %s whose %s is NULL belong to no tenant and pass for every one", named(r), r.Table.Column)
			f.Severity = finding.Warning
			f.Evidence = []string{fmt.Sprintf("%s accepts NULL", column(r))}
			c.report(f)
		}
	}
}
