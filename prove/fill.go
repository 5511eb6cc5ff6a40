package prove

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/classify"
)

// patienceRows is how many values are tried before a row is given up.
const patienceRows = 80

// What a trigger that fires itself ends in (PostgreSQL manual, PostgreSQL Error Codes): the depth of the stack, or the
// patience of the session.
const tooDeep, cancelled = "54001", "57014"

// fill makes the rows of a tenant, or those of nobody, in every table that has a place for them, parents
// before children, and refreshes what is made from them.
func (p *prover) fill(ctx context.Context, owner int) error {
	done := map[*table]bool{}
	var visit func(t *table) error
	visit = func(t *table) error {
		if done[t] {
			return nil
		}
		done[t] = true
		for _, fk := range t.foreignKeys() {
			if parent := p.byName[fk.RefTable]; parent != nil {
				if err := visit(parent); err != nil {
					return err
				}
				for _, part := range p.partitions(parent) {
					if err := visit(part); err != nil {
						return err
					}
				}
			}
		}
		if !t.stores() || p.ownerless(t) != (owner == nobody) {
			return nil
		}
		return p.fillTable(ctx, t, owner)
	}
	// Foreign keys that may be NULL can close a circle, in which somebody comes before its parent: the
	// next round makes up for it.
	for range 3 {
		for _, t := range p.tables {
			if err := visit(t); err != nil {
				return err
			}
		}
		for t := range done {
			done[t] = len(t.rows[owner]) > 0
		}
	}
	return p.refresh(ctx)
}

// ownerless reports whether the rows of a table are nobody's.
func (p *prover) ownerless(t *table) bool { return !t.owned && !p.personal(t) }

// partitions are the partitions of a table, also those of its partitions.
func (p *prover) partitions(t *table) (parts []*table) {
	for _, other := range p.tables {
		if other.rel.PartitionOf != nil && *other.rel.PartitionOf == t.rel.Name {
			parts = append(append(parts, other), p.partitions(other)...)
		}
	}
	return parts
}

func (p *prover) fillTable(ctx context.Context, t *table, owner int) error {
	variants := 2
	for _, c := range t.columns {
		variants = max(variants, min(len(c.literals)+1, 5))
	}
	variantsOf := make([]int, variants)
	for i := range variantsOf {
		variantsOf[i] = i
	}
	if owner == tenantB && p.orphans(t) {
		variantsOf = append(variantsOf, orphan)
	}
	for _, variant := range variantsOf {
		made, err := p.insert(ctx, t, owner, variant, true)
		if err != nil {
			return err
		}
		if made != nil && variant != orphan {
			t.rows[owner] = append(t.rows[owner], made)
		}
	}
	return nil
}

// orphan is the variant of a row that has no tenant yet.
const orphan = 1 << 10

// orphans reports whether a table may hold rows without a tenant, other than on purpose.
func (p *prover) orphans(t *table) bool {
	if t.class == nil || t.class.Class != classify.Tenant {
		return false
	}
	c := t.column(t.class.Column)
	return c != nil && (t.unnamed(c) || !c.notNull && !strings.Contains(p.text, c.name+" IS NULL"))
}

// unnamed reports whether a row without a tenant has the empty text in the tenant column, by default.
func (t *table) unnamed(c *column) bool {
	own := t.rel.Column(c.name)
	return own != nil && own.Default != nil && strings.HasPrefix(own.Default.Text, "''") && c.base == "text"
}

