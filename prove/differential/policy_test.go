package differential

// protect gives a table row-level security and policies.
func (g *generator) protect(t *table) {
	switch {
	case t.class == shared:
		return
	case t.class == registry && g.chance(0.1) && !g.slips(1):
		// Some services never read the list of tenants.
		return
	case g.slips(0.12):
		g.note("no row-level security")
		if g.chance(0.3) {
			g.policies(t)
		}
		return
	}
	t.protected = true
	g.add("ALTER TABLE %s ENABLE ROW LEVEL SECURITY", t.name)
	if g.chance(0.6) {
		g.add("ALTER TABLE %s FORCE ROW LEVEL SECURITY", t.name)
	}
	g.policies(t)
	if g.slips(0.05) {
		g.add("ALTER TABLE %s %s ROW LEVEL SECURITY", t.name, g.word("DISABLE", "NO FORCE"))
	}
	switch {
	case g.slips(0.1):
		g.asSuperuser("ALTER TABLE %s OWNER TO %s", t.name, g.word("app", "service"))
		g.note("other owner")
	case g.chance(0.05):
		g.asSuperuser("ALTER TABLE %s OWNER TO %s", t.name, g.word("staff", "postgres"))
		g.note("other owner")
	}
}

// policies writes the policies of a table: one for all commands, or one for each.
func (g *generator) policies(t *table) {
	if g.chance(0.65) {
		g.policy(t, "ALL", "")
	} else {
		for _, command := range []string{"SELECT", "INSERT", "UPDATE", "DELETE"} {
			if g.chance(0.85) {
				g.policy(t, command, "")
			}
		}
	}
	if g.chance(0.15) {
		g.policy(t, g.word("ALL", "SELECT", "UPDATE", "INSERT", "DELETE"), "")
	}
	if g.chance(0.15) {
		g.policy(t, g.word("ALL", "ALL", "SELECT", "UPDATE", "INSERT", "DELETE"), " AS RESTRICTIVE")
	}
	if g.chance(0.08) {
		// A wide policy behind a restrictive one.
		g.add("CREATE POLICY %s ON %s USING (true)", g.name("wide"), t.name)
		g.add("CREATE POLICY %s ON %s AS RESTRICTIVE USING (%s)", g.name("narrow"), t.name, g.condition(t, ""))
		g.note("restrictive policy")
	}
	if g.chance(0.06) {
		g.add("CREATE POLICY %s ON %s TO staff USING (true)", g.name("staff"), t.name)
	}
}

func (g *generator) policy(t *table, command, kind string) {
	name := g.name("p")
	text := "CREATE POLICY " + name + " ON " + t.name + kind
	if command != "ALL" || g.chance(0.3) {
		text += " FOR " + command
	}
	text += g.word("", "", "", " TO PUBLIC", " TO app", " TO app", " TO service", " TO app, service", " TO team, app")
	if command != "INSERT" {
		text += " USING (" + g.condition(t, "") + ")"
	}
	if command == "INSERT" || command != "SELECT" && command != "DELETE" && g.chance(0.4) {
		text += " WITH CHECK (" + g.condition(t, "") + ")"
	}
	g.add("%s", text)
	if g.chance(0.04) {
		g.add("ALTER POLICY %s ON %s %s (%s)", name, t.name, g.word("USING", "WITH CHECK"), g.condition(t, ""))
	}
	if g.chance(0.02) {
		g.add("DROP POLICY %s ON %s", name, t.name)
	}
}
