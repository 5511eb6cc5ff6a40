package classify

import (
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/tenancy"
)

// TenantSchemas returns, in order of name, the schemas that tenants have of their own, where the model
// allows that pattern: two or more beside public that hold tables of the same names, none of which
// belongs to a tenant by a column. A schema that lacks up to half of those tables is one of them.
func (c *Classes) TenantSchemas(s *pgschema.Schema, m *tenancy.Model) []string {
	if !m.IsInferred("pattern") && m.Pattern != tenancy.SchemaPerTenant && m.Pattern != tenancy.Hybrid {
		return nil
	}
	tables := map[string][]string{}
	for _, r := range s.Sorted() {
		if t := c.Get(r); r.Schema != "public" && r.Extension == "" && t != nil && t.Class == Unclassified {
			tables[r.Schema] = append(tables[r.Schema], r.Name.Name)
		}
	}
	template := mostCommon(tables)
	if template == nil {
		return nil
	}
	var found []string
	for schema, names := range tables {
		has := 0
		for _, name := range template {
			if _, ok := slices.BinarySearch(names, name); ok {
				has++
			}
		}
		if 2*has >= len(template) {
			found = append(found, schema)
		}
	}
	slices.Sort(found)
	return found
}

// mostCommon returns the set of tables that most schemas have, or nil when no two have the same.
func mostCommon(tables map[string][]string) []string {
	count := map[string]int{}
	var best string
	for _, names := range tables {
		key := strings.Join(names, "\x00")
		count[key]++
		if n := count[key]; n > count[best] || n == count[best] && (len(key) > len(best) || len(key) == len(best) && key < best) {
			best = key
		}
	}
	if count[best] < 2 {
		return nil
	}
	return strings.Split(best, "\x00")
}