// refresh brings the materialized views up to date; twice, as one may read another.
func (p *prover) refresh(ctx context.Context) error {
	for range 2 {
		for _, t := range p.tables {
			if t.rel.Kind == pgschema.MaterializedView {
				if _, err := exec(ctx, p.admin, "REFRESH MATERIALIZED VIEW "+t.sql()); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// insert makes one row as the superuser, in the name of its owner, and returns it; nil with the table's
// problem set when the server accepts none. Unless it is kept, the row is gone again. The statements in
// before run first.
func (p *prover) insert(ctx context.Context, t *table, owner, variant int, keep bool, before ...string) (values, error) {
	d := p.draft(t, owner, variant, keep)
	if d.problem != "" {
		t.problem = d.problem
		return nil, nil
	}
	end := "ROLLBACK"
	defer func() { must(context.WithoutCancel(ctx), p.admin, end) }()
	if err := must(ctx, p.admin, script(slices.Concat([]string{"BEGIN"}, before, p.owner(owner))...)); err != nil {
		return nil, err
	}
	var base map[mark]content
	if keep && t.acts() {
		var err error
		if base, err = p.measure(ctx, p.admin); err != nil {
			return nil, err
		}
	}
	for try := range patienceRows {
		if err := must(ctx, p.admin, "SAVEPOINT draft"); err != nil {
			return nil, err
		}
		if refused := try == patienceRows/2; refused || t.endless {
			// Triggers that refuse the row, perhaps; without them it is at least there.
			if err := must(ctx, p.admin, "SET LOCAL session_replication_role = replica"); err != nil {
				return nil, err
			}
		}
		r, err := exec(ctx, p.admin, insertStatement(t.sql(), d.row, d.t)+" RETURNING *")
		if err != nil {
			return nil, err
		}
		if r.err == nil && len(r.rows) == 1 {
			if r2, err := exec(ctx, p.admin, "SET CONSTRAINTS ALL IMMEDIATE"); err != nil {
				return nil, err
			} else if r2.err == nil {
				disturbed, err := p.disturbed(ctx, base, owner)
				if err != nil {
					return nil, err
				}
				if disturbed {
					base = nil
					if err := must(ctx, p.admin, "ROLLBACK TO draft", replica); err != nil {
						return nil, err
					}
					continue
				}
				if keep {
					end = "COMMIT"
				}
				t.problem = ""
				return named(r), nil
			} else {
				r = r2
			}
		}
		if err := must(ctx, p.admin, "ROLLBACK TO draft"); err != nil {
			return nil, err
		}
		t.problem = "the server accepts no row"
		if r.err != nil {
			t.problem = r.err.Message
		}
		if !t.endless && r.err != nil && (r.err.Code == tooDeep || r.err.Code == cancelled) {
			t.endless = true // whatever the values are
			continue
		}
		if !d.revise(r.err) {
			break
		}
	}
	return nil, nil
}

// acts reports whether writing a table does something else too.
func (t *table) acts() bool { return len(t.rel.Triggers)+len(t.rel.Rules) > 0 }

// disturbed reports whether a trigger or rule, which the superuser has fired with more rights than a session of
// the owner has, changed rows of others.
func (p *prover) disturbed(ctx context.Context, base map[mark]content, owner int) (bool, error) {
	if base == nil {
		return false, nil
	}
	after, err := p.measure(ctx, p.admin)
	if err != nil {
		return false, err
	}
	for key, was := range base {
		if was.owner != owner && after[key] != was {
			return true, nil
		}
	}
	return false, nil
}

// owner returns the settings of whoever a row is made for.
func (p *prover) owner(owner int) []string {
	if owner == nobody {
		return nil
	}
	return p.set(owner)
}

func named(r result) values {
	v := values{}
	for i, name := range r.columns {
		v[name] = r.rows[0][i]
	}
	return v
}

// insertStatement writes an INSERT of a row, its columns in the order of the table.
func insertStatement(into string, v values, t *table) string {
	var names, constants []string
	overriding := ""
	for _, c := range t.columns {
		value, ok := v[c.name]
		if !ok {
			continue
		}
		names = append(names, quoteName(c.name))
		constants = append(constants, constant(value))
		if c.always {
			overriding = " OVERRIDING SYSTEM VALUE"
		}
	}
	if len(names) == 0 {
		return "INSERT INTO " + into + " DEFAULT VALUES"
	}
	return fmt.Sprintf("INSERT INTO %s (%s)%s VALUES (%s)", into, strings.Join(names, ", "), overriding, strings.Join(constants, ", "))
}

func constant(v *string) string {
	if v == nil {
		return "NULL"
	}
	return literal(*v)
}

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

// belongs is the condition that a row of a table is a tenant's; empty when nothing in the row says so.
func (p *prover) belongs(t *table, alias string, owner, depth int) string {
	if t.class == nil || depth > 8 {
		return ""
	}
	switch t.class.Class {
	case classify.Tenant, classify.Registry:
		c := t.column(t.class.Column)
		if c == nil {
			return ""
		}
		return fmt.Sprintf("%s.%s::text = %s", alias, quote(c.name), literal(p.tenants[owner].id(c.base)))
	case classify.Child:
		if t.class.Via != nil {
			return p.belongsByKey(t, t.class.Via, alias, owner, depth)
		}
	case classify.Unclassified:
		var ways []string
		for _, fk := range t.foreignKeys() {
			if way := p.belongsByKey(t, fk, alias, owner, depth); way != "" {
				ways = append(ways, way)
			}
		}
		return strings.Join(ways, " OR ")
	}
	return ""
}

// belongsByKey is the condition that the row to which a foreign key leads is a tenant's.
func (p *prover) belongsByKey(t *table, fk *pgschema.Constraint, alias string, owner, depth int) string {
	parent := p.byName[fk.RefTable]
	if parent == nil || parent == t || !parent.owned {
		return ""
	}
	up := fmt.Sprintf("p%d", depth)
	condition := p.belongs(parent, up, owner, depth+1)
	if condition == "" {
		return ""
	}
	var join []string
	for i, name := range fk.Columns {
		join = append(join, fmt.Sprintf("%s.%s = %s.%s", up, quote(fk.RefColumns[i]), alias, quote(name)))
	}
	return fmt.Sprintf("EXISTS (SELECT FROM %s %s WHERE %s AND (%s))", parent.sql(), up, strings.Join(join, " AND "), condition)
}
