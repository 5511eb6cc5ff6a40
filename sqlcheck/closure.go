package sqlcheck

import (
	"maps"
	"slices"
)

// closure is all that follows from the facts of a context: classes of equal terms, what pins them,
// and which instances are present.
type closure struct {
	e *engine
	// up is the union-find forest; a term beyond its end is its own class. value is the outside value
	// of a class, by root.
	up    []term
	value map[term]term
	among []membership
	never bool
	// loosened says that terms are in one class as they are equal or both NULL.
	loosened bool

	present map[*instance]bool
	// pending are outer joins whose missing side may be missing.
	pending []*conditional
	// instances are those of stored tables that something is known of, in order of the facts.
	instances []*instance
	// applied are the contexts whose facts were added, beside those of the contexts around.
	applied  []*context
	openings []opening
	unclear  []unclear
	keyed    []keyed
	fixed    map[*instance]*fixation
}

// pin is what a term is confined to.
type pin struct {
	values []term
	null   bool
}

func (e *engine) newClosure() *closure {
	return &closure{e: e, value: map[term]term{}, present: map[*instance]bool{}}
}

// closureOf closes plain facts; strict leaves out what also holds for NULL.
func (e *engine) closureOf(strict bool, all ...facts) *closure {
	c := e.newClosure()
	for _, f := range all {
		c.keyed = append(c.keyed, f.keyed...)
		for _, k := range f.keyed {
			c.noteInstance(k.inst)
		}
		for _, q := range f.equal {
			if !strict || !q.loose {
				c.union(q.a, q.b)
				c.loosened = c.loosened || q.loose
			}
		}
		for _, m := range f.among {
			if !strict || !m.null {
				c.confine(m)
			}
		}
	}
	for _, i := range c.instances {
		c.enclosing(i)
	}
	return c
}

// close returns the closure of a context. It must not be called before the statement is read whole.
func (e *engine) close(ctx *context) *closure {
	if ctx.closed == nil {
		ctx.closed = e.closeUnder(ctx, ctx.parent)
	}
	return ctx.closed
}

// closeLocally closes a context by its own facts, without what is known around it.
func (e *engine) closeLocally(ctx *context) *closure { return e.closeUnder(ctx, nil) }

func (e *engine) closeUnder(ctx, parent *context) *closure {
	c := e.newClosure()
	if parent != nil {
		p := e.close(parent)
		c.up, c.value, c.present = slices.Clone(p.up), maps.Clone(p.value), maps.Clone(p.present)
		c.among, c.never, c.loosened = slices.Clone(p.among), p.never, p.loosened
		c.openings, c.unclear, c.keyed = slices.Clone(p.openings), slices.Clone(p.unclear), slices.Clone(p.keyed)
		c.instances = slices.Clone(p.instances)
		c.pending = slices.DeleteFunc(slices.Clone(p.pending), func(k *conditional) bool { return k.ctx == ctx })
	}
	c.addStrict(ctx.facts)
	own := slices.Clone(ctx.joined)
	c.applied = []*context{ctx}
	for again := true; again; {
		again = false
		c.derive()
		for _, list := range []*[]*conditional{&own, &c.pending} {
			for i := 0; i < len(*list); i++ {
				k := (*list)[i]
				if !c.met(k, ctx) {
					continue
				}
				*list = slices.Delete(slices.Clone(*list), i, i+1)
				c.addStrict(k.ctx.facts)
				c.applied = append(c.applied, k.ctx)
				own = append(own, k.ctx.joined...)
				again = true
				break
			}
		}
	}
	c.pending = append(c.pending, own...)
	for _, a := range c.applied {
		c.addLoose(a.facts, own)
	}
	c.derive()
	return c
}

// met reports whether the sides that a conditional needs are present, or are the context itself.
func (c *closure) met(k *conditional, ctx *context) bool {
	for _, need := range k.needs {
		if need.holds(ctx) {
			continue
		}
		found := false
		for i := range c.present {
			if need.holds(i.home) {
				found = true
				break
			}
		}
		if !found {
			return false
		}
	}
	return true
}

