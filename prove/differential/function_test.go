package differential

import "fmt"

// makeFunction makes a function or procedure that works on a table, mostly with the rights of its owner.
func (g *generator) makeFunction() {
	t := g.pick(owned)
	if t == nil {
		return
	}
	name := g.name("f")
	condition := " WHERE " + g.condition(t, t.name+".")
	if g.slips(0.5) {
		condition = g.word("", " WHERE "+g.noise(t, t.name+"."), " WHERE "+g.broken(t, t.name+"."))
	}
	definer := g.word(" SECURITY DEFINER", " SECURITY DEFINER", "") + g.word("", " SET search_path = public", " SET search_path = public, pg_temp")
	signature := name + "()"
	switch g.IntN(13) {
	case 0, 1:
		rest := ""
		if g.chance(0.3) {
			rest = fmt.Sprintf(" UNION ALL SELECT %s.* FROM %s WHERE %s", t.name, t.name, g.condition(t, t.name+"."))
		}
		g.add("CREATE FUNCTION %s RETURNS SETOF %s LANGUAGE sql%s AS $$ SELECT %s.* FROM %s%s%s $$", signature, t.name, definer, t.name, t.name, condition, rest)
	case 2:
		g.add("CREATE FUNCTION %s RETURNS SETOF %s LANGUAGE plpgsql%s AS $$ BEGIN RETURN QUERY SELECT %s.* FROM %s%s; END $$", signature, t.name, definer, t.name, t.name, condition)
	case 3:
		g.add("CREATE FUNCTION %s RETURNS bigint LANGUAGE plpgsql%s AS $$ DECLARE n bigint; BEGIN SELECT count(*) INTO n FROM %s%s; RETURN n; END $$", signature, definer, t.name, condition)
	case 4:
		g.add("CREATE PROCEDURE %s LANGUAGE sql%s AS $$ DELETE FROM %s%s $$", signature, definer, t.name, condition)
	case 5:
		set := "body = 'x'"
		if t.class == tenant && g.slips(0.3) {
			set = g.word("tenant_id = tenant_id", "tenant_id = "+g.literal(), "tenant_id = "+g.current())
		}
		g.add("CREATE FUNCTION %s RETURNS void LANGUAGE plpgsql%s AS $$ BEGIN UPDATE %s SET %s%s; END $$", signature, definer, t.name, set, condition)
	case 6:
		g.add("CREATE FUNCTION %s RETURNS boolean LANGUAGE sql%s BEGIN ATOMIC SELECT EXISTS (SELECT 1 FROM %s%s); END", signature, definer, t.name, condition)
	case 7:
		g.functionWithArgument(name, t, definer)
		signature = fmt.Sprintf("%s(%s)", name, g.keyType)
	case 8:
		g.guardedFunction(name, t, definer)
	case 9, 10:
		g.nestedFunction(name, t, definer, condition)
	case 11, 12:
		g.nestedFunctionWithArgument(name, t, definer)
	}
	if definer != "" && definer[:2] == " S" {
		g.note("function")
	}
	if g.slips(0.15) {
		g.asSuperuser("ALTER ROUTINE %s OWNER TO %s", name, g.word("postgres", "staff", "app"))
	}
	if g.chance(0.2) {
		g.add("REVOKE EXECUTE ON ROUTINE %s FROM PUBLIC", name)
	}
}

// functionWithArgument makes a function that its caller tells a tenant.
func (g *generator) functionWithArgument(name string, t *table, definer string) {
	if t.class != tenant {
		return
	}
	g.note("function with an argument")
	guard := fmt.Sprintf(" AND %s.tenant_id = %s", t.name, g.current())
	if g.slips(0.6) {
		guard = ""
	}
	g.add("CREATE FUNCTION %s(of %s) RETURNS SETOF text LANGUAGE sql%s AS $$ SELECT %s.body FROM %s WHERE %s.tenant_id = of%s $$",
		name, g.keyType, definer, t.name, t.name, t.name, guard)
}

// guardedFunction makes a function that refuses sessions which it has nothing for.
func (g *generator) guardedFunction(name string, t *table, definer string) {
	if t.class != tenant {
		return
	}
	g.note("guarded function")
	guard := g.of(
		func() string { return "current_user <> 'app'" },
		func() string { return "session_user = 'app'" },
		func() string { return g.current() + " IS NULL" },
	)
	g.add("CREATE FUNCTION %s() RETURNS bigint LANGUAGE plpgsql%s AS $$ BEGIN IF %s THEN RAISE EXCEPTION 'no'; END IF; RETURN (SELECT count(*) FROM %s WHERE %s); END $$",
		name, definer, guard, t.name, g.condition(t, t.name+"."))
}

// nestedFunction makes a function that calls one which nobody else may call.
func (g *generator) nestedFunction(name string, t *table, definer, condition string) {
	g.note("nested function")
	inner := g.name("inner")
	if g.slips(0.5) {
		condition = ""
	}
	body := g.word(
		fmt.Sprintf("SELECT count(*) FROM %s%s", t.name, condition),
		fmt.Sprintf("WITH gone AS (DELETE FROM %s%s RETURNING 1) SELECT count(*) FROM gone", t.name, condition),
		fmt.Sprintf("WITH changed AS (UPDATE %s SET body = 'x'%s RETURNING 1) SELECT count(*) FROM changed", t.name, condition))
	g.add("CREATE FUNCTION %s() RETURNS bigint LANGUAGE sql%s AS $$ %s $$; REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC", inner, g.word("", "", " SECURITY DEFINER"), body, inner)
	g.add("CREATE FUNCTION %s() RETURNS bigint LANGUAGE plpgsql%s AS $$ BEGIN RETURN %s(); END $$", name, definer, inner)
}

// nestedFunctionWithArgument makes a function that calls one which nobody else may call, and tells it a tenant.
func (g *generator) nestedFunctionWithArgument(name string, t *table, definer string) {
	if t.class != tenant {
		return
	}
	g.note("nested function with an argument")
	inner, of := g.name("inner"), g.current()
	if g.slips(0.6) {
		of = g.word(g.literal(), fmt.Sprintf("COALESCE(%s, %s)", of, g.literal()))
	}
	g.add("CREATE FUNCTION %s(of %s) RETURNS SETOF %s LANGUAGE sql%s AS $$ SELECT %s.* FROM %s WHERE %s.tenant_id = of $$; REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC",
		inner, g.keyType, t.name, g.word("", " SECURITY DEFINER"), t.name, t.name, t.name, inner)
	g.add("CREATE FUNCTION %s() RETURNS SETOF %s LANGUAGE sql%s AS $$ SELECT * FROM %s(%s) $$", name, t.name, definer, inner, of)
}
