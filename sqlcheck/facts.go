package sqlcheck

import (
	"slices"
)

// facts are what is known of every row for which a condition is true.
type facts struct {
	// never says that there is no such row.
	never bool
	equal []equation
	among []membership
	// present are instances whose row is not the NULL row of an outer join.
	present []*instance
	// openings are alternatives that leave out a predicate another alternative has.
	openings []opening
	// keyed are instances whose rows each alternative fixes, though not by the same columns.
	keyed []keyed
	// unclear are comparisons of a term that may or may not pin it.
	unclear []unclear
}

// equation says that two terms are the same value. A loose one also holds when both are NULL; it says
// nothing about a row that an outer join made of NULLs.
type equation struct {
	a, b  term
	loose bool
}

// membership says that a term is one of some outside values, or NULL if null is set.
type membership struct {
	term term
	of   []term
	null bool
}

// opening is an alternative that is true for rows whatever the term's value is. Another alternative pins it to
// value, by what it says of the written term: the same one, or another of a row's several tenant columns.
type opening struct {
	term           term
	by             operand
	written, value term
	// disjunction tells those of one disjunction, of which any lets rows pass, from those of others, which must all.
	disjunction int
}

// keyed says that the rows of an instance are fixed by one or other of some columns, provided that the rows of
// the given instances are.
type keyed struct {
	inst *instance
	fixation
	given []*instance
}

// unclear is a comparison of the term whose meaning is not known.
type unclear struct {
	term   term
	reason string
}

func (f *facts) add(g facts) {
	f.never = f.never || g.never
	f.equal = append(f.equal, g.equal...)
	f.among = append(f.among, g.among...)
	f.present = append(f.present, g.present...)
	f.openings = append(f.openings, g.openings...)
	f.keyed = append(f.keyed, g.keyed...)
	f.unclear = append(f.unclear, g.unclear...)
}

// within keeps what the facts say of some instances and of values from outside, but not of the latter
// alone.
func (f facts) within(e *engine, instances []*instance) facts {
	inside := func(terms ...term) bool {
		some := false
		for _, t := range terms {
			i := e.info(t).inst
			if i != nil && !slices.Contains(instances, i) || i == nil && !e.isOutside(t) {
				return false
			}
			some = some || i != nil
		}
		return some
	}
	var kept facts
	for _, q := range f.equal {
		if inside(q.a, q.b) {
			kept.equal = append(kept.equal, q)
		}
	}
	for _, m := range f.among {
		if inside(m.term) {
			kept.among = append(kept.among, m)
		}
	}
	return kept
}

// alternative is what is known under one branch of a disjunction.
type alternative struct {
	facts
	by operand
}

// either returns what holds whichever of the alternatives is true, given what the context knows.
func (e *engine) either(ctx *context, alternatives []alternative) facts {
	live := slices.DeleteFunc(alternatives, func(a alternative) bool { return a.never })
	switch len(live) {
	case 0:
		return facts{never: true}
	case 1:
		return live[0].facts
	}
	known := ctx.known()
	result := live[0].facts
	for _, next := range live[1:] {
		result = e.both(known, result, next.facts)
	}
	e.findOpenings(&result, known, live)
	return result
}

// both returns what follows from each of two alternatives.
func (e *engine) both(known, a, b facts) facts {
	var result facts
	ca, cb := e.closureOf(true, known, a), e.closureOf(true, known, b)
	la, lb := e.closureOf(false, known, a), e.closureOf(false, known, b)
	terms := mentioned(a, b)
	for loose, pair := range [2][2]*closure{{ca, cb}, {la, lb}} {
		groups := map[[2]term]term{}
		for _, t := range terms {
			key := [2]term{pair[0].root(t), pair[1].root(t)}
			first, ok := groups[key]
			if !ok {
				groups[key] = t
			} else if loose == 0 || ca.root(first) != ca.root(t) || cb.root(first) != cb.root(t) {
				result.equal = append(result.equal, equation{first, t, loose == 1})
			}
		}
	}
	for _, t := range terms {
		if e.isOutside(t) {
			continue
		}
		pa, oka := la.pin(t)
		pb, okb := lb.pin(t)
		if oka && okb && !(len(pa.values) == 1 && len(pb.values) == 1 && pa.values[0] == pb.values[0] && !pa.null && !pb.null) {
			values := slices.Clone(pa.values)
			for _, v := range pb.values {
				if !slices.Contains(values, v) {
					values = append(values, v)
				}
			}
			result.among = append(result.among, membership{t, values, pa.null || pb.null})
		}
	}
	others := b.presentInstances(e)
	for _, i := range a.presentInstances(e) {
		if slices.Contains(others, i) {
			result.present = append(result.present, i)
		}
	}
	result.keyed = e.keyedByBoth(la, lb)
	result.unclear = e.unclearOfBoth(a, b, la, lb)
	result.openings = append(slices.Clone(a.openings), b.openings...)
	return result
}

