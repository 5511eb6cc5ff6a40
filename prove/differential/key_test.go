package differential

import "strings"

// makeKey makes a unique key, with the tenant or without.
func (g *generator) makeKey() {
	t := g.pick(func(t *table) bool { return t.class == tenant && !t.partitioned })
	if t == nil {
		return
	}
	g.note("unique key")
	columns := g.word("tenant_id, body", "body, tenant_id", "tenant_id, id, body")
	if g.slips(1) {
		columns = g.word("body", "lower(body)", "body, id")
	}
	if strings.Contains(columns, "(") || g.chance(0.5) {
		g.add("CREATE UNIQUE INDEX %s ON %s (%s)%s", g.name("i"), t.name, columns, g.word("", "", " WHERE body IS NOT NULL"))
		return
	}
	if g.chance(0.4) {
		g.note("exclusion constraint")
		g.add("ALTER TABLE %s ADD CONSTRAINT %s EXCLUDE USING btree (%s WITH =)", t.name, g.name("x"), strings.ReplaceAll(columns, ",", " WITH =,"))
		return
	}
	g.add("ALTER TABLE %s ADD CONSTRAINT %s UNIQUE %s(%s)", t.name, g.name("u"), g.word("", "NULLS NOT DISTINCT "), columns)
}

// makeReference makes a foreign key between tenant tables, with the tenant or without.
func (g *generator) makeReference() {
	to := g.pick(func(t *table) bool { return t.class == tenant && t.plain })
	from := g.pick(func(t *table) bool { return t.class == tenant && !t.partitioned })
	if to == nil || from == nil {
		return
	}
	g.note("foreign key")
	name := g.name("ref")
	action := g.word("", "", " ON DELETE CASCADE", " ON DELETE SET NULL ("+name+")")
	g.add("ALTER TABLE %s ADD COLUMN %s %s", from.name, name, to.columns[0].sqlType)
	if g.slips(1) {
		if action != "" && g.chance(0.5) {
			action = " ON DELETE SET NULL"
		}
		g.add("ALTER TABLE %s ADD FOREIGN KEY (%s) REFERENCES %s%s", from.name, name, to.name, action)
		return
	}
	g.add("ALTER TABLE %s ADD UNIQUE (tenant_id, id)", to.name)
	g.add("ALTER TABLE %s ADD FOREIGN KEY (tenant_id, %s) REFERENCES %s (tenant_id, id)%s", from.name, name, to.name, action)
}
