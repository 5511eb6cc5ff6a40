package classify

import (
	"slices"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/tenancy"
)

// Apart returns the tables whose rows all belong to one tenant because of where the table is, and which need no
// tenant column for that: in the schema that the tenant has of its own, or in its database. Migrations that
// build one schema for whichever tenant they are applied to build such tables alone.
func (c *Classes) Apart(s *pgschema.Schema, m *tenancy.Model) []*Table {
	schemas := map[string]bool{}
	for _, name := range c.TenantSchemas(s, m) {
		schemas[name] = true
	}
	all := !m.IsInferred("pattern") && (m.Pattern == tenancy.DatabasePerTenant || m.Pattern == tenancy.SchemaPerTenant && len(schemas) == 0)
	return slices.DeleteFunc(c.Tables(), func(t *Table) bool {
		return t.Class != Unclassified || !all && !schemas[t.Relation.Schema]
	})
}
