package prove

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/pgschema"
)

// draft is a row in the making.
type draft struct {
	p       *prover
	t       *table
	owner   int
	variant int
	// keep says that the row stays.
	keep bool
	row  values
	// choices are the candidates of the columns that are free, and tried how far each has come.
	choices map[string][]string
	tried   map[string]int
	problem string
}

func (p *prover) draft(t *table, owner, variant int, keep bool) *draft {
	d := &draft{p: p, t: t, owner: owner, variant: variant, keep: keep, row: values{}, choices: map[string][]string{}, tried: map[string]int{}}
	for _, fk := range t.foreignKeys() {
		d.follow(fk)
	}
	for _, c := range t.columns {
		if _, set := d.row[c.name]; set || c.computed {
			continue
		}
		switch sample, ok := d.sample(c); {
		case ok:
			d.free(c)
			d.choices[c.name] = append([]string{sample}, d.choices[c.name]...)
			d.put(c.name, sample)
		case t.tenantColumn(c.name) && owner != nobody:
			d.put(c.name, p.tenants[owner].id(c.base))
		case p.isUser(c.name) && owner != nobody && variant == 0:
			d.put(c.name, p.tenants[owner].user(c.base))
		case p.isUserKey(t, c) && owner != nobody && variant == 0:
			d.put(c.name, p.tenants[owner].user(c.base))
		case c.omittable && (variant == 0 || c.always || strings.HasSuffix(c.base, "int") || c.base == "integer" || c.base == "uuid"):
		default:
			d.free(c)
		}
	}
	if variant == orphan {
		for _, name := range t.class.Columns {
			if d.row[name] = nil; t.unnamed(t.column(name)) {
				d.put(name, "")
			}
		}
	}
	if t.bound != "" {
		d.bounds()
	}
	return d
}

// sample returns the value that a tenant's first row has in a column of a key or of any text: witnesses name that row.
func (d *draft) sample(c *column) (string, bool) {
	if !d.keep || d.variant != 0 || d.owner == nobody || d.t.tenantColumn(c.name) || d.p.isUser(c.name) || d.p.isUserKey(d.t, c) {
		return "", false
	}
	if free := c.base == "text" && len(c.literals) == 0 && !c.omittable; !free && !d.t.unique(c.name) {
		return "", false
	}
	return d.p.tenants[d.owner].sample(c.base)
}

// unique reports whether a column is in a key.
func (t *table) unique(column string) bool {
	return slices.ContainsFunc(t.rel.Indexes, func(i *pgschema.Index) bool { return i.Unique && slices.Contains(i.Columns, column) }) ||
		slices.ContainsFunc(t.rel.Constraints, func(k *pgschema.Constraint) bool {
			return k.Kind == pgschema.Exclusion && slices.Contains(k.Columns, column)
		})
}

// isUserKey reports whether a column is the key that columns of the session's user refer to.
func (p *prover) isUserKey(t *table, c *column) bool {
	for _, other := range p.tables {
		for _, fk := range other.foreignKeys() {
			if fk.RefTable == t.rel.Name && len(fk.Columns) == 1 && fk.RefColumns[0] == c.name && p.isUser(fk.Columns[0]) {
				return true
			}
		}
	}
	return false
}

func (d *draft) put(name, value string) { d.row[name] = &value }

// free lets a column take any of its candidates.
func (d *draft) free(c *column) {
	list := d.p.candidates(c, d.owner, d.variant)
	d.choices[c.name] = list
	d.put(c.name, list[0])
}

// follow gives the columns of a foreign key the key of a parent.
func (d *draft) follow(fk *pgschema.Constraint) {
	parent := d.p.byName[fk.RefTable]
	if parent == nil || parent == d.t {
		d.omit(fk)
		return
	}
	var fitting []values
	for _, owner := range []int{d.owner, nobody} {
		for _, part := range append([]*table{parent}, d.p.partitions(parent)...) {
			for _, candidate := range part.rows[owner] {
				if d.fits(fk, candidate) {
					fitting = append(fitting, candidate)
				}
			}
		}
		if len(fitting) > 0 {
			break
		}
	}
	if len(fitting) == 0 {
		d.omit(fk)
		return
	}
	chosen := fitting[d.variant%len(fitting)]
	for i, name := range fk.Columns {
		d.row[name] = chosen[fk.RefColumns[i]]
	}
}

// fits reports whether a parent agrees with the values that other keys gave.
func (d *draft) fits(fk *pgschema.Constraint, parent values) bool {
	for i, name := range fk.Columns {
		value := parent[fk.RefColumns[i]]
		if value == nil {
			return false
		}
		if given, ok := d.row[name]; ok && (given == nil || *given != *value) {
			return false
		}
		if c := d.t.column(name); c != nil && d.t.tenantColumn(name) && d.owner != nobody && *value != d.p.tenants[d.owner].id(c.base) {
			return false
		}
	}
	return true
}

// omit leaves a foreign key empty, if the table lets it.
func (d *draft) omit(fk *pgschema.Constraint) {
	for _, name := range fk.Columns {
		c := d.t.column(name)
		if c == nil || d.t.tenantColumn(name) && len(fk.Columns) > 1 {
			continue
		}
		if _, set := d.row[name]; set {
			continue
		}
		if !c.notNull {
			d.row[name] = nil
		} else if fk.RefTable != d.t.rel.Name {
			d.problem = fmt.Sprintf("%s refers to %s, which has no row to refer to", name, fk.RefTable)
		}
	}
}
