package sqlcheck

// context is a place in a statement together with what is known of the rows that matter there. What
// a context knows, the contexts below it know too.
//
// A context is used for a query level, for the side of an outer join that may be missing, for one
// branch of a disjunction, and for a subquery that is no part of a conjunction. A plain subquery and a
// positive EXISTS share the context they stand in, as their rows are joined there.
type context struct {
	parent *context
	facts  facts
	// side marks the side of an outer join that may be missing; its facts hold where it is present.
	side bool
	// joined are the sides of outer joins in this context; a condition holds once all its needs do.
	joined []*conditional

	closed *closure
}

// conditional are facts that hold when each of the sides is present.
type conditional struct {
	needs []*context
	// ctx holds the facts and further outer joins below.
	ctx *context
}

func (c *context) child() *context { return &context{parent: c} }

// outerSide makes the context of a side that may be missing.
func (c *context) outerSide() *context {
	s := &context{parent: c, side: true}
	c.joined = append(c.joined, &conditional{needs: []*context{s}, ctx: s})
	return s
}

// holds reports whether the context is c or a side of an outer join within c.
func (c *context) holds(home *context) bool {
	for home != c {
		if home == nil || !home.side {
			return false
		}
		home = home.parent
	}
	return true
}

// below reports whether home is c or any context under it.
func (c *context) below(home *context) bool {
	for ; home != nil; home = home.parent {
		if home == c {
			return true
		}
	}
	return false
}

// known returns the facts of the context and of those above it, without outer joins.
func (c *context) known() facts {
	var f facts
	for ; c != nil; c = c.parent {
		f.add(c.facts)
	}
	return f
}
