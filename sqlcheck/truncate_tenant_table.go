package sqlcheck

import "github.com/tenantvet/tenantvet/finding"

var _ = register("truncate-tenant-table", checkTruncateTenantTable)

// checkTruncateTenantTable looks for TRUNCATE, which no predicate and no policy restricts.
func checkTruncateTenantTable(c *subject) {
	for _, r := range c.References {
		if r.Command != Truncate {
			continue
		}
		f := finding.New("truncate-tenant-table", r.Position, "",
			"TRUNCATE removes the rows of every tenant from %s, and row-level security does not stop it", r.Relation.Name)
		f.Fix = &finding.Fix{Message: "delete the rows of one tenant", Code: "DELETE FROM " + r.Relation.Name.String() + " WHERE " + c.predicate(r)}
		c.report(f)
	}
}
