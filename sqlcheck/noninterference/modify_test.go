package noninterference

import (
	"fmt"
	"strings"
)

// writable picks a table that a statement changes.
func (g *generator) writable() (relation, *source) {
	table := g.table()
	src := &source{alias: g.alias(), columns: table.columns}
	for i := range table.columns {
		if table.columns[i].name == table.child && table.child != "" {
			src.child = &table.columns[i]
		}
	}
	return table, src
}

// returning writes RETURNING or nothing. It says too what the columns are.
func (g *generator) returning(s *scope, always bool) (string, []column) {
	if !always && g.chance(0.5) {
		return "", nil
	}
	g.note("returning")
	list := g.targets(s, []kind{number, text}, true, 3)
	sql, columns := write(list)
	return " RETURNING " + sql, columns
}

// assignments writes SET: columns that are no keys, from values that are the same whichever row of
// FROM is met first. A part of a key is set where asked for; a statement that could fail for another
// reason too, as MERGE where it meets a row twice, would fail for the one or the other as it is planned.
func (g *generator) assignments(table relation, target *scope, keys bool) string {
	own := &scope{sources: target.sources}
	var parts []string
	for _, c := range table.columns {
		if c.name != "name" && c.name != "score" && c.name != "active" && !(keys && c.name == "number" && g.chance(0.2)) {
			continue
		}
		if len(parts) > 0 && g.chance(0.5) {
			continue
		}
		name := c.name
		if c.name == "name" && (table.name == "customer" || table.name == "tenant") {
			parts = append(parts, name+" = "+g.constant(text))
			continue
		}
		if c.name == "active" {
			parts = append(parts, name+" = "+g.word("true", "false"))
			continue
		}
		if c.name == "number" {
			parts = append(parts, name+" = "+g.word("7", "8"))
			continue
		}
		parts = append(parts, name+" = "+g.value(c.kind, own, 1))
	}
	return join(parts, ", ")
}

// update writes UPDATE. Only at the top may it read other relations.
func (g *generator) update(outer *scope, top bool) string {
	sql, _ := g.updating(outer, top, false)
	return sql
}

func (g *generator) updating(outer *scope, top, returns bool) (string, []column) {
	g.note("update")
	g.budget--
	table, target := g.writable()
	own := &scope{sources: []*source{target}, outer: outer}
	assigned := g.assignments(table, own, true)
	from, where := g.others(" FROM ", target, own, top)
	returning, columns := g.returning(own, returns)
	return fmt.Sprintf("UPDATE %s %s SET %s%s%s%s", table.name, target.alias, assigned, from, where, returning), columns
}

// delete writes DELETE.
func (g *generator) delete(outer *scope, top bool) string {
	sql, _ := g.deleting(outer, top, false)
	return sql
}

func (g *generator) deleting(outer *scope, top, returns bool) (string, []column) {
	g.note("delete")
	g.budget--
	table, target := g.writable()
	own := &scope{sources: []*source{target}, outer: outer}
	from, where := g.others(" USING ", target, own, top)
	returning, columns := g.returning(own, returns)
	return fmt.Sprintf("DELETE FROM %s %s%s%s%s", table.name, target.alias, from, where, returning), columns
}

// others writes FROM or USING with its relations, and WHERE for these and the target.
func (g *generator) others(word string, target *source, own *scope, top bool) (from, where string) {
	var conditions []string
	if top && g.chance(0.45) {
		g.note(strings.ToLower(strings.TrimSpace(word)))
		beside := &scope{outer: own.outer}
		sql, w := g.from(beside, 1)
		from = word + sql
		if w != "" {
			conditions = append(conditions, strings.TrimPrefix(w, " WHERE "))
		}
		both := &scope{sources: append([]*source{target}, beside.sources...), outer: own.outer}
		conditions = append(conditions, g.tie(target, both, beside, 1)...)
		own.sources = both.sources
	} else {
		conditions = append(conditions, g.tie(target, own, nil, 1)...)
	}
	for g.chance(0.3) {
		conditions = append(conditions, g.condition(own, 1))
	}
	if len(conditions) > 0 {
		where = " WHERE " + join(conditions, " AND ")
	}
	return from, where
}

// inserted are the columns that an INSERT fills.
var inserted = map[string][]string{
	"tenant": {"id", "name", "score"}, "customer": {"id", "tenant_id", "name", "score"},
	"invoice": {"tenant_id", "number", "name", "score"}, "payment": {"id", "tenant_id", "customer_id", "score"},
	"contact": {"id", "customer_id", "number", "name"}, "call": {"id", "contact_id", "score"},
	"template": {"id", "tenant_id", "name", "score"}, "event": {"tenant_id", "number", "name", "score"}, "country": {"id", "name", "score"},
}

