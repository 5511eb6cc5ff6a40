// Package classify says of each table of a schema how it belongs to a tenant: by a tenant column,
// through its parent, as the tenant registry, not at all by declaration, or in no known way.
package classify

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/tenancy"
)

// Class is how a table belongs to a tenant.
type Class int

const (
	// Unclassified tables belong to a tenant in no way that is known.
	Unclassified Class = iota
	// Tenant tables carry the tenant column.
	Tenant
	// Child tables carry no tenant column, but a foreign key that no row can leave out leads to a
	// table that belongs to a tenant.
	Child
	// Shared tables belong to no tenant, on purpose.
	Shared
	// Registry is the table with one row per tenant.
	Registry
)

var classNames = [...]string{"unclassified", "tenant", "child", "shared", "registry"}

func (c Class) String() string {
	if c < 0 || int(c) >= len(classNames) {
		return fmt.Sprintf("class(%d)", int(c))
	}
	return classNames[c]
}

// Table is one table with its class.
type Table struct {
	Relation *pgschema.Relation
	Class    Class
	// Column is the column that holds the tenant id: the tenant column of a tenant table, the key
	// of the registry, otherwise empty.
	Column string
	// Columns are all columns that confine a row to a tenant, Column first: where a project belongs to
	// an organization, a row with a project id and an organization id is confined by either.
	Columns []string
	// Parent is the table that a child belongs to, and Via the foreign key that says so.
	Parent *Table
	Via    *pgschema.Constraint
	// Reason says in a phrase why the table has this class.
	Reason string
}

// Classes holds the classes of all tables of one schema.
type Classes struct {
	tables []*Table
	byName map[pgschema.Name]*Table
}

// Get returns the table of a relation, or nil when the relation is no table of the schema: views
// have no class of their own.
func (c *Classes) Get(r *pgschema.Relation) *Table {
	if c == nil || r == nil {
		return nil
	}
	return c.byName[r.Name]
}

// Tables returns every table in order of name.
func (c *Classes) Tables() []*Table {
	if c == nil {
		return nil
	}
	return slices.Clone(c.tables)
}

// Of classifies the tables of a schema. The result depends on nothing but its arguments. Without a
// tenant column in the model there are no tenants, and only declared tables have a class.
func Of(s *pgschema.Schema, m *tenancy.Model) *Classes {
	b := builder{schema: s, model: m, classes: &Classes{byName: map[pgschema.Name]*Table{}}}
	for _, r := range s.Sorted() {
		if r.IsTable() {
			t := &Table{Relation: r}
			b.classes.tables = append(b.classes.tables, t)
			b.classes.byName[r.Name] = t
		}
	}
	b.ownClasses()
	b.registryColumns()
	b.children()
	b.partitions()
	return b.classes
}

type builder struct {
	schema  *pgschema.Schema
	model   *tenancy.Model
	classes *Classes
}

// ownClasses gives a class to each table that needs no other table to be told.
func (b *builder) ownClasses() {
	registries := b.registries()
	for _, t := range b.classes.tables {
		r := t.Relation
		if reason, ok := b.model.SharedReason(r.Schema, r.Name.Name); ok {
			t.Class, t.Reason = Shared, reason
		} else if slices.Contains(registries, r) {
			t.Class, t.Reason = Registry, "one row per tenant"
			t.setColumns(append(b.registryKey(r), tenantColumns(r, b.model)...))
		} else if r.Temporary {
			t.Class, t.Reason = Shared, "temporary table, which only its own session sees"
		} else if columns := tenantColumns(r, b.model); len(columns) > 0 {
			t.Class, t.Reason = Tenant, "has the tenant column "+columns[0]
			t.setColumns(columns)
		} else if reason := housekeeping(r); reason != "" {
			t.Class, t.Reason = Shared, reason
		}
	}
}

func (t *Table) setColumns(columns []string) {
	if len(columns) > 0 {
		t.Column, t.Columns = columns[0], columns
	}
}

// tenantColumns returns the tenant columns of a table in the order in which the model names them, but
// those that every row has before those that may be NULL.
func tenantColumns(r *pgschema.Relation, m *tenancy.Model) []string {
	var always, sometimes []string
	for _, name := range m.Columns {
		for _, c := range r.Columns {
			switch {
			case !tenancy.SameName(c.Name, name) || slices.Contains(always, c.Name) || slices.Contains(sometimes, c.Name):
			case c.NotNull:
				always = append(always, c.Name)
			default:
				sometimes = append(sometimes, c.Name)
			}
		}
	}
	return append(always, sometimes...)
}

// registryColumns makes a tenant table of each table with exactly one foreign key to the key of the
// registry that no row can leave out: whatever the column is called, it holds a tenant id.
func (b *builder) registryColumns() {
	for _, t := range b.classes.tables {
		if t.Class != Unclassified {
			continue
		}
		var columns []string
		for _, c := range t.Relation.Constraints {
			if parent := b.parent(c); parent != nil && parent.Class == Registry && len(c.Columns) == 1 &&
				c.RefColumns[0] == parent.Column && notNull(t.Relation, c) {
				columns = append(columns, c.Columns[0])
			}
		}
		slices.Sort(columns)
		switch columns = slices.Compact(columns); len(columns) {
		case 0:
		case 1:
			t.Class, t.Reason = Tenant, "references the tenant registry by "+columns[0]
			t.setColumns(columns)
		default:
			t.Reason = "references the tenant registry by several columns: " + strings.Join(columns, ", ")
		}
	}
}

// parent returns the table that a foreign key refers to, or nil for any other constraint.
func (b *builder) parent(c *pgschema.Constraint) *Table {
	if c.Kind != pgschema.ForeignKey || len(c.Columns) == 0 || len(c.Columns) != len(c.RefColumns) {
		return nil
	}
	return b.classes.byName[c.RefTable]
}

// notNull reports whether every row must have a value in each column of a foreign key.
func notNull(r *pgschema.Relation, c *pgschema.Constraint) bool {
	return !slices.ContainsFunc(c.Columns, func(name string) bool {
		column := r.Column(name)
		return column == nil || !column.NotNull
	})
}

// partitions gives each partition and inheritance child without a class of its own the class of
// its parent: the rows are the parent's.
func (b *builder) partitions() {
	for _, t := range b.classes.tables {
		root := b.root(t)
		if root == t || t.Class == Shared {
			continue
		}
		if t.Relation.PartitionOf != nil || t.Class == Unclassified {
			t.Class, t.Column, t.Columns, t.Parent, t.Via = root.Class, root.Column, root.Columns, root.Parent, root.Via
			t.Reason = "partition or heir of " + root.Relation.Name.String()
		}
	}
}

// root follows partition and inheritance links to the topmost table; a cycle, which only a broken
// schema has, ends where it closes.
func (b *builder) root(t *Table) *Table {
	for seen := map[*Table]bool{}; !seen[t]; {
		seen[t] = true
		up := t.Relation.PartitionOf
		if up == nil && len(t.Relation.Inherits) > 0 {
			up = &t.Relation.Inherits[0]
		}
		if up == nil || b.classes.byName[*up] == nil {
			return t
		}
		t = b.classes.byName[*up]
	}
	return t
}
