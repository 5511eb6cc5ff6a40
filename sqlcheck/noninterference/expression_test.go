package noninterference

import (
	"fmt"
	"strconv"
)

// constant writes a value that reads no table. No number is that of tenant C.
func (g *generator) constant(k kind) string {
	switch k {
	case number:
		return g.word("1", "2", "3", "4", "$3", "$5", "$5", "$2", "$1")
	case text:
		return g.word("'x'", "'y'", "'z'", "$4", "$4")
	}
	return g.word("true", "false", "$5 = 2", "$4 = 'x'", "true")
}

// value writes an expression of a kind.
func (g *generator) value(k kind, s *scope, depth int) string {
	if depth > 2 || g.chance(0.6) {
		if c, ok := g.choose(s, func(c column) bool { return c.kind == k }); ok && g.chance(0.8) {
			return c
		}
		return g.constant(k)
	}
	next := func() string { return g.value(k, s, depth+1) }
	if k == truth && g.chance(0.7) {
		return "(" + g.condition(s, depth+1) + ")"
	}
	return g.of(
		func() string { return fmt.Sprintf("COALESCE(%s, %s)", next(), next()) },
		func() string { return fmt.Sprintf("NULLIF(%s, %s)", next(), next()) },
		func() string {
			return fmt.Sprintf("CASE WHEN %s THEN %s ELSE %s END", g.condition(s, depth+1), next(), next())
		},
		func() string { return g.scalar(k, s, depth) },
		func() string { return g.scalar(k, s, depth) },
		func() string {
			if k == number {
				return g.of(
					func() string { return fmt.Sprintf("greatest(%s, %s)", next(), next()) },
					func() string { return fmt.Sprintf("(%s + 1)", next()) },
					func() string { return "best(" + g.tenantValue(s) + ")" },
				)
			}
			return next()
		},
	)
}

// scalar writes a subquery with one row: an aggregate, or the first of its rows.
func (g *generator) scalar(k kind, s *scope, depth int) string {
	if g.budget <= 0 || depth > 2 {
		return g.constant(k)
	}
	g.note("scalar subquery")
	inner := s.inner()
	from, where := g.from(inner, depth+1)
	v := g.value(k, inner, 2)
	if g.chance(0.5) {
		return fmt.Sprintf("(SELECT %s FROM %s%s ORDER BY 1 LIMIT 1)", v, from, where)
	}
	// An aggregate of an outer column would belong to the query around.
	v = g.value(k, &scope{sources: inner.sources}, 3)
	switch {
	case k == number && g.chance(0.3):
		return fmt.Sprintf("(SELECT count(*)::int FROM %s%s)", from, where)
	case k == truth:
		return fmt.Sprintf("(SELECT bool_or(%s) FROM %s%s)", v, from, where)
	}
	return fmt.Sprintf("(SELECT %s(%s) FROM %s%s)", g.word("min", "max"), v, from, where)
}

// condition writes a boolean expression.
func (g *generator) condition(s *scope, depth int) string {
	if depth > 3 || g.chance(0.5) {
		return g.comparison(s, depth)
	}
	next := func() string { return g.condition(s, depth+1) }
	return g.of(
		func() string { return fmt.Sprintf("(%s AND %s)", next(), next()) },
		func() string { g.note("or"); return fmt.Sprintf("(%s OR %s)", next(), next()) },
		func() string { g.note("not"); return fmt.Sprintf("NOT (%s)", next()) },
		func() string {
			return fmt.Sprintf("(%s) IS %s", next(), g.word("TRUE", "NOT TRUE", "FALSE", "NOT FALSE", "UNKNOWN", "NOT UNKNOWN"))
		},
		func() string {
			g.note("case")
			return fmt.Sprintf("CASE WHEN %s THEN %s ELSE %s END", next(), next(), next())
		},
		func() string {
			return fmt.Sprintf("CASE %s WHEN %s THEN %s END", g.value(number, s, 2), g.value(number, s, 2), next())
		},
		func() string { return fmt.Sprintf("COALESCE(%s, %s)", next(), g.word("true", "false")) },
		func() string { return fmt.Sprintf("(%s) %s %s", next(), g.word("=", "<>"), g.word("true", "false")) },
		func() string { return fmt.Sprintf("NULLIF(%s, %s)", next(), next()) },
		func() string { return g.existence(s, depth) },
		func() string { return g.among(s, depth) },
		func() string { return g.tenantCondition(s, depth) },
	)
}

