package differential

import "strings"

// makeDefaultPrivileges grants what is yet to be made.
func (g *generator) makeDefaultPrivileges() {
	if g.slips(0.3) {
		g.add("ALTER DEFAULT PRIVILEGES%s GRANT %s ON TABLES TO %s", g.word("", " IN SCHEMA public"), g.word("SELECT", "SELECT, INSERT, UPDATE, DELETE", "ALL"), g.grantee())
		g.note("default privileges")
	}
	if g.chance(0.08) {
		g.add("ALTER DEFAULT PRIVILEGES FOR ROLE %s%s GRANT %s TO %s", g.word("app_owner", "app_owner", "CURRENT_USER"), g.word("", " IN SCHEMA public"),
			g.word("SELECT ON TABLES", "SELECT, INSERT, UPDATE, DELETE ON TABLES", "USAGE, SELECT ON SEQUENCES", "EXECUTE ON FUNCTIONS"), g.grantee())
		g.note("default privileges")
		if g.chance(0.3) {
			g.add("ALTER DEFAULT PRIVILEGES%s REVOKE ALL ON TABLES FROM app", g.word("", " IN SCHEMA public"))
		}
	}
	if g.chance(0.1) {
		g.add("ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC")
		g.add("ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO app")
	}
}

// grant gives the service privileges on a table.
func (g *generator) grant(t *table) {
	switch {
	case t.class == shared:
		g.add("GRANT SELECT ON %s TO %s", t.name, g.grantee())
	case t.class == registry && !t.protected:
		if g.slips(1) {
			g.add("GRANT %s ON %s TO %s", g.word("UPDATE", "DELETE, SELECT", "ALL", "TRUNCATE"), t.name, g.grantee())
			g.note("list of tenants written")
		} else if g.chance(0.3) {
			g.add("GRANT SELECT (id) ON %s TO %s", t.name, g.grantee())
		}
	case t.class == registry && g.chance(0.1):
		g.add("GRANT %s ON %s TO %s", g.word("SELECT, UPDATE", "SELECT, INSERT, DELETE", "UPDATE", "UPDATE (name), SELECT (id)"), t.name, g.grantee())
		g.note("list of tenants written")
	case t.class == registry:
		g.add("GRANT SELECT ON %s TO %s", t.name, g.grantee())
	case g.slips(0.2):
		g.add("GRANT %s ON %s TO %s", g.word("ALL", "TRUNCATE", "REFERENCES, SELECT", "ALL"), t.name, g.grantee())
		g.note("wide grant")
	case g.chance(0.2):
		g.grantColumns(t)
	default:
		privileges := []string{"SELECT"}
		for _, p := range []string{"INSERT", "UPDATE", "DELETE"} {
			if g.chance(0.8) {
				privileges = append(privileges, p)
			}
		}
		g.add("GRANT %s ON %s TO %s", strings.Join(privileges, ", "), t.name, g.grantee())
	}
	if g.chance(0.03) {
		g.add("REVOKE %s ON %s FROM %s", g.word("ALL", "UPDATE", "SELECT"), t.name, g.grantee())
	}
}

// grantColumns grants columns instead of the table.
func (g *generator) grantColumns(t *table) {
	g.note("column grants")
	grantee := g.grantee()
	for _, privilege := range []string{"SELECT", "INSERT", "UPDATE"} {
		var names []string
		for _, c := range t.columns {
			if g.chance(0.7) {
				names = append(names, c.name)
			}
		}
		if len(names) > 0 {
			g.add("GRANT %s (%s) ON %s TO %s", privilege, strings.Join(names, ", "), t.name, grantee)
		}
	}
	if g.chance(0.5) {
		g.add("GRANT DELETE ON %s TO %s", t.name, grantee)
	}
	if g.chance(0.1) {
		g.add("REVOKE UPDATE (%s) ON %s FROM %s", g.word("tenant_id", "body"), t.name, grantee)
	}
}

// grantSequences gives the service the sequences behind identity columns.
func (g *generator) grantSequences() {
	g.note("sequence grants")
	g.add("CREATE SEQUENCE %s", g.name("numbers"))
	g.add("GRANT %s ON ALL SEQUENCES IN SCHEMA public TO %s", g.word("USAGE", "USAGE, SELECT", "ALL"), g.grantee())
}
