package noninterference

import (
	"fmt"
	"slices"
	"strings"
)

// from adds relations to a scope and writes FROM and WHERE.
func (g *generator) from(s *scope, depth int) (from, where string) {
	first, from := g.item(s, depth, false)
	s.sources = append(s.sources, first)
	conditions := g.tie(first, s, nil, depth)
	count := 0
	if depth < 3 {
		count = []int{0, 0, 0, 1, 1, 2}[g.IntN(6)]
	}
	for ; count > 0 && g.budget > 0; count-- {
		var more []string
		from, more = g.join(from, s, count == 1, depth)
		conditions = append(conditions, more...)
	}
	for g.chance(0.2) {
		conditions = append(conditions, g.condition(s, depth+1))
	}
	g.Shuffle(len(conditions), func(i, k int) { conditions[i], conditions[k] = conditions[k], conditions[i] })
	if len(conditions) > 0 {
		where = " WHERE " + join(conditions, " AND ")
	}
	return from, where
}

// join joins one more relation, and returns with FROM the conditions that are left to WHERE.
func (g *generator) join(from string, s *scope, last bool, depth int) (string, []string) {
	lateral := g.chance(0.12)
	next, sql := g.item(s, depth, lateral)
	before := &scope{sources: s.sources, outer: s.outer}
	s.sources = append(s.sources[:len(s.sources):len(s.sources)], next)
	ties := g.tie(next, s, before, depth)
	kind := g.word("JOIN", "JOIN", "JOIN", "LEFT JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN", ",", "CROSS JOIN", "USING", "NATURAL")
	switch {
	case lateral && (kind == "RIGHT JOIN" || kind == "FULL JOIN"):
		kind = "LEFT JOIN"
	case kind == "," && !last:
		kind = "JOIN" // what follows a comma would not see what stands before it
	}
	g.note(strings.ToLower(strings.ReplaceAll(kind, ",", "comma")))
	switch kind {
	case ",", "CROSS JOIN":
		return fmt.Sprintf("%s %s %s", from, kind, sql), ties
	case "USING", "NATURAL":
		joined, merged := g.using(from, sql, before.sources, next, kind)
		if last && !slices.ContainsFunc(merged, func(c column) bool { return !stored(c) }) {
			s.sources = append(s.sources, &source{columns: merged})
		}
		return joined, ties
	}
	return g.joinOn(from, kind, sql, next, ties, s, before, depth)
}

// joinOn joins a relation by a condition.
func (g *generator) joinOn(from, kind, sql string, next *source, on []string, s, before *scope, depth int) (string, []string) {
	var conditions []string
	if g.chance(0.2) {
		on = append(on, g.comparison(s, depth))
	}
	if kind == "FULL JOIN" && g.chance(0.9) {
		// PostgreSQL joins in full by equality of the two sides only.
		on = g.fullTies(next, before, on)
	}
	if kind == "JOIN" && g.chance(0.3) || kind != "FULL JOIN" && g.chance(0.15) {
		conditions, on = on, nil
	}
	if len(on) == 0 {
		on = []string{"true"}
	}
	t, ok := next.tenant()
	if ok && kind != "JOIN" && g.chance(0.35) {
		conditions = append(conditions, g.of(
			func() string { return g.pin(t, s, depth+1) },
			func() string { return t + " IS NULL" },
			func() string { return fmt.Sprintf("(%s OR %s IS NULL)", g.pin(t, s, depth+1), t) },
		))
	}
	if ok && (kind == "RIGHT JOIN" || kind == "FULL JOIN") && g.chance(0.85*g.care) {
		conditions = append(conditions, g.pin(t, s, depth+1))
	}
	return fmt.Sprintf("%s %s %s ON %s", from, kind, sql, join(on, " AND ")), conditions
}

// fullTies keeps what a full join may be joined by: equations of both sides.
func (g *generator) fullTies(next *source, left *scope, on []string) []string {
	for _, c := range next.columns {
		for _, src := range left.sources {
			for _, d := range src.columns {
				if c.domain != "" && c.domain == d.domain && g.chance(0.7) {
					return []string{src.name(d) + " = " + next.name(c)}
				}
			}
		}
	}
	return on
}