// keyedByBoth returns the instances whose rows both alternatives fix.
func (e *engine) keyedByBoth(a, b *closure) []keyed {
	var found []keyed
	for _, i := range a.instances {
		if !slices.Contains(b.instances, i) || a.mayBeNull(i) || b.mayBeNull(i) {
			continue
		}
		one, ok := a.fixedGiven(i)
		other, okToo := b.fixedGiven(i)
		if ok && okToo {
			columns := slices.Compact(slices.Sorted(slices.Values(append(slices.Clone(one.columns), other.columns...))))
			found = append(found, keyed{i, fixation{columns, one.tied || other.tied}, append(slices.Clone(one.given), other.given...)})
		}
	}
	return found
}

// mayBeNull reports whether the tenant is only confined to NULL among others, which a row that an outer
// join made of NULLs has too.
func (c *closure) mayBeNull(i *instance) bool {
	p, ok := c.pinned(i, nil)
	return ok && p.null
}

// findOpenings records the terms that some alternatives pin and others do not.
func (e *engine) findOpenings(result *facts, known facts, live []alternative) {
	closures := make([]*closure, len(live))
	for i := range live {
		closures[i] = e.closureOf(false, known, live[i].facts)
	}
	e.disjunctions++
	for n, c := range closures {
		for _, t := range c.pinnedTerms() {
			for k := range live {
				if _, ok := closures[k].pin(t); !ok && live[k].by.node != nil {
					result.openings = append(result.openings, c.openedBy(t, live[n].facts, live[k].by))
				}
			}
		}
	}
}

// openedBy says that an alternative leaves open the term that these facts pin.
func (c *closure) openedBy(t term, f facts, by operand) opening {
	o := opening{term: t, by: by, written: t, disjunction: c.e.disjunctions}
	others, row := mentioned(f), c.e.info(t).inst
	if !slices.ContainsFunc(others, func(u term) bool { return c.same(t, u) }) && row != nil && row.table != nil {
		for _, u := range others {
			if _, ok := c.pin(u); ok && c.e.info(u).inst == row && slices.Contains(row.table.Columns, c.e.info(u).column) {
				o.written = u
				break
			}
		}
	}
	if p, _ := c.pin(o.written); len(p.values) == 1 && !c.e.info(p.values[0]).list {
		o.value = p.values[0]
	}
	return o
}

// unclearOfBoth keeps the unclear terms of either side that the other side pins or has unclear too.
func (e *engine) unclearOfBoth(a, b facts, ca, cb *closure) []unclear {
	var kept []unclear
	covered := func(t term, f facts, c *closure) bool {
		_, ok := c.pin(t)
		return ok || slices.ContainsFunc(f.unclear, func(u unclear) bool { return u.term == t })
	}
	for _, u := range a.unclear {
		if covered(u.term, b, cb) {
			kept = append(kept, u)
		}
	}
	for _, u := range b.unclear {
		if covered(u.term, a, ca) {
			kept = append(kept, u)
		}
	}
	return kept
}

// presentInstances returns the instances that cannot be missing where the facts hold.
func (f facts) presentInstances(e *engine) []*instance {
	found := slices.Clone(f.present)
	for _, q := range f.equal {
		if q.loose {
			continue
		}
		for _, t := range [2]term{q.a, q.b} {
			if i := e.info(t).inst; i != nil && !slices.Contains(found, i) {
				found = append(found, i)
			}
		}
	}
	return found
}

// mentioned returns the terms of equations and memberships, each once.
func mentioned(all ...facts) []term {
	var terms []term
	seen := map[term]bool{}
	note := func(t term) {
		if !seen[t] {
			seen[t] = true
			terms = append(terms, t)
		}
	}
	for _, f := range all {
		for _, q := range f.equal {
			note(q.a)
			note(q.b)
		}
		for _, m := range f.among {
			note(m.term)
		}
	}
	return terms
}

// rename replaces instances by their copies.
func (e *engine) rename(f facts, copies map[*instance]*instance) facts {
	r := facts{never: f.never}
	for _, q := range f.equal {
		r.equal = append(r.equal, equation{e.renamed(q.a, copies), e.renamed(q.b, copies), q.loose})
	}
	for _, m := range f.among {
		r.among = append(r.among, membership{e.renamed(m.term, copies), m.of, m.null})
	}
	for _, i := range f.present {
		if c := copies[i]; c != nil {
			i = c
		}
		r.present = append(r.present, i)
	}
	for _, o := range f.openings {
		r.openings = append(r.openings, opening{e.renamed(o.term, copies), o.by, e.renamed(o.written, copies), o.value, o.disjunction})
	}
	for _, k := range f.keyed {
		if c := copies[k.inst]; c != nil {
			k.inst = c
		}
		k.given = slices.Clone(k.given)
		for n, i := range k.given {
			if c := copies[i]; c != nil {
				k.given[n] = c
			}
		}
		r.keyed = append(r.keyed, k)
	}
	for _, u := range f.unclear {
		r.unclear = append(r.unclear, unclear{e.renamed(u.term, copies), u.reason})
	}
	return r
}

func (e *engine) renamed(t term, copies map[*instance]*instance) term {
	info := e.info(t)
	if c := copies[info.inst]; info.inst != nil && c != nil {
		return e.column(c, info.column)
	}
	return t
}