// comparison writes a plain predicate.
func (g *generator) comparison(s *scope, depth int) string {
	k := kind(g.IntN(2))
	v := func() string { return g.value(k, s, 2) }
	return g.of(
		func() string { return fmt.Sprintf("%s = %s", v(), v()) },
		func() string { return fmt.Sprintf("%s = %s", v(), v()) },
		func() string { return fmt.Sprintf("%s %s %s", v(), g.word("<>", "<", "<=", ">", ">="), v()) },
		func() string { return fmt.Sprintf("%s BETWEEN %s AND %s", v(), v(), v()) },
		func() string { return fmt.Sprintf("%s IS %s", v(), g.word("NULL", "NOT NULL")) },
		func() string { return fmt.Sprintf("%s IS %sDISTINCT FROM %s", v(), g.word("", "NOT "), v()) },
		func() string { return fmt.Sprintf("%s %sIN (%s, %s)", v(), g.word("", "NOT "), v(), v()) },
		func() string { return fmt.Sprintf("(%s, %s) = (%s, %s)", v(), v(), v(), v()) },
		func() string { return fmt.Sprintf("(%s, %s) %s (%s, %s)", v(), v(), g.word("<>", "<", ">="), v(), v()) },
		func() string {
			return fmt.Sprintf("%s = ANY (%s)", g.value(number, s, 2), g.word("$6", "ARRAY[$1, $5]", "ARRAY[$1]", "$6::int[]"))
		},
		func() string { return fmt.Sprintf("%s <> ALL ($6)", g.value(number, s, 2)) },
		func() string { return fmt.Sprintf("same(%s, %s)", g.value(number, s, 2), g.value(number, s, 2)) },
		func() string { return g.value(truth, s, 3) },
	)
}

// existence writes EXISTS.
func (g *generator) existence(s *scope, depth int) string {
	if g.budget <= 0 || depth > 2 {
		return g.comparison(s, depth)
	}
	not := g.word("", "", "NOT ")
	g.note(not + "exists")
	inner := s.inner()
	from, where := g.from(inner, depth+1)
	end := g.word("", "", " LIMIT 1")
	if g.chance(0.08) {
		end = g.word(" HAVING true", " HAVING count(*) > 1", " ORDER BY count(*)", " LIMIT 0", " OFFSET 1", " GROUP BY ()")
	}
	return fmt.Sprintf("%sEXISTS (SELECT 1 FROM %s%s%s)", not, from, where, end)
}

// among writes a comparison with a subquery.
func (g *generator) among(s *scope, depth int) string {
	if g.budget <= 0 || depth > 2 {
		return g.comparison(s, depth)
	}
	c, ok := g.choose(s, func(c column) bool { return c.kind == number })
	if !ok {
		c = "$5"
	}
	if g.chance(0.2) {
		d, ok := g.choose(s, func(c column) bool { return c.kind == text })
		if ok {
			g.note("row in subquery")
			q, _ := g.query(s, []kind{number, text}, depth+1)
			return fmt.Sprintf("(%s, %s) %sIN (%s)", c, d, g.word("", "", "NOT "), q)
		}
	}
	q, _ := g.query(s, []kind{number}, depth+1)
	how := g.word("IN", "IN", "IN", "NOT IN", "= ANY", "<> ALL", "< ANY", ">= ALL", "= SOME", "<> ANY")
	g.note(how + " subquery")
	return fmt.Sprintf("%s %s (%s)", c, how, q)
}

