package differential

import "fmt"

// literal is the id of a tenant that the schema names.
func (g *generator) literal() string {
	switch g.keyType {
	case "uuid":
		return "'00000000-0000-4000-8000-00000000000b'"
	case "text":
		return "'tenant-ab'"
	}
	return "'10012'"
}

// current writes the tenant of the session.
func (g *generator) current() string {
	const quiet, strict = "current_setting('app.tenant_id', true)", "current_setting('app.tenant_id')"
	cast := "::" + g.keyType
	nullif := "nullif(" + quiet + ", '')" + cast
	switch {
	case g.slips(0.15):
		g.note("tenant falls back")
		return fmt.Sprintf("COALESCE(%s, %s%s)", nullif, g.literal(), cast)
	case g.slips(0.03):
		return g.literal() + cast
	}
	return g.of(
		func() string { return nullif },
		func() string { return nullif },
		func() string { return strict + cast },
		func() string { return quiet + cast },
		func() string { return "(SELECT " + nullif + ")" },
		func() string { return fmt.Sprintf("CAST(nullif(%s, '') AS %s)", quiet, g.keyType) },
		func() string {
			return g.declare("current_tenant", "CREATE FUNCTION current_tenant() RETURNS %s LANGUAGE sql STABLE AS $$ SELECT %s $$", g.keyType, nullif) + "()"
		},
		func() string {
			return "(SELECT " + g.declare("tenant_now", "CREATE FUNCTION tenant_now() RETURNS %s LANGUAGE plpgsql STABLE AS $$ BEGIN RETURN %s; END $$", g.keyType, nullif) + "())"
		},
		func() string {
			return g.declare("tenant_var", "CREATE FUNCTION tenant_var() RETURNS %s LANGUAGE plpgsql STABLE AS $$ DECLARE t text := %s; BEGIN IF t IS NULL OR t = '' THEN RETURN NULL; END IF; RETURN t%s; END $$",
				g.keyType, quiet, cast) + "()"
		},
	)
}

// declare makes a function or type before its first use and returns its name.
func (g *generator) declare(name, format string, args ...any) string {
	if !g.declared[name] {
		g.declared[name] = true
		g.add(format, args...)
	}
	return name
}
