package schemacheck

import (
	"cmp"
	"iter"
	"slices"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
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

// writer returns a session that may choose the values of one of the columns, by the name of the table, a parent's or that
// of a view.
func (p *pass) writer(r *pgschema.Relation, columns []string) (session, bool) {
	columns = withSources(r, columns)
	for _, named := range append([]*pgschema.Relation{r}, p.parents(r)...) {
		for _, s := range p.sessions {
			for _, column := range columns {
				if p.mayColumn(s, named, column, "insert") || p.mayColumn(s, named, column, "update") {
					return s, true
				}
			}
		}
		for view, shown := range p.viewsOf(named) {
			for _, s := range p.sessions {
				for _, column := range columns {
					if p.writesShown(s, view, shown[column], "insert") || p.writesShown(s, view, shown[column], "update") {
						return s, true
					}
				}
			}
		}
	}
	return session{}, false
}

// writesShown reports whether a session may write a column of a view, if it shows it, and by that the table's.
func (p *pass) writesShown(s session, view *pgschema.Relation, column, command string) bool {
	return column != "" && !replaced(view, command) && p.mayColumn(s, view, column, command)
}

// withSources adds the columns that generated ones are made of.
func withSources(r *pgschema.Relation, columns []string) []string {
	all := slices.Clone(columns)
	for _, name := range columns {
		if c := r.Column(name); c != nil && c.Generated != nil {
			for _, source := range r.Columns {
				if mentionsColumn(c.Generated.Node, source.Name) {
					all = appendNew(all, source.Name)
				}
			}
		}
	}
	return all
}

func mentionsColumn(node *pgast.Node, name string) bool {
	found := false
	pgast.Walk(node, func(n any) bool {
		ref, ok := n.(*pgast.ColumnRef)
		found = found || ok && len(ref.Fields) > 0 && ref.Fields[len(ref.Fields)-1].GetString_().GetSval() == name
		return !found
	})
	return found
}

// viewsOf yields the views by which a table can be written with the rights of their owners, each with the names that it
// shows the table's columns under.
func (p *pass) viewsOf(r *pgschema.Relation) iter.Seq2[*pgschema.Relation, map[string]string] {
	return func(yield func(*pgschema.Relation, map[string]string) bool) {
		for _, view := range p.writableViews {
			query := view.Query.Node.GetSelectStmt()
			from := query.FromClause[0].GetRangeVar()
			if p.schema.Lookup(from.Schemaname, from.Relname) != r {
				continue
			}
			shown, place := map[string]string{}, 0
			for _, target := range query.TargetList {
				fields := target.GetResTarget().GetVal().GetColumnRef().GetFields()
				if len(fields) > 0 && fields[len(fields)-1].GetAStar() != nil {
					for _, c := range r.Columns {
						shown[c.Name] = columnAt(view, place, c.Name)
						place++
					}
					continue
				}
				if len(fields) > 0 {
					name := fields[len(fields)-1].GetString_().GetSval()
					shown[name] = columnAt(view, place, cmp.Or(target.GetResTarget().GetName(), name))
				}
				place++
			}
			if !yield(view, shown) {
				return
			}
		}
	}
}
