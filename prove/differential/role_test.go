package differential

// makeRoles makes the owner of the schema, the role of the service, and roles that it may be a member of.
func (g *generator) makeRoles() {
	g.add("CREATE ROLE app_owner LOGIN; GRANT CREATE ON SCHEMA public TO app_owner")
	attributes := "LOGIN"
	if g.chance(0.15) {
		attributes += " NOINHERIT"
	}
	if g.slips(0.15) {
		attributes += " " + g.word("BYPASSRLS", "CREATEROLE", "SUPERUSER")
		g.note("role attribute")
	}
	g.add("CREATE ROLE app %s", attributes)
	staff := ""
	if g.chance(0.5) {
		staff = " BYPASSRLS"
	}
	g.add("CREATE ROLE staff%s", staff)
	g.add("CREATE ROLE service%s", g.word("", "", "", " NOINHERIT"))
	g.add("CREATE ROLE team%s", g.word("", "", "", " NOINHERIT"))
	if g.chance(0.4) {
		g.add("GRANT service TO app%s", g.membership())
		g.note("group role")
	}
	g.makeChain()
	switch {
	case g.slips(0.5):
		g.add("GRANT %s TO %s%s", g.word("staff", "app_owner"), g.word("app", "app", "service"), g.membership())
		g.note("membership of a strong role")
	case g.major >= 16 && g.chance(0.1):
		g.add("GRANT staff TO app WITH INHERIT %s, SET FALSE", g.word("TRUE", "FALSE"))
		g.note("membership without SET")
	}
	if g.slips(0.15) {
		g.add("ALTER %s SET app.tenant_id = %s", g.word("ROLE app", "DATABASE "+databaseName, "ROLE app IN DATABASE "+databaseName), g.literal())
		g.note("setting default")
	}
	if g.chance(0.05) {
		g.add("ALTER ROLE %s SET app.tenant_id = %s", g.word("app_owner", "staff"), g.literal())
	}
	if g.chance(0.04) {
		g.add("ALTER ROLE %s %s", g.word("app", "service"), g.word("INHERIT", "NOINHERIT")) // late: a GRANT of 16 and later has kept what was
	}
	g.add("SET ROLE app_owner")
}

// makeChain makes the service's role a member of a role through another, and takes part of that back now and then.
func (g *generator) makeChain() {
	if !g.chance(0.25) {
		return
	}
	g.note("chain of memberships")
	g.add("GRANT team TO %s%s", g.word("app", "service"), g.membership())
	if g.slips(1) {
		g.add("GRANT %s TO team%s", g.word("staff", "app_owner", "pg_read_all_data"), g.membership())
		g.note("membership of a strong role")
	}
	if g.chance(0.15) {
		option := ""
		if g.major >= 16 {
			option = g.word("", "INHERIT OPTION FOR ", "SET OPTION FOR ")
		}
		g.add("REVOKE %steam FROM %s", option, g.word("app", "service"))
	}
}

// membership writes the options of a GRANT of a role.
func (g *generator) membership() string {
	if g.major < 16 {
		return ""
	}
	return g.word("", "", " WITH INHERIT FALSE", " WITH INHERIT TRUE", " WITH SET FALSE", " WITH INHERIT TRUE, SET FALSE")
}

// grantee is a role by which the service has what is granted.
func (g *generator) grantee() string {
	return g.word("app", "app", "app", "app", "app", "app", "app", "service", "service", "team", "PUBLIC")
}