func (c *closure) addStrict(f facts) {
	c.never = c.never || f.never
	for _, q := range f.equal {
		if q.loose {
			continue
		}
		c.union(q.a, q.b)
		c.mark(q.a)
		c.mark(q.b)
	}
	for _, m := range f.among {
		if !m.null {
			c.confine(m)
			c.mark(m.term)
		}
	}
	for _, i := range f.present {
		c.present[i] = true
	}
	c.openings = append(c.openings, f.openings...)
	c.unclear = append(c.unclear, f.unclear...)
	c.keyed = append(c.keyed, f.keyed...)
	for _, k := range f.keyed {
		c.noteInstance(k.inst)
	}
}

// addLoose adds the facts that also hold for NULL, but for instances that an outer join of these
// pending ones may have left out: a missing row passes such a condition too.
func (c *closure) addLoose(f facts, pending []*conditional) {
	certain := func(t term) bool {
		info := c.e.info(t)
		if info.inst == nil {
			return true
		}
		return !slices.ContainsFunc(pending, func(k *conditional) bool { return k.ctx.holds(info.inst.home) })
	}
	for _, q := range f.equal {
		if q.loose && certain(q.a) && certain(q.b) {
			c.union(q.a, q.b)
			c.loosened = true
		}
	}
	for _, m := range f.among {
		if m.null && certain(m.term) {
			c.confine(m)
		}
	}
}

func (c *closure) mark(t term) {
	if i := c.e.info(t).inst; i != nil {
		c.present[i] = true
	}
}

func (c *closure) root(t term) term {
	for int(t) < len(c.up) && c.up[t] != t {
		t = c.up[t]
	}
	return t
}

func (c *closure) same(a, b term) bool { return c.root(a) == c.root(b) }

// better reports whether of two values that a term equals the first says more: the session's own tenant, then what is
// passed in.
func better(a, b Source) bool { return b != Setting && (a == Setting || a < b) }

func (c *closure) union(a, b term) {
	for len(c.up) <= int(max(a, b)) {
		c.up = append(c.up, term(len(c.up)))
	}
	c.note(a)
	c.note(b)
	va, vb := c.valueOf(a), c.valueOf(b)
	a, b = c.root(a), c.root(b)
	if a == b {
		return
	}
	c.up[b] = a
	switch {
	case va == noTerm:
		va = vb
	case vb != noTerm && better(c.e.info(vb).source, c.e.info(va).source):
		va = vb
	}
	if va != noTerm {
		c.value[a] = va
	}
}

// valueOf returns the outside value of a term's class, or noTerm.
func (c *closure) valueOf(t term) term {
	r := c.root(t)
	if v, ok := c.value[r]; ok {
		return v
	}
	if c.e.isOutside(r) {
		return r
	}
	return noTerm
}

// pin returns what the term is confined to.
func (c *closure) pin(t term) (pin, bool) {
	if v := c.valueOf(t); v != noTerm {
		return pin{values: []term{v}}, true
	}
	r := c.root(t)
	var best *membership
	for i := range c.among {
		m := &c.among[i]
		if c.root(m.term) == r && (best == nil || best.null && !m.null || best.null == m.null && len(m.of) < len(best.of)) {
			best = m
		}
	}
	if best == nil {
		return pin{}, false
	}
	return pin{values: best.of, null: best.null}, true
}

// pinnedTerms returns the columns that are confined to outside values.
func (c *closure) pinnedTerms() []term {
	var found []term
	for t := range c.up {
		if c.e.info(term(t)).inst != nil {
			if _, ok := c.pin(term(t)); ok {
				found = append(found, term(t))
			}
		}
	}
	for _, m := range c.among {
		if !slices.Contains(found, m.term) {
			found = append(found, m.term)
		}
	}
	return found
}

// confine adds a membership.
func (c *closure) confine(m membership) {
	c.among = append(c.among, m)
	c.note(m.term)
}

// note remembers the instance of a term that the closure knows something of.
func (c *closure) note(t term) { c.noteInstance(c.e.info(t).inst) }

func (c *closure) noteInstance(i *instance) {
	if i != nil && i.rel != nil && !slices.Contains(c.instances, i) {
		c.instances = append(c.instances, i)
	}
}
