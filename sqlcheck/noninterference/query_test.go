package noninterference

import (
	"fmt"
	"strings"
)

// from adds relations to a scope and writes FROM and WHERE.
func (g *generator) from(s *scope, depth int) (from, where string) {
	var conditions []string
	count := 1
	if depth < 3 {
		count += []int{0, 0, 0, 1, 1, 2}[g.IntN(6)]
	}
	first, sql := g.item(s, depth, false)
	from = sql
	s.sources = append(s.sources, first)
	conditions = append(conditions, g.tie(first, s, nil, depth)...)
	for left := count - 1; left > 0; left-- {
		if g.budget <= 0 {
			break
		}
		lateral := g.chance(0.12)
		next, sql := g.item(s, depth, lateral)
		before := &scope{sources: s.sources, outer: s.outer}
		kind := g.word("JOIN", "JOIN", "JOIN", "LEFT JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN", ",", "CROSS JOIN", "USING", "NATURAL")
		if lateral && (kind == "RIGHT JOIN" || kind == "FULL JOIN") {
			kind = "LEFT JOIN"
		}
		if kind == "," && left > 1 {
			kind = "JOIN" // what follows a comma would not see what stands before it
		}
		g.note(strings.ToLower(strings.ReplaceAll(kind, ",", "comma")))
		both := &scope{sources: append(s.sources[:len(s.sources):len(s.sources)], next), outer: s.outer}
		ties := g.tie(next, both, before, depth)
		switch kind {
		case ",", "CROSS JOIN":
			from = fmt.Sprintf("%s %s %s", from, kind, sql)
			conditions = append(conditions, ties...)
		case "USING", "NATURAL":
			if joined, ok := g.using(from, sql, s.sources, next, kind); ok {
				from = joined
			} else {
				from = fmt.Sprintf("%s JOIN %s ON true", from, sql)
			}
			conditions = append(conditions, ties...)
		default:
			on := ties
			if g.chance(0.2) {
				on = append(on, g.comparison(both, depth))
			}
			if kind == "FULL JOIN" && g.chance(0.9) {
				// PostgreSQL joins in full by equality of the two sides only.
				on = g.fullTies(next, before, on)
			}
			if kind == "JOIN" && g.chance(0.3) || kind != "FULL JOIN" && g.chance(0.15) {
				conditions = append(conditions, on...)
				on = nil
			}
			if len(on) == 0 {
				on = []string{"true"}
			}
			from = fmt.Sprintf("%s %s %s ON %s", from, kind, sql, join(on, " AND "))
			if kind != "JOIN" && g.chance(0.35) {
				if t, ok := next.tenant(); ok {
					conditions = append(conditions, g.of(
						func() string { return g.pin(t, both, depth+1) },
						func() string { return t + " IS NULL" },
						func() string { return fmt.Sprintf("(%s OR %s IS NULL)", g.pin(t, both, depth+1), t) },
					))
				}
			}
			if kind == "RIGHT JOIN" || kind == "FULL JOIN" {
				if t, ok := next.tenant(); ok && g.chance(0.85*g.care) {
					conditions = append(conditions, g.pin(t, both, depth+1))
				}
			}
		}
		s.sources = append(s.sources, next)
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

// fullTies keeps what a full join may be joined by: equations of both sides.
func (g *generator) fullTies(next *source, left *scope, on []string) []string {
	for _, c := range next.columns {
		for _, src := range left.sources {
			for _, d := range src.columns {
				if c.domain != "" && c.domain == d.domain && g.chance(0.7) {
					return []string{fmt.Sprintf("%s.%s = %s.%s", src.alias, d.name, next.alias, c.name)}
				}
			}
		}
	}
	return on
}

// using joins by columns of the same name. Afterwards nobody names the sides' other columns otherwise
// than by alias, so that nothing is ambiguous.
func (g *generator) using(from, sql string, left []*source, next *source, kind string) (string, bool) {
	counts := map[string]int{}
	kinds := map[string]column{}
	for _, src := range left {
		for _, c := range src.columns {
			counts[c.name]++
			kinds[c.name] = c
		}
	}
	var shared []string
	for _, c := range next.columns {
		switch {
		case counts[c.name] > 1, counts[c.name] == 1 && kinds[c.name].kind != c.kind:
			return "", false
		case counts[c.name] == 1:
			shared = append(shared, c.name)
		}
	}
	if len(shared) == 0 {
		return "", false
	}
	how := g.word("", "", "LEFT ", "RIGHT ", "FULL ")
	g.note(strings.ToLower(how) + "join using")
	if kind == "NATURAL" {
		return fmt.Sprintf("%s NATURAL %sJOIN %s", from, how, sql), true
	}
	var chosen []string
	for _, name := range shared {
		if kinds[name].domain == "tenant" && g.chance(g.care) || g.chance(0.3) {
			chosen = append(chosen, name)
		}
	}
	if len(chosen) == 0 {
		chosen = shared[:1]
	}
	return fmt.Sprintf("%s %sJOIN %s USING (%s)", from, how, sql, join(chosen, ", ")), true
}

// tie writes predicates that tie a relation to the tenant, or to relations that are; left holds what it
// is joined to, or is nil.
func (g *generator) tie(src *source, s, left *scope, depth int) []string {
	var ties []string
	if !g.chance(g.care) {
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
	c := src.alias + "." + src.child.name
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
					found = append(found, fmt.Sprintf("%s.%s = %s.%s", l.alias, d.name, src.alias, c.name))
				}
			}
		}
	}
	if len(found) == 0 || g.chance(0.2) {
		return nil
	}
	return found[g.IntN(len(found)):][:1]
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

