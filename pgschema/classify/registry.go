package classify

import (
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/tenancy"
)

// registries returns the tables with one row per tenant: the registry, and those of the concepts that
// enclose a tenant, when the model names columns of several.
func (b *builder) registries() []*pgschema.Relation {
	var found []*pgschema.Relation
	if r := FindRegistry(b.schema, b.model); r != nil {
		found = append(found, r)
	}
	for _, column := range b.model.Columns {
		one := tenancy.Model{Columns: []string{column}}
		if r := mostReferenced(b.schema, &one); r != nil && tenantColumns(r, &one) == nil && !slices.Contains(found, r) {
			found = append(found, r)
		}
	}
	return found
}

// FindRegistry returns the table with one row per tenant: the one that the model names, else the one
// that the foreign keys of tenant columns refer to most, else the one whose name is the tenant
// column's without "id". It is nil when no table qualifies.
func FindRegistry(s *pgschema.Schema, m *tenancy.Model) *pgschema.Relation {
	tables := s.Sorted()
	if m.Registry != "" {
		for _, r := range tables {
			if r.IsTable() && m.IsRegistry(r.Schema, r.Name.Name) {
				return r
			}
		}
		return nil
	}
	if r := mostReferenced(s, m); r != nil {
		return r
	}
	for _, column := range m.Columns {
		for _, r := range tables {
			if r.IsTable() && r.PartitionOf == nil && namesTenants(r.Name.Name, column) && primaryKey(r) != "" {
				return r
			}
		}
	}
	return nil
}

// mostReferenced returns the table that most foreign keys of tenant columns alone refer to; nil when
// there is no such key.
func mostReferenced(s *pgschema.Schema, m *tenancy.Model) *pgschema.Relation {
	votes := map[pgschema.Name]int{}
	for _, r := range s.Relations {
		for _, c := range r.Constraints {
			if c.Kind == pgschema.ForeignKey && len(c.Columns) == 1 && m.IsTenantColumn(c.Columns[0]) {
				votes[c.RefTable]++
			}
		}
	}
	var best *pgschema.Relation
	for _, r := range s.Sorted() {
		if r.IsTable() && votes[r.Name] > 0 && (best == nil || votes[r.Name] > votes[best.Name]) {
			best = r
		}
	}
	return best
}

// namesTenants reports whether a table named so would hold what a column named so refers to:
// "tenants" for tenant_id, "organisations" for org_id.
func namesTenants(table, column string) bool {
	stem := strings.TrimSuffix(strings.TrimSuffix(tenancy.Fold(column), "uuid"), "id")
	name := strings.TrimSuffix(tenancy.Fold(table), "s")
	if stem == "org" {
		return name == "org" || name == "organization" || name == "organisation"
	}
	return stem != "" && strings.TrimSuffix(stem, "s") == name
}

// registryKey returns the column of the registry that holds the tenant id: the one that most foreign
// keys refer to, else the single-column primary key; it is empty when there is neither.
func (b *builder) registryKey(registry *pgschema.Relation) []string {
	votes := map[string]int{}
	for _, t := range b.classes.tables {
		for _, c := range t.Relation.Constraints {
			if c.Kind == pgschema.ForeignKey && c.RefTable == registry.Name && len(c.RefColumns) == 1 {
				votes[c.RefColumns[0]]++
			}
		}
	}
	key := primaryKey(registry)
	for _, c := range registry.Columns {
		if votes[c.Name] > votes[key] {
			key = c.Name
		}
	}
	if key == "" {
		return nil
	}
	return []string{key}
}

// primaryKey returns the column of a single-column primary key, or "".
func primaryKey(r *pgschema.Relation) string {
	for _, c := range r.Constraints {
		if c.Kind == pgschema.PrimaryKey && len(c.Columns) == 1 {
			return c.Columns[0]
		}
	}
	return ""
}
