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
	for _, command := range []string{"insert", "update"} {
		sources := p.withSources(r, columns, command)
		for _, named := range append([]*pgschema.Relation{r}, p.parents(r)...) {
			for _, s := range p.sessions {
				if slices.ContainsFunc(sources, func(column string) bool { return p.mayColumn(s, named, column, command) }) {
					return s, true
				}
			}
			for view, shown := range p.viewsOf(named) {
				for _, s := range p.sessions {
					if slices.ContainsFunc(sources, func(column string) bool { return p.writesShown(s, view, shown[column], command) }) {
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

// withSources adds the columns that others get their values by: what generated ones are made of, and, for those that a
// trigger fills or that are one constant by default, all that a row is written with but its primary key.
func (p *pass) withSources(r *pgschema.Relation, columns []string, command string) []string {
	all := slices.Clone(columns)
	for _, name := range columns {
		c := r.Column(name)
		if c == nil {
			continue
		}
		filled := command == "insert" && c.Default != nil && constantOf(c.Default.Node) != nil || p.filled(r, name, command)
		for _, source := range r.Columns {
			own := slices.ContainsFunc(r.Indexes, func(index *pgschema.Index) bool { return index.Primary && slices.Contains(index.Columns, source.Name) })
			if filled && !own || c.Generated != nil && mentionsColumn(c.Generated.Node, source.Name) {
				all = appendNew(all, source.Name)
			}
		}
	}
	return all
}

// filled reports whether a BEFORE trigger may set a column.
func (p *pass) filled(r *pgschema.Relation, column, command string) bool {
	return slices.ContainsFunc(r.Triggers, func(trigger *pgschema.Trigger) bool {
		fires := !trigger.Disabled && trigger.Timing == "before" && slices.Contains(trigger.Events, command)
		return fires && slices.ContainsFunc(p.functions[trigger.Function.Name], func(f *pgschema.Function) bool {
			return f.Name == trigger.Function && f.Returns == "trigger" && setsNew(f, column)
		})
	})
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