// query writes a query whose columns have the kinds wanted, or any.
func (g *generator) query(outer *scope, want []kind, depth int) (string, []column) {
	known := len(g.ctes)
	defer func() { g.ctes = g.ctes[:known] }()
	with := ""
	if depth < 2 && g.budget > 1 && g.chance(0.15) {
		with = g.with(outer, depth)
	}
	free := want == nil
	if free {
		for range 1 + g.IntN(4) {
			want = append(want, kind(g.IntN(3)))
		}
	}
	if depth < 3 && g.budget > 1 && g.chance(0.12) {
		sql, columns := g.setOperation(outer, want, free, depth)
		return with + sql, columns
	}
	sql, columns := g.selection(outer, want, free, depth)
	return with + sql, columns
}

// setOperation writes UNION, INTERSECT or EXCEPT.
func (g *generator) setOperation(outer *scope, want []kind, free bool, depth int) (string, []column) {
	op := g.word("UNION", "UNION ALL", "UNION", "UNION ALL", "INTERSECT", "EXCEPT", "EXCEPT ALL", "INTERSECT ALL")
	g.note(strings.ToLower(op))
	if free && g.chance(0.6) {
		// Both sides show the tenant first, as where the result is filtered by it.
		want = append([]kind{number}, want...)
	}
	left, columns := g.selection(outer, want, false, depth+1)
	right, others := g.selection(outer, want, false, depth+1)
	for k := range columns {
		if columns[k].domain != others[k].domain {
			columns[k].domain = ""
		}
	}
	limit := ""
	if g.chance(0.15) {
		g.note("limit on set operation")
		limit = fmt.Sprintf(" ORDER BY %s LIMIT %d", ordinals(len(columns)), 1+g.IntN(4))
	}
	return fmt.Sprintf("(%s) %s (%s)%s", left, op, right, limit), columns
}

// target is one output column.
type target struct {
	sql string
	column
}

// targets writes output columns of the kinds wanted; a tenant column is put first among those of free
// choice.
func (g *generator) targets(s *scope, want []kind, free bool, depth int) []target {
	var list []target
	for i, k := range want {
		accept := func(c column) bool { return c.kind == k }
		if i == 0 && k == number && g.chance(0.6) {
			accept = func(c column) bool { return c.domain == "tenant" }
		}
		list = append(list, g.target(s, accept, k, depth))
	}
	if t, ok := g.tenantTarget(s); ok && free && g.chance(0.7) {
		list = append(list, t)
	}
	for i := range list {
		list[i].name = fmt.Sprintf("c%d", i+1)
	}
	return list
}

func (g *generator) tenantTarget(s *scope) (target, bool) {
	for _, src := range s.sources {
		if t, ok := src.tenant(); ok {
			return target{t, column{kind: number, domain: "tenant"}}, true
		}
	}
	return target{}, false
}

// target writes one output column, mostly a column of the innermost relations.
func (g *generator) target(s *scope, accept func(column) bool, k kind, depth int) target {
	var found []target
	for _, src := range s.sources {
		for _, c := range src.columns {
			if accept(c) {
				found = append(found, target{src.alias + "." + c.name, c})
			}
		}
	}
	if len(found) > 0 && g.chance(0.8) {
		return found[g.IntN(len(found))]
	}
	return target{g.value(k, s, depth), column{kind: k}}
}

// selection writes a SELECT without set operations.
func (g *generator) selection(outer *scope, want []kind, free bool, depth int) (string, []column) {
	s := outer.inner()
	from, where := g.from(s, depth)
	switch roll := g.IntN(20); {
	case roll < 3:
		return g.grouped(s, from, where, want, free, depth)
	case roll == 3:
		return g.windowed(s, from, where, want, depth)
	}
	list := g.targets(s, want, free, depth+1)
	distinct, order := "", ""
	switch roll := g.IntN(20); {
	case roll < 2:
		g.note("distinct")
		distinct = "DISTINCT "
	case roll == 2:
		g.note("distinct on")
		keys := 1 + g.IntN(len(list))
		distinct = fmt.Sprintf("DISTINCT ON (%s) ", ordinals(keys))
		order = " ORDER BY " + ordinals(len(list))
	case roll < 5:
		g.note("limit")
		order = fmt.Sprintf(" ORDER BY %s LIMIT %d%s", ordinals(len(list)), 1+g.IntN(4), g.word("", "", " OFFSET 1"))
	}
	sql, columns := write(list)
	return fmt.Sprintf("SELECT %s%s FROM %s%s%s", distinct, sql, from, where, order), columns
}

