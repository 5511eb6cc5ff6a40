package sqlcheck

import "github.com/tenantvet/tenantvet/finding"

var _ = register("tenant-list-query", checkTenantListQuery)

// checkTenantListQuery looks for statements on several tenants at once.
func checkTenantListQuery(c *subject) {
	for _, r := range c.References {
		if r.Verdict != Pinned || !r.List || r.Command != Select && r.Command != Update && r.Command != Delete {
			continue
		}
		c.report(finding.New("tenant-list-query", r.Position, "",
			"the statement %s rows of a list of tenants in %s: whoever fills the list decides whose", doing(r.Command), named(r)))
	}
}
