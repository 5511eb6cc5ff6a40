package sqlcheck

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema/classify"
)

var _ = register("query-by-id-unscoped", checkQueryByIDUnscoped)

// checkQueryByIDUnscoped looks for statements whose unpinned references are all fixed by keys: one
// finding for all of them.
func checkQueryByIDUnscoped(c *subject) {
	var by []*Reference
	for _, r := range c.References {
		switch {
		case r.FailsOpen != nil && r.FailsOpen.Outside:
			// That is told by itself.
		case unpinned(r) && r.ByKey == nil:
			return
		case r.Verdict != Unpinned || r.ByKey == nil || r.Command == Conflict:
		case r.Table.Class == classify.Registry && r.Command == Select:
			// The tenant is looked up before it is known.
		default:
			by = append(by, r)
		}
	}
	if len(by) == 0 {
		return
	}
	var what []string
	for _, r := range by {
		if row := fmt.Sprintf("%s by %s", named(r), strings.Join(r.ByKey, ", ")); !slices.Contains(what, row) {
			what = append(what, row)
		}
	}
	verb := "reaches"
	if by[0].Command == Insert {
		verb = "adds a row to"
	}
	f := finding.New("query-by-id-unscoped", by[0].Position, "",
		"the statement %s %s, whichever tenant the row belongs to", verb, strings.Join(what, " and "))
	if by[0].Command != Insert {
		f.Fix = c.pinFix(by[0])
	}
	c.report(f)
}
