package sqlcheck

import (
	"slices"

	"github.com/tenantvet/tenantvet/pgschema/classify"
)

// fixation says how the rows of an instance are fixed without their tenant.
type fixation struct {
	columns []string
	// tied says that another row fixes them, not values alone.
	tied bool
}

// fixation returns how the rows of an instance are fixed: by a unique key, by a secret or a parent's id
// equal to outside values, or by a join with the key of a row that is itself pinned or fixed.
func (c *closure) fixation(i *instance) (fixation, bool) {
	if c.fixed == nil {
		c.fix()
	}
	switch f := c.fixed[i]; {
	case f != nil:
		return *f, true
	case i != nil && i.fixed:
		return fixation{tied: true}, true
	}
	return fixation{}, false
}

// parentGiven returns the foreign key of a new child row whose value is given, but not as that of a
// pinned parent.
func (c *closure) parentGiven(i *instance) (fixation, bool) {
	if i.table.Class != classify.Child {
		return fixation{}, false
	}
	if c.fixed == nil {
		c.fix()
	}
	f := fixation{columns: i.table.Via.Columns}
	for _, name := range i.table.Via.Columns {
		outside, row := c.determined(i, name)
		if !outside && !row {
			return fixation{}, false
		}
		f.tied = f.tied || !outside
	}
	return f, true
}

// fix finds the fixed instances, starting from those that are pinned or fixed by values.
func (c *closure) fix() {
	c.fixed = map[*instance]*fixation{}
	for _, i := range c.instances {
		if _, ok := c.pinned(i, nil); ok {
			c.fixed[i] = &fixation{columns: tenantColumn(i)}
		} else if i.fixed {
			c.fixed[i] = &fixation{tied: true}
		}
	}
	for again := true; again; {
		again = false
		for _, i := range c.instances {
			if c.fixed[i] != nil || i.rel == nil {
				continue
			}
			if f := c.fixedBy(i); f != nil {
				c.fixed[i] = f
				again = true
			}
		}
	}
}

func tenantColumn(i *instance) []string {
	if i.table.Column == "" {
		return i.table.Via.Columns
	}
	return []string{i.table.Column}
}

// failsOpen reports whether a predicate pins the instance but for what the caller passes; that is told
// by itself, and the rows that follow from it are as good as pinned.
func (c *closure) failsOpen(i *instance) bool {
	t := c.e.tenantTerm(i)
	if t == noTerm {
		return false
	}
	open := c.e.openingsOf(t, c)
	return len(open) > 0 && c.e.fromOutside(open[0].by)
}

// given returns the columns by which values alone fix the rows of an instance.
func (c *closure) given(i *instance) []string {
	for _, key := range c.e.fixingKeys(i) {
		values, nulls := 0, 0
		for _, name := range key {
			if t, ok := i.terms[name]; ok {
				if p, ok := c.pin(t); ok && !p.null {
					values++
				} else if ok && len(p.values) == 0 {
					nulls++ // deleted_at IS NULL, in a key of what is not deleted
				}
			}
		}
		if values > 0 && values+nulls == len(key) {
			return key
		}
	}
	for _, k := range c.keyed {
		if k.inst == i && !k.tied {
			return k.columns
		}
	}
	return c.e.byPrincipal(c, i)
}

// byPrincipal returns the column that confines rows to one person, such as user_id: people may belong
// to several tenants, and to look up which is done before a tenant is known.
func (e *engine) byPrincipal(c *closure, i *instance) []string {
	for name, t := range i.terms {
		if p, ok := c.pin(t); !ok || p.null || i.table != nil && name == i.table.Column {
			continue
		}
		if person := e.referred(i.rel, name); person != nil && isPerson(person.Name.Name) {
			return []string{name}
		}
	}
	return nil
}

// fixingKeys are the unique keys of an instance's table, and its id columns.
func (e *engine) fixingKeys(i *instance) [][]string {
	keys := keysOf(i.rel, true)
	for _, name := range e.idColumns(i.rel) {
		keys = append(keys, []string{name})
	}
	return keys
}

