package noninterference

import (
	"fmt"
	"strings"
)

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
				found = append(found, target{src.name(c), c})
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
