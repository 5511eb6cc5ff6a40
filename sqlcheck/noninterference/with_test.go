package noninterference

import (
	"fmt"
)

// with writes a WITH clause and puts its queries in force.
func (g *generator) with(outer *scope, depth int) string {
	if g.chance(0.3) {
		return g.recursive(outer)
	}
	g.aliases++
	name := fmt.Sprintf("w%d", g.aliases)
	if g.chance(0.1) {
		name = g.word("customer", "invoice")
		g.note("with that hides a table")
	}
	sql, columns := g.query(outer, nil, depth+1)
	g.ctes = append(g.ctes, &source{alias: name, columns: columns})
	return fmt.Sprintf("WITH %s AS %s(%s) ", name, g.word("", "", "MATERIALIZED "), sql)
}

// recursive writes the customers below some customers.
func (g *generator) recursive(outer *scope) string {
	g.note("recursive")
	g.budget -= 2
	g.aliases++
	name := fmt.Sprintf("w%d", g.aliases)
	base, step := &scope{sources: []*source{{alias: "k", columns: baseTables[1].columns}}}, ""
	where := ""
	if g.chance(g.care) {
		where = " WHERE " + g.pin("k.tenant_id", base, 1)
	}
	if g.chance(g.care) {
		step = " AND " + g.of(
			func() string { return "k.tenant_id = r.t" },
			func() string { return "k.tenant_id = r.t" },
			func() string { return g.pin("k.tenant_id", base, 1) },
		)
	}
	columns := []column{{"i", number, "customer"}, {"t", number, "tenant"}, {"d", number, ""}}
	g.ctes = append(g.ctes, &source{alias: name, columns: columns})
	third := g.word("r.t", "k.tenant_id", "k.tenant_id")
	return fmt.Sprintf("WITH RECURSIVE %s (i, t, d) AS (SELECT k.id, k.tenant_id, 1 FROM customer k%s UNION %sSELECT k.id, %s, r.d + 1 FROM customer k JOIN %s r ON %s%s WHERE r.d < 3) ",
		name, where, g.word("", "ALL "), third, name, g.word("k.parent_id = r.i", "k.parent_id = r.i", "k.id = r.i"), step)
}
