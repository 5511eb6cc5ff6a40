package sqlcheck

import (
	"fmt"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema/classify"
)

var _ = register("query-unscoped", checkQueryUnscoped)

// checkQueryUnscoped looks for references whose rows are fixed neither by the tenant nor by a key.
func checkQueryUnscoped(c *subject) {
	for _, r := range c.References {
		if !unpinned(r) || r.ByKey != nil || r.FailsOpen != nil && r.FailsOpen.Outside {
			continue
		}
		f := finding.New("query-unscoped", r.Position, "", "the statement %s rows of every tenant in %s: %s", doing(r.Command), named(r), r.Reason)
		switch {
		case r.FailsOpen != nil:
			f.Message = fmt.Sprintf("the statement %s rows of other tenants in %s: %s", doing(r.Command), named(r), r.Reason)
			f.Related = []finding.Related{{Position: r.FailsOpen.Position, Message: "here any tenant's rows pass"}}
		case r.Table.Class == classify.Registry:
			// Jobs go through all tenants, and a list of tenants is not yet one tenant's data.
			f.Severity = finding.Warning
			f.Message = fmt.Sprintf("the statement %s every tenant in the registry %s", doing(r.Command), named(r))
		}
		f.Fix = c.pinFix(r)
		c.report(f)
	}
}
