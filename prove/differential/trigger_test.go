package differential

import "fmt"

// makeTrigger makes a trigger on a tenant table: one that stamps the tenant, one that keeps a log, or one
// that works on another table.
func (g *generator) makeTrigger() {
	t := g.pick(func(t *table) bool { return t.class == tenant })
	if t == nil {
		return
	}
	f := g.name("t")
	definer := g.word("", " SECURITY DEFINER", " SECURITY DEFINER")
	each := "ROW"
	timing, events := "AFTER", g.word("INSERT", "UPDATE", "DELETE", "INSERT OR UPDATE")
	kind := g.IntN(7)
	if part := g.pick(func(t *table) bool { return t.class == child }); part != nil && g.chance(0.2) {
		// Cascading keys fire it, too.
		t, kind, events = part, 6, g.word("UPDATE", "DELETE", "DELETE")
	}
	switch kind {
	case 0:
		g.note("stamping trigger")
		timing, events = "BEFORE", g.word("INSERT", "INSERT OR UPDATE")
		g.add("CREATE FUNCTION %s() RETURNS trigger LANGUAGE plpgsql%s AS $$ BEGIN NEW.tenant_id := %s; RETURN NEW; END $$", f, definer, g.current())
	case 1:
		g.note("log by trigger")
		log := g.makeLog()
		g.add("CREATE FUNCTION %s() RETURNS trigger LANGUAGE plpgsql%s AS $$ BEGIN INSERT INTO %s (tenant_id, what) SELECT r.tenant_id, r.body FROM (SELECT (COALESCE(NEW, OLD)).*) r; RETURN NULL; END $$", f, definer, log)
	case 2:
		log := g.makeLog()
		field := "NEW"
		if events == "DELETE" {
			field = "OLD"
		}
		g.add("CREATE FUNCTION %s() RETURNS trigger LANGUAGE plpgsql%s AS $$ BEGIN INSERT INTO %s (tenant_id, what) VALUES (%s, %s.body); RETURN NULL; END $$", f, definer, log, g.noted(field), field)
	case 3, 4:
		other := g.pick(func(t *table) bool { return t.class == tenant })
		condition := fmt.Sprintf("%s.tenant_id = %s.tenant_id", other.name, g.word("NEW", "OLD"))
		if g.slips(1) {
			condition = g.word("true", g.noise(other, other.name+"."), g.broken(other, other.name+"."))
		}
		g.note("trigger on another table")
		g.add("CREATE FUNCTION %s() RETURNS trigger LANGUAGE plpgsql%s AS $$ BEGIN UPDATE %s SET body = 'seen' WHERE %s; RETURN NULL; END $$", f, definer, other.name, condition)
		if tree := func(t *table) bool { return t.part || t.partitioned }; other == t || tree(other) && tree(t) {
			events = "DELETE" // no endless loop
		}
	case 5:
		other := g.pick(func(t *table) bool { return t.class == tenant })
		g.note("trigger that copies")
		timing, events = "BEFORE", g.word("INSERT", "UPDATE", "INSERT OR UPDATE")
		condition := g.condition(other, "o.")
		if g.slips(0.5) {
			condition = g.word("o.tenant_id = NEW.tenant_id", "true", g.broken(other, "o."))
		}
		g.add("CREATE FUNCTION %s() RETURNS trigger LANGUAGE plpgsql%s AS $$ BEGIN SELECT max(o.body) INTO NEW.body FROM %s o WHERE %s; RETURN NEW; END $$", f, definer, other.name, condition)
	case 6:
		other := g.pick(func(other *table) bool {
			return other.class == tenant && other != t && !other.part && !other.partitioned
		})
		if other == nil {
			return
		}
		g.note("statement trigger")
		each = "STATEMENT"
		g.add("CREATE FUNCTION %s() RETURNS trigger LANGUAGE plpgsql%s AS $$ BEGIN DELETE FROM %s WHERE %s; RETURN NULL; END $$", f, definer, other.name, g.condition(other, other.name+"."))
	}
	g.add("CREATE TRIGGER %s %s %s ON %s FOR EACH %s EXECUTE FUNCTION %s()", f, timing, events, t.name, each, f)
	if g.slips(0.1) {
		g.add("ALTER TABLE %s DISABLE TRIGGER %s", t.name, f)
	}
}

// noted is the tenant for which a trigger or rule writes something down about a row.
func (g *generator) noted(row string) string {
	if !g.slips(0.5) {
		return g.word(row+".tenant_id", row+".tenant_id", fmt.Sprintf("COALESCE(%s.tenant_id, %s)", row, g.current()), g.current())
	}
	return g.word(g.literal(), fmt.Sprintf("COALESCE(NULLIF(%s.tenant_id, %s), %s)", row, g.current(), g.literal()))
}

// makeLog makes a table for what triggers and rules write down.
func (g *generator) makeLog() string {
	t := &table{name: g.name("log"), class: tenant, columns: []column{{"what", "text"}, {"tenant_id", g.keyType}}}
	g.add("CREATE TABLE %s (what text, tenant_id %s)", t.name, g.keyType)
	if !g.slips(0.3) {
		t.columns = []column{{"tenant_id", g.keyType}}
		g.add("ALTER TABLE %s ENABLE ROW LEVEL SECURITY; CREATE POLICY own ON %s USING (%s)", t.name, t.name, g.core(t, ""))
	}
	g.add("GRANT SELECT, INSERT ON %s TO %s", t.name, g.grantee())
	return t.name
}

// makeRule makes a rewrite rule.
func (g *generator) makeRule() {
	t := g.pick(func(t *table) bool { return t.class == tenant && !t.partitioned })
	if t == nil {
		return
	}
	g.note("rule")
	name := g.name("r")
	if g.chance(0.5) {
		log := g.makeLog()
		g.add("CREATE RULE %s AS ON %s TO %s DO ALSO INSERT INTO %s (tenant_id, what) VALUES (%s, 'x')", name, g.word("UPDATE", "DELETE"), t.name, log, g.noted("OLD"))
		return
	}
	other := g.pick(func(other *table) bool { return other.class == tenant && other != t })
	if other == nil {
		return
	}
	condition := other.name + ".tenant_id = OLD.tenant_id"
	if g.slips(1) {
		condition = g.word("true", fmt.Sprintf("%s.tenant_id = %s", other.name, g.literal()), fmt.Sprintf("%s.tenant_id IN (OLD.tenant_id, %s)", other.name, g.literal()), g.broken(other, other.name+"."))
	}
	g.add("CREATE RULE %s AS ON DELETE TO %s DO ALSO DELETE FROM %s WHERE %s", name, t.name, other.name, condition)
}
