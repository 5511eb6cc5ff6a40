package classify

import (
	"slices"

	"github.com/tenantvet/tenantvet/pgschema"
)

// Costs of one step from a child to its parent. A chain of owning foreign keys (ON DELETE CASCADE)
// is preferred to a single one that does not own, and one that is part of the child's primary key
// to one that is not.
const (
	owning    = 1
	inKey     = 100
	reference = 10_000
)

// children finds for each table without a class the cheapest chain of foreign keys that no row can
// leave out and that leads to a tenant table. Parents are settled in rounds, so a cycle of foreign
// keys ends nowhere instead of going round.
func (b *builder) children() {
	cost := map[*Table]int{}
	for changed := true; changed; {
		changed = false
		for _, t := range b.classes.tables {
			if t.Class != Unclassified && t.Class != Child {
				continue
			}
			for _, c := range t.Relation.Constraints {
				parent := b.parent(c)
				if parent == nil || parent == t || (parent.Class != Tenant && parent.Class != Child) || !notNull(t.Relation, c) {
					continue
				}
				total := cost[parent] + stepCost(t.Relation, c)
				if t.Class == Child && cost[t] <= total {
					continue
				}
				t.Class, t.Parent, t.Via, cost[t] = Child, parent, c, total
				t.Reason = "belongs to " + parent.Relation.Name.String()
				changed = true
			}
		}
	}
	for _, t := range b.classes.tables {
		if t.Class == Unclassified && t.Reason == "" {
			t.Reason = b.whyNoChild(t)
		}
	}
}

func stepCost(r *pgschema.Relation, c *pgschema.Constraint) int {
	if c.OnDelete == "cascade" {
		return owning
	}
	for _, key := range r.Constraints {
		if key.Kind == pgschema.PrimaryKey && slices.ContainsFunc(c.Columns, func(name string) bool {
			return slices.Contains(key.Columns, name)
		}) {
			return inKey
		}
	}
	return reference
}

// whyNoChild says what keeps a table with foreign keys to tenant tables from being their child.
func (b *builder) whyNoChild(t *Table) string {
	for _, c := range t.Relation.Constraints {
		if parent := b.parent(c); parent != nil && parent != t && parent.Class != Unclassified && parent.Class != Shared {
			return "its foreign key to " + parent.Relation.Name.String() + " may be NULL"
		}
	}
	return "no tenant column, and no foreign key to a tenant table"
}
