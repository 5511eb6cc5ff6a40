package noninterference

import (
	"fmt"
	"strings"
)

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
