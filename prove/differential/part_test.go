package differential

// makePart makes a partition or an inheritance child of a table, and sometimes grants it.
func (g *generator) makePart() {
	t := g.pick(func(t *table) bool { return t.class == tenant })
	if t == nil {
		return
	}
	name := g.name("part")
	if t.partitioned {
		g.note("partition")
		g.add("CREATE TABLE %s PARTITION OF %s DEFAULT", name, t.name)
		g.add("CREATE TABLE %s PARTITION OF %s FOR VALUES WITH (MODULUS 1, REMAINDER 0)", name, t.name) // one of the two is refused
	} else {
		g.note("inheritance child")
		g.add("CREATE TABLE %s () INHERITS (%s)", name, t.name)
	}
	part := &table{name: name, class: tenant, columns: t.columns, part: true}
	if g.chance(0.4) {
		g.protect(part)
		g.grant(part)
	} else if g.slips(0.7) {
		g.add("GRANT SELECT, DELETE ON %s TO %s", name, g.grantee())
	}
	g.tables = append(g.tables, part)
}
