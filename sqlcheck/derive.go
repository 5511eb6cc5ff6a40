package sqlcheck

import (
	"slices"

	"github.com/tenantvet/tenantvet/pgschema"
)

// derive adds the equations that follow from keys: two instances of one table that agree in a unique
// key are one row, and a row whose foreign key meets a unique key of its parent agrees with it in the
// other columns of the foreign key too. A row that is confined by one tenant column is by all of them.
func (c *closure) derive() {
	for again := true; again; {
		again = false
		for k := 0; k < len(c.instances); k++ {
			again = c.enclosing(c.instances[k]) || again
			for _, j := range slices.Clone(c.instances[:k]) {
				i := c.instances[k]
				if i.proposed || j.proposed {
					continue
				}
				if i.rel == j.rel {
					again = c.oneRow(i, j) || again
				}
				again = c.foreign(i, j) || again
				again = c.foreign(j, i) || again
			}
		}
	}
}

// oneRow merges two instances that agree in a unique key.
func (c *closure) oneRow(i, j *instance) bool {
	if !c.sameRow(i, j) {
		return false
	}
	changed := false
	for _, pair := range [2][2]*instance{{i, j}, {j, i}} {
		for column, t := range pair[0].terms {
			if u := c.e.column(pair[1], column); !c.same(t, u) {
				c.union(t, u)
				changed = true
			}
		}
	}
	if t := c.e.tenantTerm(i); t != noTerm && !c.same(t, c.e.tenantTerm(j)) {
		c.union(t, c.e.tenantTerm(j))
		changed = true
	}
	return changed
}

// sameRow reports whether two instances of stored rows agree in a unique key of their table.
func (c *closure) sameRow(i, j *instance) bool {
	return i.rel == j.rel && !i.proposed && !j.proposed && slices.ContainsFunc(uniqueKeys(i.rel), func(key []string) bool {
		// Any number of rows may have NULL in a unique key, and NULL may be what agrees.
		return c.agree(i, key, j, key) && (!c.loosened || required(i.rel, key)) && !c.e.hasHeirs(i.rel)
	})
}

// foreign merges the columns of a foreign key from i to j where j is the row that it refers to.
func (c *closure) foreign(i, j *instance) bool {
	changed := false
	for _, fk := range i.rel.Constraints {
		if fk.Kind != pgschema.ForeignKey || fk.RefTable != j.rel.Name || fk.NotValid ||
			len(fk.Columns) < 2 || len(fk.Columns) != len(fk.RefColumns) || !required(i.rel, fk.Columns) {
			continue
		}
		var agreed []string
		for k := range fk.Columns {
			if c.same(c.e.column(i, fk.Columns[k]), c.e.column(j, fk.RefColumns[k])) {
				agreed = append(agreed, fk.RefColumns[k])
			}
		}
		if len(agreed) == len(fk.Columns) || !coversKey(j.rel, agreed) || c.e.hasHeirs(j.rel) {
			continue
		}
		for k := range fk.Columns {
			c.union(c.e.column(i, fk.Columns[k]), c.e.column(j, fk.RefColumns[k]))
		}
		changed = true
	}
	return changed
}

// agree reports whether columns of two instances are pairwise equal.
func (c *closure) agree(i *instance, columns []string, j *instance, others []string) bool {
	for k := range columns {
		a, ok := i.terms[columns[k]]
		if !ok {
			return false
		}
		b, ok := j.terms[others[k]]
		if !ok || !c.same(a, b) {
			return false
		}
	}
	return len(columns) > 0
}

func required(rel *pgschema.Relation, columns []string) bool {
	return !slices.ContainsFunc(columns, func(name string) bool {
		c := rel.Column(name)
		return c == nil || !c.NotNull
	})
}

// hasHeirs reports whether tables inherit from a table: whoever reads it reads theirs too, and its keys
// are not unique among the rows of all (PostgreSQL manual, 5.10.1).
func (e *engine) hasHeirs(rel *pgschema.Relation) bool {
	for _, r := range e.db.Schema.Relations {
		if slices.Contains(r.Inherits, rel.Name) {
			return true
		}
	}
	return false
}

// coversKey reports whether a unique key is among the columns.
func coversKey(rel *pgschema.Relation, columns []string) bool {
	return slices.ContainsFunc(uniqueKeys(rel), func(key []string) bool {
		return !slices.ContainsFunc(key, func(name string) bool { return !slices.Contains(columns, name) })
	})
}

// uniqueKeys returns the sets of columns of which no two rows of the table have the same values.
func uniqueKeys(rel *pgschema.Relation) [][]string { return keysOf(rel, false) }

// keysOf returns the unique keys of a table, and if asked for also those of a part of its rows, such as
// those that are not deleted.
func keysOf(rel *pgschema.Relation, partial bool) [][]string {
	var keys [][]string
	for _, c := range rel.Constraints {
		if (c.Kind == pgschema.PrimaryKey || c.Kind == pgschema.Unique) && len(c.Columns) > 0 {
			keys = append(keys, c.Columns)
		}
	}
	for _, x := range rel.Indexes {
		if (x.Unique || x.Primary) && (x.Where == nil || partial) && len(x.Exprs) == 0 && !x.Invalid && len(x.Columns) > 0 && !slices.Contains(x.Columns, "") {
			keys = append(keys, x.Columns)
		}
	}
	return keys
}