// using joins by columns of the same name, and returns the columns that stand for those of both sides.
// Where it cannot, it joins without condition.
func (g *generator) using(from, sql string, left []*source, next *source, kind string) (string, []column) {
	var shared []column
	for _, c := range next.columns {
		found := 0
		for _, src := range left {
			for _, d := range src.columns {
				if d.name == c.name && d.kind == c.kind {
					found++
				} else if d.name == c.name {
					found = 2
				}
			}
		}
		if found > 1 {
			return fmt.Sprintf("%s JOIN %s ON true", from, sql), nil
		}
		if found == 1 {
			shared = append(shared, c)
		}
	}
	if len(shared) == 0 {
		return fmt.Sprintf("%s JOIN %s ON true", from, sql), nil
	}
	how := g.word("", "", "LEFT ", "RIGHT ", "FULL ")
	g.note(strings.ToLower(how) + "join using")
	if kind == "NATURAL" {
		return fmt.Sprintf("%s NATURAL %sJOIN %s", from, how, sql), shared
	}
	var chosen []column
	for _, c := range shared {
		if c.domain == "tenant" && g.chance(g.care) || g.chance(0.3) {
			chosen = append(chosen, c)
		}
	}
	if len(chosen) == 0 {
		chosen = shared[:1]
	}
	var names []string
	for _, c := range chosen {
		names = append(names, c.name)
	}
	return fmt.Sprintf("%s %sJOIN %s USING (%s)", from, how, sql, join(names, ", ")), chosen
}

// item writes one relation of FROM.
func (g *generator) item(s *scope, depth int, lateral bool) (*source, string) {
	g.budget--
	alias := g.alias()
	roll := g.IntN(20)
	switch {
	case lateral || roll < 3 && depth < 3 && g.budget > 0:
		names := &scope{outer: s.outer}
		word := ""
		if lateral {
			g.note("lateral")
			names, word = s, "LATERAL "
		}
		g.note("derived table")
		sql, columns := g.query(names, nil, depth+1)
		return &source{alias: alias, columns: columns}, fmt.Sprintf("%s(%s) AS %s", word, sql, alias)
	case roll < 6 && len(g.ctes) > 0, len(g.ctes) > 0 && g.chance(0.35):
		cte := g.ctes[g.IntN(len(g.ctes))]
		g.note("with")
		return &source{alias: alias, columns: cte.columns}, cte.alias + " " + alias
	case roll == 6 || roll == 7:
		v := views[g.IntN(len(views))]
		g.note("view " + v.name)
		return &source{alias: alias, columns: v.columns}, v.name + " " + alias
	case roll == 8:
		g.note("function in from")
		call := g.word("customers_of("+g.tenantValue(s)+")", "customers_of("+g.tenantValue(s)+")", "customers_of("+g.tenantValue(s)+")", "customers()", "newest()")
		return &source{alias: alias, columns: baseTables[1].columns}, call + " " + alias
	case roll == 9 && g.chance(0.5):
		g.note("values")
		rows := g.word("($1, 1, 'x'), ($1, 2, 'y')", "($1, $5, 'x')", "($2, 2, 'y'), ($1, 3, 'x')", "($1, 3, $4)")
		columns := []column{{"t", number, "tenant"}, {"n", number, "number"}, {"w", text, ""}}
		return &source{alias: alias, columns: columns}, fmt.Sprintf("(VALUES %s) AS %s (t, n, w)", rows, alias)
	case roll == 9:
		g.note("unnest")
		columns := []column{{"t", number, "tenant"}}
		return &source{alias: alias, columns: columns}, fmt.Sprintf("unnest(%s) AS %s (t)", g.word("$6", "ARRAY[$1]", "ARRAY[$1, $2]"), alias)
	}
	table := g.table()
	src := &source{alias: alias, columns: table.columns}
	if table.child != "" {
		for i := range table.columns {
			if table.columns[i].name == table.child {
				src.child = &table.columns[i]
			}
		}
	}
	return src, table.name + " " + alias
}

// table picks a table that no WITH query hides.
func (g *generator) table() relation {
	for {
		table := baseTables[g.IntN(len(baseTables))]
		hidden := false
		for _, cte := range g.ctes {
			hidden = hidden || cte.alias == table.name
		}
		if !hidden {
			return table
		}
	}
}
