package differential

import (
	"cmp"
	"fmt"
)

// condition writes a condition on the rows of a table, as a policy or a WHERE clause has it. The columns of
// the table are written behind the prefix.
func (g *generator) condition(t *table, prefix string) string { return g.combine(t, prefix, 2) }

func (g *generator) combine(t *table, prefix string, depth int) string {
	core := func() string { return g.core(t, prefix) }
	if depth == 0 {
		return core()
	}
	inner := func() string { return g.combine(t, prefix, depth-1) }
	noise := func() string { return g.noise(t, prefix) }
	if g.slips(0.5) {
		g.note("careless condition")
		return g.of(
			func() string { return fmt.Sprintf("(%s OR %s)", inner(), noise()) },
			func() string { return fmt.Sprintf("(%s OR %s)", noise(), inner()) },
			func() string { return fmt.Sprintf("CASE WHEN %s THEN %s ELSE true END", noise(), inner()) },
			func() string { return fmt.Sprintf("CASE WHEN %s THEN true ELSE %s END", noise(), inner()) },
			func() string {
				return fmt.Sprintf("CASE WHEN %s THEN %s WHEN %s THEN true ELSE false END", noise(), inner(), noise())
			},
			func() string {
				return fmt.Sprintf("CASE current_user WHEN %s THEN %s ELSE true END", g.word("'app'", "'staff'"), inner())
			},
			func() string { return fmt.Sprintf("CASE WHEN %s THEN false END IS NULL", inner()) },
			func() string { return fmt.Sprintf("COALESCE(%s, true)", inner()) },
			func() string { return fmt.Sprintf("NOT (%s)", inner()) },
			func() string { return fmt.Sprintf("(%s) IS NOT FALSE", inner()) },
			func() string { return fmt.Sprintf("(NOT %s OR %s)", noise(), inner()) },
			func() string { return g.broken(t, prefix) },
			func() string { return g.broken(t, prefix) },
			func() string { return fmt.Sprintf("(%s OR %s)", inner(), g.broken(t, prefix)) },
			func() string { return "true" },
		)
	}
	return g.of(
		core, core, core, core,
		func() string { return fmt.Sprintf("(%s AND %s)", inner(), noise()) },
		func() string { return fmt.Sprintf("(%s AND %s)", noise(), inner()) },
		func() string { return fmt.Sprintf("(%s OR %s)", inner(), inner()) },
		func() string { return fmt.Sprintf("(%s OR (%s AND %s))", inner(), inner(), noise()) },
		func() string { return fmt.Sprintf("(%s AND (%s OR %s))", inner(), noise(), noise()) },
		func() string { return fmt.Sprintf("CASE WHEN %s THEN %s ELSE false END", noise(), inner()) },
		func() string { return fmt.Sprintf("CASE WHEN %s THEN %s ELSE %s END", noise(), inner(), inner()) },
		func() string {
			return fmt.Sprintf("CASE WHEN %s THEN %s WHEN %s THEN %s ELSE false END", noise(), inner(), noise(), inner())
		},
		func() string { return fmt.Sprintf("CASE WHEN %s THEN %s END", noise(), inner()) },
		func() string {
			return fmt.Sprintf("CASE current_user WHEN %s THEN %s ELSE %s END", g.word("'app'", "'staff'"), inner(), inner())
		},
		func() string { return fmt.Sprintf("CASE WHEN %s THEN true ELSE false END", inner()) },
		func() string { return fmt.Sprintf("COALESCE(%s, false)", inner()) },
		func() string { return fmt.Sprintf("NOT (NOT (%s))", inner()) },
		func() string { return fmt.Sprintf("NOT (NOT (%s) OR NOT (%s))", inner(), noise()) },
		func() string { return fmt.Sprintf("(%s) IS TRUE", inner()) },
		func() string { return fmt.Sprintf("(%s) = true", inner()) },
		func() string { return fmt.Sprintf("(%s AND %s)", inner(), g.broken(t, prefix)) },
	)
}