func write(list []target) (string, []column) {
	var parts []string
	var columns []column
	for _, t := range list {
		parts = append(parts, t.sql+" AS "+t.name)
		columns = append(columns, t.column)
	}
	return join(parts, ", "), columns
}

// grouped writes a SELECT with GROUP BY or aggregates.
func (g *generator) grouped(s *scope, from, where string, want []kind, free bool, depth int) (string, []column) {
	g.note("aggregate")
	var list []target
	var keys []string
	add := func(t target, key bool) {
		t.name = fmt.Sprintf("c%d", len(list)+1)
		list = append(list, t)
		if key {
			keys = append(keys, t.sql)
		}
	}
	if t, ok := g.tenantTarget(s); ok && free && g.chance(0.7) {
		add(t, true)
	}
	for _, k := range want {
		switch {
		case g.chance(0.45):
			found, ok := g.choose(&scope{sources: s.sources}, func(c column) bool { return c.kind == k })
			if ok {
				domain := ""
				if strings.HasSuffix(found, ".tenant_id") {
					domain = "tenant"
				}
				add(target{found, column{kind: k, domain: domain}}, true)
				continue
			}
			fallthrough
		default:
			add(target{g.aggregate(k, s), column{kind: k}}, false)
		}
	}
	if len(keys) == 0 && free && g.chance(0.3) {
		g.note("subquery beside aggregate")
		add(target{g.scalar(number, s.outer, depth), column{kind: number}}, false)
	}
	sql, columns := write(list)
	group, having := "", ""
	if len(keys) > 0 {
		g.note("group by")
		group = " GROUP BY " + join(keys, ", ")
		if g.chance(0.05) {
			g.note("rollup")
			group = " GROUP BY ROLLUP (" + join(keys, ", ") + ")"
		}
	}
	if g.chance(0.25) {
		g.note("having")
		having = " HAVING " + g.of(
			func() string { return "count(*) > 1" },
			func() string { return "count(*) >= COALESCE(" + g.scalar(number, s.outer, depth) + ", 1)" },
			func() string { return g.aggregate(number, s) + " > 2" },
			func() string {
				if len(keys) > 0 && columns[0].kind == number {
					return keys[0] + " = " + g.tenantValue(s)
				}
				return "count(*) < 3"
			},
		)
	}
	return fmt.Sprintf("SELECT %s FROM %s%s%s%s", sql, from, where, group, having), columns
}

func (g *generator) aggregate(k kind, s *scope) string {
	v := g.value(k, &scope{sources: s.sources}, 3)
	filter := ""
	if g.chance(0.15) {
		g.note("filter")
		filter = " FILTER (WHERE " + g.comparison(&scope{sources: s.sources}, 3) + ")"
	}
	switch k {
	case truth:
		return fmt.Sprintf("%s(%s)%s", g.word("bool_or", "bool_and", "every"), v, filter)
	case number:
		if g.chance(0.4) {
			return "count(*)" + filter + "::int"
		}
		return fmt.Sprintf("%s(%s)%s", g.word("min", "max"), v, filter)
	}
	return fmt.Sprintf("%s(%s)%s", g.word("min", "max"), v, filter)
}

// windowed writes a SELECT with a window function.
func (g *generator) windowed(s *scope, from, where string, want []kind, depth int) (string, []column) {
	g.note("window function")
	list := g.targets(s, want, true, depth+1)
	var by []string
	if t, ok := g.tenantTarget(s); ok && g.chance(0.7) {
		by = append(by, t.sql)
	}
	if c, ok := g.choose(&scope{sources: s.sources}, func(column) bool { return true }); ok && g.chance(0.4) {
		by = append(by, c)
	}
	partition := ""
	if len(by) > 0 {
		partition = "PARTITION BY " + join(by, ", ")
	}
	order := ""
	if c, ok := g.choose(&scope{sources: s.sources}, func(c column) bool { return c.kind == number }); ok && g.chance(0.7) {
		order = " ORDER BY " + c
	}
	call := g.word("rank()", "dense_rank()", "count(*)", "max("+g.value(number, &scope{sources: s.sources}, 3)+")")
	name := fmt.Sprintf("c%d", len(list)+1)
	over := fmt.Sprintf("%s OVER (%s%s)::int", call, partition, order)
	// The window function takes the place of a number that is wanted.
	for i := range want {
		if want[i] == number && g.chance(0.5) && list[i].domain != "tenant" {
			list[i] = target{over, column{list[i].name, number, ""}}
			sql, columns := write(list[:max(len(want), 1)])
			return fmt.Sprintf("SELECT %s FROM %s%s", sql, from, where), columns
		}
	}
	if depth == 0 {
		list = append(list, target{over, column{name, number, ""}})
	} else {
		list = list[:len(want)]
	}
	sql, columns := write(list)
	return fmt.Sprintf("SELECT %s FROM %s%s", sql, from, where), columns
}

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
