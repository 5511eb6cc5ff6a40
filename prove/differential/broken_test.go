package differential

import (
	"fmt"
	"slices"
	"strings"
)

// broken writes a condition that resembles one on the tenant and is none.
func (g *generator) broken(t *table, prefix string) string {
	if t.class == child {
		return g.brokenOfChild(t, prefix)
	}
	column := prefix + "tenant_id"
	if t.class == registry {
		column = prefix + "id"
	}
	now := g.current()
	if t.class == tenant && g.chance(0.3) {
		return g.brokenByRegistry(column, now)
	}
	return g.of(
		func() string { return column + " = " + column },
		func() string { return column + " IS NOT NULL" },
		func() string { return fmt.Sprintf("%s = %s", column, g.literal()) },
		func() string { return fmt.Sprintf("%s = COALESCE(%s, %s)", column, now, column) },
		func() string { return fmt.Sprintf("(%s = %s OR %s IS NULL)", column, now, now) },
		func() string {
			return fmt.Sprintf("(%s::text = current_setting('app.tenant_id', true) OR current_setting('app.tenant_id', true) = '')", column)
		},
		func() string { return fmt.Sprintf("%s IS NOT DISTINCT FROM %s", column, now) },
		func() string { return fmt.Sprintf("%s <> %s", column, now) },
		func() string { return fmt.Sprintf("%s >= %s", column, now) },
		func() string {
			return fmt.Sprintf("%s::text LIKE current_setting('app.tenant_id', true) || '%%'", column)
		},
		func() string { return fmt.Sprintf("%s IN (%s, %s)", column, now, g.literal()) },
		func() string { return fmt.Sprintf("COALESCE(%s = %s, true)", column, now) },
		func() string { return fmt.Sprintf("%s IN (%s)", column, g.literals(now)) },
		func() string { return fmt.Sprintf("(%s, 1) >= (%s, 0)", column, now) },
		func() string { return fmt.Sprintf("(%s, 1) <> (%s, 0)", column, now) },
		func() string {
			return column + "::text <> ALL (string_to_array(current_setting('app.tenant_id', true), ','))"
		},
		func() string {
			return fmt.Sprintf("%s::text = ANY (string_to_array(concat_ws(',', current_setting('app.tenant_id', true), %s), ','))", column, g.literal())
		},
		func() string { return prefix + "body = current_setting('app.tenant_id', true)" },
		func() string { return now + " IS NOT NULL" },
	)
}

// literals is a long list of ids with the session's among them, and, most of the time, that of another tenant.
func (g *generator) literals(now string) string {
	g.note("long list")
	list := []string{now}
	for i := range 20 + g.IntN(40) {
		switch g.keyType {
		case "uuid":
			list = append(list, fmt.Sprintf("'00000000-0000-4000-8000-0000000001%02d'", i))
		case "text":
			list = append(list, fmt.Sprintf("'tenant-x%d'", i))
		default:
			list = append(list, fmt.Sprint(500+i))
		}
	}
	if g.chance(0.8) {
		list = slices.Insert(list, g.IntN(len(list)), g.literal())
	}
	return strings.Join(list, ", ")
}

// brokenByRegistry looks something up in the list of tenants that does not tie the row to the session.
func (g *generator) brokenByRegistry(column, now string) string {
	return g.of(
		func() string { return fmt.Sprintf("%s IN (SELECT id FROM tenant)", column) },
		func() string { return fmt.Sprintf("EXISTS (SELECT 1 FROM tenant x WHERE x.id = %s)", now) },
		func() string { return fmt.Sprintf("EXISTS (SELECT 1 FROM tenant WHERE id = id AND id = %s)", now) },
		func() string { return fmt.Sprintf("%s = ANY (SELECT id FROM tenant)", column) },
		func() string {
			return fmt.Sprintf("%s = (SELECT max(x.id::text) FROM tenant x)::%s", column, g.keyType)
		},
	)
}

func (g *generator) brokenOfChild(t *table, prefix string) string {
	p, id := t.parent, prefix+"parent_id"
	return g.of(
		func() string { return id + " IS NOT NULL" },
		func() string {
			return fmt.Sprintf("EXISTS (SELECT 1 FROM %s p WHERE p.tenant_id = %s)", p.name, g.current())
		},
		func() string {
			// The parent's id in the place of the child's.
			return fmt.Sprintf("EXISTS (SELECT 1 FROM %s p WHERE p.id = p.id AND p.tenant_id = %s)", p.name, g.current())
		},
		func() string {
			return fmt.Sprintf("EXISTS (SELECT 1 FROM %s p JOIN %s l ON l.parent_id = p.id WHERE p.tenant_id = %s)", p.name, t.name, g.current())
		},
	)
}
