package noninterference

import (
	"fmt"
)

// tie writes predicates that tie a relation to the tenant, or to relations that are; left holds what it
// is joined to, or is nil.
func (g *generator) tie(src *source, s, left *scope, depth int) []string {
	var ties []string
	if !g.chance(g.care) {
		if t, ok := src.tenant(); ok && g.chance(0.5) {
			return append(ties, g.loosePin(t, s, depth))
		}
		if left != nil && g.chance(0.8) {
			ties = append(ties, g.link(src, left)...)
		}
		return ties
	}
	if t, ok := src.tenant(); ok {
		if left != nil && g.chance(0.75) {
			ties = append(ties, g.link(src, left)...)
			if other, ok := g.choose(left, func(c column) bool { return c.domain == "tenant" }); ok && g.chance(0.8) {
				return append(ties, fmt.Sprintf("%s = %s", t, other))
			}
		}
		if s.outer != nil && g.chance(0.5) {
			if other, ok := g.choose(s.outer, func(c column) bool { return c.domain == "tenant" }); ok {
				g.note("correlated")
				return append(ties, fmt.Sprintf("%s = %s", t, other))
			}
		}
		return append(ties, g.pin(t, s, depth))
	}
	if src.child == nil {
		if left != nil {
			ties = g.link(src, left)
		}
		return ties
	}
	return append(ties, g.tieChild(src, s, left, depth))
}

// tieChild ties a table without tenant column through its parent.
func (g *generator) tieChild(src *source, s, left *scope, depth int) string {
	c := src.name(*src.child)
	visible := left
	if visible == nil {
		visible = s.outer
	}
	if visible != nil {
		if parent, ok := g.choose(visible, func(p column) bool { return p.domain == src.child.domain && p.name == "id" }); ok && g.chance(0.9) {
			g.note("child by join")
			return fmt.Sprintf("%s = %s", c, parent)
		}
	}
	g.note("child by subquery")
	a, b := g.alias(), g.alias()
	v := g.tenantValue(s)
	if src.child.domain == "contact" {
		return g.of(
			func() string {
				return fmt.Sprintf("%s IN (SELECT %s.id FROM contact %s JOIN customer %s ON %s.id = %s.customer_id WHERE %s.tenant_id = %s)", c, a, a, b, b, a, b, v)
			},
			func() string {
				return fmt.Sprintf("EXISTS (SELECT 1 FROM contact %s, customer %s WHERE %s.id = %s AND %s.id = %s.customer_id AND %s.tenant_id = %s)", a, b, a, c, b, a, b, v)
			},
			func() string {
				return fmt.Sprintf("%s IN (SELECT id FROM contact WHERE customer_id IN (SELECT id FROM customer WHERE tenant_id = %s))", c, v)
			},
		)
	}
	return g.of(
		func() string {
			return fmt.Sprintf("%s IN (SELECT %s.id FROM customer %s WHERE %s.tenant_id = %s)", c, a, a, a, v)
		},
		func() string {
			return fmt.Sprintf("EXISTS (SELECT 1 FROM customer %s WHERE %s.id = %s AND %s.tenant_id = %s)", a, a, c, a, v)
		},
		func() string {
			if g.chance(0.2) {
				g.note("child by sibling")
				return fmt.Sprintf("%s IN (SELECT %s.customer_id FROM payment %s WHERE %s.tenant_id = %s)", c, a, a, a, v)
			}
			return fmt.Sprintf("%s = ANY (SELECT id FROM customer WHERE %s = tenant_id)", c, v)
		},
	)
}

// link writes an equation of two columns that mean the same thing.
func (g *generator) link(src *source, left *scope) []string {
	var found []string
	for _, c := range src.columns {
		for _, l := range left.sources {
			for _, d := range l.columns {
				if c.domain != "" && c.domain != "tenant" && c.domain == d.domain {
					found = append(found, l.name(d)+" = "+src.name(c))
				}
			}
		}
	}
	if len(found) == 0 || g.chance(0.2) {
		return nil
	}
	return found[g.IntN(len(found)):][:1]
}