// insert writes INSERT, often with ON CONFLICT.
func (g *generator) insert() string {
	sql, _ := g.inserting(false)
	return sql
}

func (g *generator) inserting(returns bool) (string, []column) {
	g.note("insert")
	table, target := g.writable()
	columns := inserted[table.name]
	var rows string
	if g.chance(0.35) {
		rows = g.newValues(table, columns)
	} else {
		g.note("insert select")
		s := &scope{}
		from, where := g.from(s, 1)
		var list []string
		for _, name := range columns {
			list = append(list, g.newValue(table, name, s))
		}
		rows = fmt.Sprintf("SELECT %s%s FROM %s%s", g.word("", "", "DISTINCT "), join(list, ", "), from, where)
	}
	conflict := g.conflict(table, target)
	returning, out := g.returning(&scope{sources: []*source{target}}, returns)
	return fmt.Sprintf("INSERT INTO %s AS %s (%s) %s%s%s", table.name, target.alias, join(columns, ", "), rows, conflict, returning), out
}

// newValues writes VALUES of one or two rows.
func (g *generator) newValues(table relation, columns []string) string {
	var rows []string
	for k := range 1 + g.IntN(2) {
		var values []string
		for _, name := range columns {
			v := g.newValue(table, name, &scope{})
			if name == "id" {
				v = fmt.Sprint(1000 + k)
			}
			values = append(values, v)
		}
		rows = append(rows, "("+join(values, ", ")+")")
	}
	if g.chance(0.1) && table.key[0] == "id" {
		// A key that may be another tenant's.
		g.collides = true
		rows = rows[:1]
		rows[0] = strings.Replace(rows[0], "(1000", "($3", 1)
	}
	return "VALUES " + join(rows, ", ")
}

// newValue writes the value of a column of a new row.
func (g *generator) newValue(table relation, name string, s *scope) string {
	var c column
	for _, own := range table.columns {
		if own.name == name {
			c = own
		}
	}
	pick := func(domain string) (string, bool) {
		return g.choose(s, func(c column) bool { return c.domain == domain })
	}
	switch {
	case name == "id":
		if v, ok := g.choose(s, func(c column) bool { return c.name == "id" || c.name == "number" }); ok && g.chance(0.8) {
			return "1000 + " + v
		}
		return "1000"
	case c.domain == "tenant":
		v, ok := pick("tenant")
		switch {
		case ok && g.chance(0.6):
			return v
		case ok && g.chance(0.3):
			return fmt.Sprintf("(SELECT z.id FROM tenant z WHERE z.id = %s AND z.id = %s)", v, g.tenantValue(s))
		case ok && g.chance(0.3):
			return fmt.Sprintf("CASE WHEN %s THEN %s END", g.pin(v, s, 3), v)
		}
		return g.tenantValue(s)
	case c.domain == "number":
		if v, ok := pick("number"); ok && g.chance(0.5) {
			return "COALESCE(" + v + g.word("", " + 10") + ", 30)"
		}
		return g.word("1", "2", "20", "$5")
	case c.domain == "customer" || c.domain == "contact":
		if v, ok := g.choose(s, func(o column) bool { return o.domain == c.domain && o.name == "id" }); ok {
			return v
		}
		if v, ok := pick(c.domain); ok {
			return v
		}
		if c.domain == "contact" {
			return fmt.Sprintf("(SELECT l.id FROM contact l JOIN customer m ON m.id = l.customer_id WHERE m.tenant_id = %s ORDER BY 1 LIMIT 1)", g.tenantValue(s))
		}
		return g.of(
			func() string {
				return fmt.Sprintf("(SELECT max(m.id) FROM customer m WHERE m.tenant_id = %s)", g.tenantValue(s))
			},
			func() string {
				return fmt.Sprintf("(SELECT m.id FROM customer m WHERE m.tenant_id = %s ORDER BY 1 LIMIT 1)", g.tenantValue(s))
			},
			func() string {
				return fmt.Sprintf("(SELECT m.id FROM customer m WHERE m.tenant_id = %s ORDER BY m.score, m.id LIMIT 1)", g.tenantValue(s))
			},
		)
	case name == "name" && (table.name == "customer" || table.name == "tenant"):
		return "COALESCE(" + g.value(text, s, 3) + ", 'x')"
	}
	return g.value(c.kind, s, 1)
}

