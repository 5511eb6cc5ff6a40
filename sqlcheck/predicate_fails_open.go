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
				"%s: the statement then %s rows of every tenant in %s", r.FailsOpen, doing(r.Command), named(r))
			if r.ByKey != nil {
				f.Severity = finding.Warning
				f.Message = fmt.Sprintf("%s: the statement then %s rows of any tenant in %s by %s alone",
					r.FailsOpen, doing(r.Command), named(r), strings.Join(r.ByKey, ", "))
			}
			f.Related = []finding.Related{{Position: r.Position, Message: "the table"}}
			f.Fix = &finding.Fix{Message: "keep the predicate alone, and refuse a request without a tenant before it gets here", Code: c.keptAlone(r)}
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

// keptAlone is the predicate without the way round it, as far as the statement shows it.
func (c *subject) keptAlone(r *Reference) string {
	var kept []string
	for _, p := range r.FailsOpen.Predicates {
		if p.Value == "" {
			return c.predicate(r)
		}
		kept = append(kept, p.Column+" = "+p.Value)
	}
	return strings.Join(kept, " AND ")
}
