package differential

import (
	"fmt"
	"strings"
)

// source is a table, or now and then a view.
func (g *generator) source() *table {
	if len(g.views) > 0 && g.chance(0.3) {
		return g.views[g.IntN(len(g.views))]
	}
	return g.pick(owned)
}

// makeView makes a view for the service: with its caller's rights, or with a condition of its own.
func (g *generator) makeView() {
	from := g.source()
	if from == nil {
		return
	}
	v := &table{name: g.name("v"), class: from.class, parent: from.parent, columns: from.columns}
	options, condition := "", ""
	invoker := !g.slips(0.5) && g.chance(0.6)
	var with []string
	if invoker {
		with = append(with, g.word("security_invoker", "security_invoker = true", "security_invoker = on"))
		g.note("invoker view")
	} else {
		g.note("definer view")
	}
	if g.chance(0.2) {
		with = append(with, "security_barrier")
	}
	if len(with) > 0 {
		options = " WITH (" + strings.Join(with, ", ") + ")"
	}
	prefix := from.name + "."
	switch {
	case !invoker && !g.slips(0.6), g.chance(0.2):
		condition = " WHERE " + g.condition(from, prefix)
	case g.chance(0.3):
		condition = " WHERE " + g.noise(from, prefix)
	}
	check := ""
	if condition != "" && (g.chance(0.3) || !invoker && !g.slips(0.5)) {
		check = g.word(" WITH CHECK OPTION", " WITH LOCAL CHECK OPTION", " WITH CASCADED CHECK OPTION")
	}
	query := g.query(from, condition)
	if !strings.HasPrefix(query, "SELECT * FROM "+from.name) {
		check = ""
		v = nil
	} else {
		v.base = from
	}
	name := fmt.Sprintf("v_%d", g.serial)
	if v != nil {
		name = v.name
		g.views = append(g.views, v)
	}
	g.add("CREATE VIEW %s%s AS %s%s", name, options, query, check)
	if g.slips(0.1) {
		g.add("CREATE OR REPLACE VIEW %s AS %s", name, query)
	}
	if g.chance(0.06) {
		g.add("ALTER VIEW %s SET (security_invoker = %s)", name, g.word("true", "false"))
	}
	if g.slips(0.3) {
		g.asSuperuser("ALTER VIEW %s OWNER TO %s", name, g.word("postgres", "staff", "app"))
		g.note("other owner of a view")
	}
	g.add("GRANT %s ON %s TO %s", g.word("SELECT", "SELECT", "SELECT, INSERT, UPDATE, DELETE", "ALL"), name, g.grantee())
}

// query writes what a view shows of a relation.
func (g *generator) query(from *table, condition string) string {
	all := fmt.Sprintf("SELECT * FROM %s%s", from.name, condition)
	if g.chance(0.7) {
		return all
	}
	return g.of(
		func() string { return fmt.Sprintf("SELECT count(*) AS n FROM %s%s", from.name, condition) },
		func() string { return fmt.Sprintf("SELECT DISTINCT body FROM %s%s", from.name, condition) },
		func() string {
			return fmt.Sprintf("SELECT * FROM (SELECT * FROM %s) %s%s", from.name, from.name, condition)
		},
		func() string {
			return fmt.Sprintf("WITH %s AS (SELECT * FROM %s) SELECT * FROM %s%s", from.name, from.name, from.name, condition)
		},
		func() string { return fmt.Sprintf("SELECT body, id AS number FROM %s%s", from.name, condition) },
		func() string { return fmt.Sprintf("SELECT body FROM ONLY %s%s", from.name, condition) },
		func() string {
			return fmt.Sprintf("SELECT max(body) AS last FROM %s%s GROUP BY body", from.name, condition)
		},
		func() string {
			return fmt.Sprintf("SELECT %s.body, x.name FROM %s LEFT JOIN tenant x ON true%s", from.name, from.name, condition)
		},
		func() string {
			return fmt.Sprintf("SELECT body FROM %s%s UNION ALL SELECT name FROM tenant WHERE false", from.name, condition)
		},
	)
}

func (g *generator) makeMaterializedView() {
	from := g.pick(owned)
	if from == nil {
		return
	}
	name := g.name("m")
	g.add("CREATE MATERIALIZED VIEW %s AS %s", name, g.query(from, ""))
	g.note("materialized view")
	if g.slips(1) {
		g.add("GRANT SELECT ON %s TO %s", name, g.grantee())
	}
}
