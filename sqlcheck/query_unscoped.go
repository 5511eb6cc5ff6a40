package sqlcheck

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema/classify"
)

var _ = register("query-unscoped", checkQueryUnscoped)

// checkQueryUnscoped looks for references whose rows are fixed neither by the tenant nor by a key. A
// statement is one finding, at the first of them.
func checkQueryUnscoped(c *subject) {
	var found []*Reference
	for _, r := range c.References {
		if unpinned(r) && r.ByKey == nil && !(r.FailsOpen != nil && r.FailsOpen.Outside) {
			found = append(found, r)
		}
	}
	if len(found) == 0 {
		return
	}
	first, registryOnly := found[0], true
	for _, r := range found {
		if r.Table.Class != classify.Registry {
			if registryOnly {
				first = r
			}
			registryOnly = false
		}
	}
	f := finding.New("query-unscoped", first.Position, "", "the statement %s rows of every tenant in %s: %s", doing(first.Command), named(first), first.Reason)
	switch {
	case first.FailsOpen != nil:
		f.Message = fmt.Sprintf("the statement %s rows of other tenants in %s: %s", doing(first.Command), named(first), first.Reason)
		f.Related = append(f.Related, finding.Related{Position: first.FailsOpen.Position, Message: "here any tenant's rows pass"})
	case registryOnly:
		// Jobs go through all tenants, and a list of tenants is not yet one tenant's data.
		f.Severity = finding.Info
		f.Message = fmt.Sprintf("the statement %s every tenant in the registry %s", doing(first.Command), named(first))
	}
	var others []string
	for _, r := range found {
		if r != first {
			if name := named(r); !slices.Contains(others, name) {
				others = append(others, name)
			}
			f.Related = append(f.Related, finding.Related{Position: r.Position, Message: named(r) + ": " + r.Reason})
		}
	}
	if len(others) > 0 {
		f.Evidence = []string{"also not pinned: " + strings.Join(others, ", ")}
	}
	f.Fix = c.pinFix(first)
	c.report(f)
}
