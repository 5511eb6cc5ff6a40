package schemacheck

import (
	"slices"

	"github.com/tenantvet/tenantvet/pgschema"
)

// Partitions and inheritance children have the keys of their parent, where they are told of, and may have some of
// their own. Who may write the parent writes them too.

// keyOfParent reports whether a partition or inheritance child has a unique key that its parent has too, of which it is
// told there.
func (p *pass) keyOfParent(r *pgschema.Relation, index *pgschema.Index) bool {
	return slices.ContainsFunc(p.parents(r), func(parent *pgschema.Relation) bool {
		return slices.ContainsFunc(parent.Indexes, func(other *pgschema.Index) bool {
			return other.Unique && slices.Equal(other.Columns, index.Columns)
		})
	})
}

// constraintOfParent is keyOfParent for an exclusion constraint or a foreign key.
func (p *pass) constraintOfParent(r *pgschema.Relation, c *pgschema.Constraint) bool {
	return slices.ContainsFunc(p.parents(r), func(parent *pgschema.Relation) bool {
		return slices.ContainsFunc(parent.Constraints, func(other *pgschema.Constraint) bool {
			return other.Kind == c.Kind && other.RefTable == c.RefTable && slices.Equal(other.Columns, c.Columns)
		})
	})
}

// writer returns a session that may choose the values of one of the columns, by the name of the table or a parent's.
func (p *pass) writer(r *pgschema.Relation, columns []string) (session, bool) {
	for _, named := range append([]*pgschema.Relation{r}, p.parents(r)...) {
		for _, s := range p.sessions {
			for _, column := range columns {
				if p.mayColumn(s, named, column, "insert") || p.mayColumn(s, named, column, "update") {
					return s, true
				}
			}
		}
	}
	return session{}, false
}