func (c *closure) fixedBy(i *instance) *fixation {
	if i.proposed {
		return nil
	}
	if columns := c.given(i); columns != nil {
		return &fixation{columns: columns}
	}
	for _, k := range c.keyed {
		if k.inst == i && !slices.ContainsFunc(k.given, func(j *instance) bool { return !c.isFixed(j) }) {
			return &k.fixation
		}
	}
	var byRow *fixation
	for _, key := range c.e.fixingKeys(i) {
		fixed := true
		for _, name := range key {
			outside, row := c.determined(i, name)
			fixed = fixed && (outside || row)
		}
		if fixed {
			byRow = &fixation{columns: key, tied: true}
		}
	}
	if byRow != nil {
		return byRow
	}
	if c.failsOpen(i) {
		return &fixation{tied: true}
	}
	for _, j := range c.instances {
		if j == i || c.fixed[j] == nil {
			continue
		}
		// A row that all tenants may refer to, such as a currency, ties nothing together.
		if columns := c.refersTo(i, j); columns != nil && belongs(j.table) {
			return &fixation{columns: columns, tied: true}
		}
		if t := c.e.tenantTerm(i); t != noTerm && c.e.tenantTerm(j) != noTerm && c.same(t, c.e.tenantTerm(j)) {
			return &fixation{columns: []string{i.table.Column}, tied: true}
		}
	}
	return nil
}

// determined reports whether a column equals outside values, or what follows from another fixed row.
func (c *closure) determined(i *instance, name string) (outside, row bool) {
	t, ok := i.terms[name]
	if !ok {
		return false, false
	}
	if p, ok := c.pin(t); ok && !p.null {
		return true, false
	}
	for u := range c.up {
		if c.same(t, term(u)) && c.follows(term(u), i) {
			return false, true
		}
	}
	return false, false
}

// settled reports whether a term is an outside value or follows from a fixed row.
func (c *closure) settled(t term) bool {
	if c.fixed == nil {
		c.fix()
	}
	p, ok := c.pin(t)
	return ok && !p.null || c.follows(t, nil)
}

// follows reports whether a term is a column of a fixed row other than i's, or an expression of such.
func (c *closure) follows(t term, i *instance) bool {
	info := c.e.info(t)
	switch {
	case info.inst == i:
		return false
	case info.inst != nil:
		return c.isFixed(info.inst)
	case info.expression.node == nil:
		return false
	}
	any, all := false, true
	c.e.columnsOf(info.expression, func(part term) {
		any = true
		all = all && c.follows(part, i)
	})
	return any && all
}

// isFixed reports whether the rows of an instance are fixed, at least where there are any.
func (c *closure) isFixed(i *instance) bool {
	return i.fixed || c.fixed[i] != nil || c.fixedWherePresent(i)
}

// fixedGiven returns how the rows of an instance are fixed, here or as soon as those of others are whose columns
// make up one of its keys.
func (c *closure) fixedGiven(i *instance) (keyed, bool) {
	if f, ok := c.fixation(i); ok {
		return keyed{inst: i, fixation: f}, true
	}
	for _, k := range c.keyed {
		if k.inst == i {
			return k, true
		}
	}
	for _, key := range c.e.fixingKeys(i) {
		k := keyed{inst: i, fixation: fixation{columns: key, tied: true}}
		if !slices.ContainsFunc(key, func(name string) bool { return !c.comesFrom(i, name, &k.given) }) {
			return k, true
		}
	}
	return keyed{}, false
}

// comesFrom reports whether a column equals an outside value or a column of another instance, which it adds to given.
func (c *closure) comesFrom(i *instance, name string, given *[]*instance) bool {
	t, ok := i.terms[name]
	if !ok {
		return false
	}
	if p, ok := c.pin(t); ok && !p.null {
		return true
	}
	for u := range c.up {
		if j := c.e.info(term(u)).inst; j != nil && j != i && c.same(t, term(u)) {
			*given = append(*given, j)
			return true
		}
	}
	return false
}

// fixedWherePresent reports whether the rows of the side of an outer join are fixed where there are any.
func (c *closure) fixedWherePresent(i *instance) bool {
	if !c.e.complete || !i.home.side {
		return false
	}
	own := c.e.close(i.home)
	if own == c {
		return false
	}
	_, ok := own.fixation(i)
	return ok
}

// ofPinned reports whether the rows of an instance refer to a row that is itself pinned, so that those
// without a tenant have that row's.
func (c *closure) ofPinned(i *instance) bool {
	return slices.ContainsFunc(c.instances, func(j *instance) bool {
		if j == i || !belongs(j.table) || c.refersTo(i, j) == nil {
			return false
		}
		p, ok := c.pinned(j, nil)
		return ok && !p.null
	})
}

// refersTo returns the columns of i that equal a whole key of j, by which i's rows belong to j's.
func (c *closure) refersTo(i, j *instance) []string {
	keys := keysOf(j.rel, true)
	for _, name := range c.e.idColumns(j.rel) {
		keys = append(keys, []string{name})
	}
	for _, key := range keys {
		var columns []string
		for _, name := range key {
			t, ok := j.terms[name]
			if !ok {
				break
			}
			for column, u := range i.terms {
				if c.same(t, u) {
					columns = append(columns, column)
					break
				}
			}
		}
		if len(columns) == len(key) {
			slices.Sort(columns)
			return columns
		}
	}
	return nil
}
