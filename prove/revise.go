package prove

import (
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// bounds gives the partition key values from the bounds of the partition.
func (d *draft) bounds() {
	literals := literalsIn(d.t.bound)
	for name := d.t.rel.PartitionOf; name != nil; {
		parent := d.p.byName[*name]
		if parent == nil {
			return
		}
		for _, key := range parent.rel.PartitionKey {
			c := d.t.column(key)
			if c == nil || d.t.tenantColumn(key) {
				continue
			}
			if _, set := d.row[key]; set && d.choices[key] == nil {
				continue // a foreign key decides
			}
			d.choices[key] = append(slices.Clone(literals), d.p.candidates(c, d.owner, d.variant)...)
			d.put(key, d.choices[key][0])
		}
		name = parent.rel.PartitionOf
	}
}

// revise changes the values that a refused row owes its refusal to, and reports whether any were left.
func (d *draft) revise(err *pgconn.PgError) bool {
	if err == nil {
		return false
	}
	var blame []string
	switch err.Code {
	case "23502":
		if c := d.t.column(err.ColumnName); c != nil && d.choices[c.name] == nil && !c.computed {
			d.free(c)
			return true
		}
		blame = []string{err.ColumnName}
	case "23514", "23505", "23P01":
		blame = d.blamed(err.ConstraintName)
		for _, c := range d.t.columns { // of a domain
			if err.DataTypeName != "" && strings.HasSuffix(c.sqlType, quoteName(err.DataTypeName)) && d.choices[c.name] != nil {
				blame = append(blame, c.name)
			}
		}
	}
	if len(blame) == 0 {
		for _, c := range d.t.columns { // the message does not say which
			if len(d.choices[c.name]) > 1 {
				blame = append(blame, c.name)
			}
		}
	}
	return d.advance(blame)
}

// blamed are the free columns of a constraint.
func (d *draft) blamed(constraint string) (names []string) {
	add := func(name string) {
		if c := d.t.column(name); c != nil && !slices.Contains(names, name) && !c.computed {
			if _, set := d.row[name]; !set && c.omittable && !c.always {
				d.free(c)
			}
			if d.choices[name] != nil {
				names = append(names, name)
			}
		}
	}
	if constraint == "" { // of a partition
		for name := d.t.rel.PartitionOf; name != nil && d.p.byName[*name] != nil; name = d.p.byName[*name].rel.PartitionOf {
			for _, key := range d.p.byName[*name].rel.PartitionKey {
				add(key)
			}
		}
		return names
	}
	for _, k := range d.t.rel.Constraints {
		if k.Name != constraint {
			continue
		}
		for _, name := range k.Columns {
			add(name)
		}
		if k.Check != nil {
			for _, c := range d.t.columns {
				if mentions(k.Check.Text, c.name) {
					add(c.name)
				}
			}
		}
	}
	for _, i := range d.t.rel.Indexes {
		if i.Name == constraint {
			for _, name := range i.Columns {
				add(name)
			}
			for _, e := range i.Exprs {
				for _, c := range d.t.columns {
					if mentions(e.Text, c.name) {
						add(c.name)
					}
				}
			}
		}
	}
	return names
}

// advance steps through the combinations of the candidates of some columns, as a counter does.
func (d *draft) advance(names []string) bool {
	for _, name := range names {
		list := d.choices[name]
		if len(list) == 0 {
			continue
		}
		d.tried[name]++
		if at := d.tried[name]; at < len(list) {
			d.put(name, list[at])
			return true
		}
		c := d.t.column(name)
		if d.tried[name] == len(list) && !c.notNull {
			d.row[name] = nil
			return true
		}
		d.tried[name] = 0
		d.choices[name] = d.p.candidates(c, d.owner, d.variant)
		d.put(name, d.choices[name][0])
	}
	return false
}
