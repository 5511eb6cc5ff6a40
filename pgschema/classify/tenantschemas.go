package classify

import (
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/tenancy"
)

// TenantSchemas returns, in order of name, the schemas that tenants have of their own, where the model
// allows that pattern: two or more beside public that hold tables of the same names, none of which
// belongs to a tenant by a column. A schema that lacks up to half of those tables is one of them. Two schemas with one
// such table are tenants' only if their names say so, as those of tenant_a and tenant_b do. Where the
// model says that each tenant has a schema, no two need be the same, and their tables may have a tenant
// column all the same.
func (c *Classes) TenantSchemas(s *pgschema.Schema, m *tenancy.Model) []string {
	if !m.IsInferred("pattern") && m.Pattern != tenancy.SchemaPerTenant && m.Pattern != tenancy.Hybrid {
		return nil
	}
	declared := !m.IsInferred("pattern") && m.Pattern == tenancy.SchemaPerTenant
	tables := map[string][]string{}
	for _, r := range s.Sorted() {
		if t := c.Get(r); r.Schema != "public" && r.Extension == "" && t != nil && (t.Class == Unclassified || declared && t.Class == Tenant) {
			tables[r.Schema] = append(tables[r.Schema], r.Name.Name)
		}
	}
	template, times := mostCommon(tables)
	if times < 2 && !declared || times == 0 {
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
	if m.IsInferred("pattern") && len(found) == 2 && len(template) == 1 && !numbered(found[0], found[1]) {
		return nil
	}
	return found
}

// numbered reports whether two names have a word in common, as names made for one tenant after the other have.
func numbered(a, b string) bool {
	words := func(name string) []string {
		return strings.FieldsFunc(name, func(r rune) bool { return r == '_' || r == '-' || r >= '0' && r <= '9' })
	}
	others := words(b)
	return slices.ContainsFunc(words(a), func(word string) bool { return slices.Contains(others, word) })
}

// mostCommon returns the set of tables that most schemas have, and how many have it.
func mostCommon(tables map[string][]string) ([]string, int) {
	count := map[string]int{}
	var best string
	for _, names := range tables {
		key := strings.Join(names, "\x00")
		count[key]++
		if n := count[key]; n > count[best] || n == count[best] && (len(key) > len(best) || len(key) == len(best) && key < best) {
			best = key
		}
	}
	return strings.Split(best, "\x00"), count[best]
}