// tenantValue writes a value that is, mostly, tenant A.
func (g *generator) tenantValue(s *scope) string {
	if g.chance(0.75) {
		return "$1"
	}
	if !g.mixed {
		return g.word("1", "(SELECT $1::int)", "NULLIF($1, 0)", "$1::int", "COALESCE($1, $2)", "current_setting('app.tenant_id')::int", "greatest($1, $1)")
	}
	return g.word("1", "1", "$2", "$2", "(SELECT $1::int)", "COALESCE($1, $2)", "NULLIF($1, 0)", "$1::int",
		"current_setting('app.tenant_id')::int", "CASE WHEN $5 = 1 THEN $1 ELSE $2 END", "greatest($1, $1)")
}

// tenantCondition writes a predicate on a tenant column that may or may not pin it.
func (g *generator) tenantCondition(s *scope, depth int) string {
	c, ok := g.choose(s, func(c column) bool { return c.domain == "tenant" })
	if !ok {
		return g.comparison(s, depth)
	}
	if g.chance(0.6) {
		return g.pin(c, s, depth)
	}
	return g.loosePin(c, s, depth)
}

// loosePin writes a predicate that looks like one that pins a tenant column.
func (g *generator) loosePin(c string, s *scope, depth int) string {
	v := g.tenantValue(s)
	g.note("loose pin")
	return g.of(
		func() string { return fmt.Sprintf("%s <> %s", c, v) },
		func() string { return fmt.Sprintf("%s >= %s", c, v) },
		func() string { return fmt.Sprintf("(%s = %s) IS NOT FALSE", c, v) },
		func() string { return fmt.Sprintf("%s = COALESCE(%s, %s)", c, v, c) },
		func() string { return fmt.Sprintf("%s = COALESCE(NULLIF(%s, %s), %s)", c, v, g.constant(number), c) },
		func() string { return fmt.Sprintf("COALESCE(NULLIF(%s, %s), %s) = %s", c, g.value(number, s, 2), v, v) },
		func() string { return fmt.Sprintf("NULLIF(%s, %s) IS NULL", c, g.value(number, s, 2)) },
		func() string {
			return fmt.Sprintf("NULLIF(%s, %s) IS NOT DISTINCT FROM %s", c, g.value(number, s, 2), v)
		},
		func() string { return fmt.Sprintf("%s::bool = %s::bool", c, v) },
		func() string { return fmt.Sprintf("CASE WHEN %s THEN %s END = %s", g.comparison(s, depth), c, v) },
		func() string {
			return fmt.Sprintf("(CASE WHEN %s THEN %s END = %s) IS NOT FALSE", g.comparison(s, depth), c, v)
		},
		func() string { return fmt.Sprintf("(%s IS NULL OR %s = %s)", c, c, v) },
		func() string { return fmt.Sprintf("(%s = %s OR %s)", c, v, g.comparison(s, depth)) },
		func() string { return fmt.Sprintf("%s = ANY ($6)", c) },
		func() string { return fmt.Sprintf("%s IN ($1, $2)", c) },
		func() string { return fmt.Sprintf("%s NOT IN (%s)", c, v) },
		func() string { return fmt.Sprintf("%s IS DISTINCT FROM %s", c, v) },
		func() string { return fmt.Sprintf("(%s = %s) = (%s)", c, v, g.comparison(s, depth)) },
		func() string { return fmt.Sprintf("(%s, 1) >= (%s, 1)", c, v) },
		func() string { return fmt.Sprintf("%s = %s", c, c) },
		func() string {
			return fmt.Sprintf("(EXISTS (SELECT 1 FROM tenant z WHERE z.id = %s AND z.id = %s)) %s", c, v, g.word("= false", "IS NOT NULL", "<> true", "IS NOT UNKNOWN"))
		},
		func() string {
			return fmt.Sprintf("EXISTS (SELECT %s FROM tenant z WHERE z.id = %s AND z.id = %s%s)", g.word("1", "count(*)", "(SELECT count(z.id))"), c, v, g.word("", " HAVING true", " ORDER BY count(*)"))
		},
		func() string {
			return fmt.Sprintf("(SELECT z.id FROM tenant z WHERE z.id = %s AND z.id = %s) %s", c, v, g.word("IS NULL", "IS DISTINCT FROM $1", "IS NOT DISTINCT FROM $2"))
		},
		func() string { return fmt.Sprintf("(SELECT %s WHERE %s) IS NULL", c, g.comparison(s, depth+1)) },
		func() string { return fmt.Sprintf("COALESCE(%s = %s AND %s, true)", c, v, g.comparison(s, depth+1)) },
		func() string { return fmt.Sprintf("1::bool = %s::bool AND %s = %s", g.constant(number), v, v) },
	)
}