// conflict writes ON CONFLICT or nothing.
func (g *generator) conflict(table relation, target *source) string {
	if g.chance(0.5) || g.chance(0.5) && table.key[0] == "id" && !g.collides {
		return ""
	}
	keys := [][]string{table.key}
	switch table.name {
	case "contact":
		keys = append(keys, []string{"customer_id", "number"})
	case "customer":
		keys = append(keys, []string{"tenant_id", "id"})
	}
	key := keys[g.IntN(len(keys))]
	if g.chance(0.3) {
		g.note("on conflict do nothing")
		return g.word(" ON CONFLICT DO NOTHING", " ON CONFLICT ("+join(key, ", ")+") DO NOTHING")
	}
	g.note("on conflict do update")
	excluded := &source{alias: "excluded", columns: table.columns}
	s := &scope{sources: []*source{target, excluded}}
	assigned := g.assignments(table, s, false)
	where := ""
	if t, ok := target.tenant(); ok && g.chance(0.5) {
		where = " WHERE " + g.of(
			func() string { return t + " = " + strings.Replace(t, target.alias+".", "excluded.", 1) },
			func() string { return g.pin(t, s, 2) },
			func() string { return g.comparison(s, 2) },
		)
	}
	return fmt.Sprintf(" ON CONFLICT (%s) DO UPDATE SET %s%s", join(key, ", "), assigned, where)
}

// merge writes MERGE.
func (g *generator) merge() string {
	g.note("merge")
	g.budget--
	table, target := g.writable()
	beside := &scope{}
	src, sql := g.item(&scope{}, 1, false)
	beside.sources = []*source{src}
	both := &scope{sources: []*source{target, src}}
	on := g.tie(target, both, beside, 1)
	if g.chance(0.6) {
		on = append(on, g.tie(src, both, nil, 2)...)
	}
	if g.chance(0.3) {
		on = append(on, g.comparison(both, 2))
	}
	if len(on) == 0 {
		on = []string{g.comparison(both, 2)}
	}
	var clauses []string
	and := func(s *scope, sources ...*source) string {
		var parts []string
		for _, src := range sources {
			if t, ok := src.tenant(); ok && g.chance(0.4) {
				parts = append(parts, g.pin(t, s, 2))
			}
		}
		if g.chance(0.3) {
			parts = append(parts, g.comparison(s, 2))
		}
		if len(parts) == 0 {
			return ""
		}
		return " AND " + join(parts, " AND ")
	}
	acts := false
	for {
		condition := and(both, target, src)
		action := g.of(
			func() string { return "DELETE" },
			func() string { return "DO NOTHING" },
			func() string { return "UPDATE SET " + g.assignments(table, both, false) },
			func() string { return "UPDATE SET " + g.assignments(table, both, false) },
		)
		clauses = append(clauses, fmt.Sprintf("WHEN MATCHED%s THEN %s", condition, action))
		acts = acts || action != "DO NOTHING"
		// Nothing is reached behind a clause without condition.
		if condition == "" || acts && g.chance(0.6) {
			break
		}
	}
	if !acts || g.chance(0.5) {
		var list []string
		columns := inserted[table.name]
		for _, name := range columns {
			list = append(list, g.newValue(table, name, beside))
		}
		action := fmt.Sprintf("INSERT (%s) VALUES (%s)", join(columns, ", "), join(list, ", "))
		clauses = append(clauses, fmt.Sprintf("WHEN NOT MATCHED%s THEN %s", and(beside, src), action))
	}
	return fmt.Sprintf("MERGE INTO %s %s USING %s ON %s %s", table.name, target.alias, sql, join(on, " AND "), join(clauses, " "))
}

// changingWith writes a query over the rows that a statement in WITH has changed.
func (g *generator) changingWith() string {
	g.note("data-modifying with")
	var sql string
	var columns []column
	switch g.IntN(3) {
	case 0:
		sql, columns = g.updating(&scope{}, true, true)
	case 1:
		sql, columns = g.deleting(&scope{}, true, true)
	default:
		sql, columns = g.inserting(true)
	}
	g.budget = max(g.budget, 2)
	g.ctes = []*source{{alias: "changed", columns: columns}}
	query, _ := g.query(&scope{}, nil, 2)
	return fmt.Sprintf("WITH changed AS (%s) %s", sql, query)
}