// core writes a condition that only the session's tenant passes.
func (g *generator) core(t *table, prefix string) string {
	if t.class == child {
		return g.coreOfChild(t, prefix)
	}
	column := prefix + "tenant_id"
	if t.class == registry {
		column = prefix + "id"
	}
	now := g.current()
	if t.class == tenant && g.chance(0.15) {
		return g.byRegistry(column, now)
	}
	if t.class == tenant && g.chance(0.1) {
		if condition := g.byOther(t, prefix); condition != "" {
			return condition
		}
	}
	if t.column("origin") && g.chance(0.3) {
		g.note("condition on a generated column")
		return prefix + "origin = current_setting('app.tenant_id', true)"
	}
	return g.of(
		func() string { return column + " = " + now },
		func() string { return column + " = " + now },
		func() string { return column + " = " + now },
		func() string { return now + " = " + column },
		func() string { return column + "::text = current_setting('app.tenant_id', true)" },
		func() string { return fmt.Sprintf("%s IN (%s)", column, now) },
		func() string { return fmt.Sprintf("%s = ANY (ARRAY[%s])", column, now) },
		func() string { return fmt.Sprintf("NOT (%s <> %s)", column, now) },
		func() string { return fmt.Sprintf("(%s, true) = (%s, true)", column, now) },
		func() string { return fmt.Sprintf("ROW(%s, 1) IN (SELECT %s, 1)", column, now) },
		func() string { return fmt.Sprintf("%s IN (VALUES (%s))", column, now) },
		func() string {
			g.note("list in the setting")
			return column + "::text = ANY (string_to_array(current_setting('app.tenant_id', true), ','))"
		},
		func() string {
			g.note("list in the setting")
			return fmt.Sprintf("%s = ANY (string_to_array(nullif(current_setting('app.tenant_id', true), ''), ',')::%s[])", column, g.keyType)
		},
		func() string {
			return fmt.Sprintf("(%s IS NOT NULL AND %s = %s)", now, column, now)
		},
		func() string {
			return fmt.Sprintf("CASE WHEN %s IS NULL THEN false ELSE %s = %s END", now, column, now)
		},
		func() string { return fmt.Sprintf("%s = (SELECT %s)", column, now) },
		func() string {
			f := g.declare("is_mine", "CREATE FUNCTION is_mine(t %s) RETURNS boolean LANGUAGE sql STABLE AS $$ SELECT t = %s $$", g.keyType, now)
			return fmt.Sprintf("%s(%s)", f, column)
		},
		func() string {
			f := g.declare("may_see", "CREATE FUNCTION may_see(t %s) RETURNS boolean LANGUAGE plpgsql STABLE AS $$ BEGIN RETURN t = %s; END $$", g.keyType, now)
			return fmt.Sprintf("%s(%s)", f, column)
		},
	)
}

// byRegistry looks the session's tenant up in the list of tenants.
func (g *generator) byRegistry(column, now string) string {
	return g.of(
		func() string { return fmt.Sprintf("%s IN (SELECT x.id FROM tenant x WHERE x.id = %s)", column, now) },
		func() string {
			return fmt.Sprintf("EXISTS (SELECT 1 FROM tenant x WHERE x.id = %s AND x.id = %s)", column, now)
		},
	)
}

// byOther looks the tenant of a row up in a table that was made before, by itself or by what that table's own policies
// show. It returns "" where there is none.
func (g *generator) byOther(t *table, prefix string) string {
	reached := false
	other := g.pick(func(other *table) bool {
		reached = reached || other == t
		return !reached && other.class == tenant
	})
	if other == nil {
		return ""
	}
	g.note("condition asks another table")
	column := cmp.Or(prefix, t.name+".") + "tenant_id"
	own := "o.tenant_id = " + g.current()
	return g.of(
		func() string {
			return fmt.Sprintf("%s IN (SELECT o.tenant_id FROM %s o WHERE %s)", column, other.name, own)
		},
		func() string {
			return fmt.Sprintf("EXISTS (SELECT 1 FROM %s o WHERE o.tenant_id = %s AND %s)", other.name, column, own)
		},
		func() string { return fmt.Sprintf("%s IN (SELECT o.tenant_id FROM %s o)", column, other.name) },
		func() string {
			return fmt.Sprintf("EXISTS (SELECT 1 FROM %s o WHERE o.tenant_id = %s)", other.name, column)
		},
		func() string {
			return fmt.Sprintf("(%s, true) IN (SELECT o.tenant_id, true FROM %s o WHERE o.body IS NOT NULL)", column, other.name)
		},
	)
}

// coreOfChild confines the rows of a child by its parent's. Without the tenant it relies on the
// parent's own policies.
func (g *generator) coreOfChild(t *table, prefix string) string {
	p, id := t.parent, prefix+"parent_id"
	if prefix == "" {
		id = t.name + ".parent_id"
	}
	own := "p.tenant_id = " + g.current()
	return g.of(
		func() string {
			return fmt.Sprintf("EXISTS (SELECT 1 FROM %s p WHERE p.id = %s AND %s)", p.name, id, own)
		},
		func() string {
			return fmt.Sprintf("%s IN (SELECT p.id FROM %s p WHERE %s)", id, p.name, own)
		},
		func() string {
			return fmt.Sprintf("%s = ANY (ARRAY(SELECT p.id FROM %s p WHERE %s))", id, p.name, own)
		},
		func() string {
			return fmt.Sprintf("(SELECT p.tenant_id FROM %s p WHERE p.id = %s) = %s", p.name, id, g.current())
		},
		func() string { return fmt.Sprintf("EXISTS (SELECT 1 FROM %s p WHERE p.id = %s)", p.name, id) },
		func() string { return fmt.Sprintf("%s IN (SELECT p.id FROM %s p)", id, p.name) },
		func() string {
			g.note("definer lookup")
			guard := " AND " + own
			if g.slips(1) {
				guard = ""
			}
			f := g.declare("has_"+p.name, "CREATE FUNCTION has_%s(i %s) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER AS $$ SELECT EXISTS (SELECT 1 FROM %s p WHERE p.id = i%s) $$",
				p.name, p.columns[0].sqlType, p.name, guard)
			return fmt.Sprintf("%s(%s)", f, id)
		},
	)
}
