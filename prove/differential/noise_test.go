package differential

import (
	"fmt"
	"strings"
)

// words is a long list of values.
var words = strings.Fields(strings.Repeat("open shut gone void draft sent paid late ", 6))

// noise writes a condition that has nothing to do with the tenant.
func (g *generator) noise(t *table, prefix string) string {
	choices := []func() string{
		func() string { return g.word("true", "true", "1 = 1", "false") },
		func() string { return "current_user = " + g.word("'app'", "'app'", "'staff'", "'service'") },
		func() string {
			return fmt.Sprintf("pg_has_role(current_user, %s, %s)", g.word("'service'", "'staff'", "'app'"), g.word("'member'", "'usage'"))
		},
		func() string { return "current_setting('app.role', true) = 'admin'" },
		func() string { return "session_user <> 'nobody'" },
	}
	if before := g.before(t); before != nil {
		choices = append(choices, func() string { return fmt.Sprintf("EXISTS (SELECT 1 FROM %s)", before.name) })
		if owned(before) {
			choices = append(choices, func() string { return g.anyOf(before) })
		}
	}
	if prefix == "" {
		choices = append(choices, func() string { return "current_setting('is_superuser') = 'on'" })
	}
	for _, c := range t.columns {
		name := prefix + c.name
		switch c.name {
		case "body":
			choices = append(choices,
				func() string { return name + " IS NOT NULL" },
				func() string { return fmt.Sprintf("length(%s) > 0", name) },
				func() string { return fmt.Sprintf("%s LIKE '%%x%%'", name) })
		case "amount":
			choices = append(choices,
				func() string { return fmt.Sprintf("%s %s %d", name, g.word(">", "<=", "=", "<>"), 5+g.IntN(10)) })
		case "public":
			choices = append(choices,
				func() string { return name },
				func() string { return "NOT " + name },
				func() string { return name + " IS NOT TRUE" })
		case "state":
			choices = append(choices,
				func() string { return fmt.Sprintf("%s IN ('open', 'shut')", name) },
				func() string { return fmt.Sprintf("%s = 'open'", name) },
				func() string {
					return fmt.Sprintf("CASE %s WHEN 'open' THEN true WHEN 'shut' THEN NULL ELSE false END", name)
				},
				func() string { return fmt.Sprintf("%s IN ('%s')", name, strings.Join(words, "', '")) },
				func() string { return fmt.Sprintf("%s <> ALL (ARRAY['gone', 'void'])", name) })
		case "doc":
			choices = append(choices, func() string { return fmt.Sprintf("%s ? 'of'", name) })
		case "tags":
			choices = append(choices, func() string { return fmt.Sprintf("cardinality(%s) = 0", name) })
		case "at":
			choices = append(choices, func() string { return name + " < now()" })
		case "owner_name":
			choices = append(choices, func() string { return name + " = current_user" })
		case "user_id":
			choices = append(choices, func() string { return name + " = nullif(current_setting('app.user_id', true), '')::uuid" })
		}
	}
	return g.of(choices...)
}

// anyOf asks by a function whether a table has rows.
func (g *generator) anyOf(t *table) string {
	g.note("function asks another table")
	condition := " WHERE " + g.condition(t, t.name+".")
	if g.slips(0.6) {
		condition = ""
	}
	body := g.word("LANGUAGE sql STABLE%s AS $$ SELECT %s $$", "LANGUAGE plpgsql STABLE%s AS $$ BEGIN RETURN %s; END $$")
	return g.declare("any_"+t.name, "CREATE FUNCTION any_"+t.name+"() RETURNS boolean "+body,
		g.word("", " SECURITY DEFINER"), fmt.Sprintf("EXISTS (SELECT 1 FROM %s%s)", t.name, condition)) + "()"
}

// before returns one of the tables that were made before another, so that its policies may ask them and no circle arises.
func (g *generator) before(t *table) *table {
	reached := false
	return g.pick(func(other *table) bool {
		reached = reached || other == t
		return !reached
	})
}