// pin writes a predicate that pins a tenant column to a value.
func (g *generator) pin(c string, s *scope, depth int) string {
	v := g.tenantValue(s)
	plain := func() string { return fmt.Sprintf("%s = %s", c, v) }
	if depth > 2 || g.chance(0.55) {
		return plain()
	}
	other := func() string { return g.comparison(s, depth+1) }
	g.note("special pin")
	return g.of(
		func() string { return fmt.Sprintf("%s = %s", v, c) },
		func() string { return fmt.Sprintf("NOT (%s <> %s)", c, v) },
		func() string { return fmt.Sprintf("(%s = %s) IS TRUE", c, v) },
		func() string { return fmt.Sprintf("COALESCE(%s = %s, false)", c, v) },
		func() string { return fmt.Sprintf("CASE WHEN %s THEN %s = %s ELSE false END", other(), c, v) },
		func() string { return fmt.Sprintf("((%s AND %s) OR (%s AND %s))", plain(), other(), other(), plain()) },
		func() string { return fmt.Sprintf("(%s AND (%s OR %s))", plain(), other(), other()) },
		func() string { return fmt.Sprintf("NOT (%s <> %s OR %s)", c, v, other()) },
		func() string { return fmt.Sprintf("%s IN (%s)", c, v) },
		func() string { return fmt.Sprintf("%s = ANY (ARRAY[%s])", c, v) },
		func() string { return fmt.Sprintf("%s IS NOT DISTINCT FROM %s", c, v) },
		func() string {
			return fmt.Sprintf("(%s, %s) = (%s, %s)", c, g.value(number, s, 2), v, g.value(number, s, 2))
		},
		func() string { return fmt.Sprintf("(%s, %s) IN ((%s, 1), (%s, $5))", c, g.value(number, s, 2), v, v) },
		func() string { return fmt.Sprintf("%s = (SELECT %s)", c, v) },
		func() string { return fmt.Sprintf("same(%s, %s)", c, v) },
		func() string { return fmt.Sprintf("COALESCE(%s, %s) = %s", c, v, v) },
		func() string { return fmt.Sprintf("NULLIF(%s, %s) = %s", c, g.constant(number), v) },
		func() string {
			a := g.alias()
			return fmt.Sprintf("EXISTS (SELECT 1 FROM tenant %s WHERE %s.id = %s AND %s.id = %s)", a, a, c, a, v)
		},
		func() string {
			a := g.alias()
			return fmt.Sprintf("%s IN (SELECT %s.id FROM tenant %s WHERE %s.id = %s)", c, a, a, a, v)
		},
		func() string {
			a := g.alias()
			return fmt.Sprintf("%s = (SELECT %s.tenant_id FROM customer %s WHERE %s.tenant_id = %s ORDER BY 1 LIMIT 1)", c, a, a, a, v)
		},
	)
}

func ordinals(n int) string {
	var parts []string
	for i := range n {
		parts = append(parts, strconv.Itoa(i+1))
	}
	return join(parts, ", ")
}
