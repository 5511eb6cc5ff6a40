package differential

import "fmt"

// writtenView is a view of a tenant table that can be written to, or nil.
func (g *generator) writtenView() *table {
	var found []*table
	for _, v := range g.views {
		if v.class == tenant && v.base != nil {
			found = append(found, v)
		}
	}
	if len(found) == 0 {
		return nil
	}
	return found[g.IntN(len(found))]
}

// insteadOf returns the statement that stands in for an event on a view.
func (g *generator) insteadOf(v *table, event string) string {
	mine := ""
	if !g.slips(1) {
		mine = fmt.Sprintf(" AND %s.tenant_id = %s", v.base.name, g.current())
	}
	switch event {
	case "INSERT":
		if !g.slips(1) {
			return fmt.Sprintf("INSERT INTO %s (tenant_id, body) VALUES (%s, NEW.body)", v.base.name, g.current())
		}
		return fmt.Sprintf("INSERT INTO %s (tenant_id, body) VALUES (NEW.tenant_id, NEW.body)", v.base.name)
	case "UPDATE":
		return fmt.Sprintf("UPDATE %s SET body = NEW.body WHERE %s.id = %s.id%s", v.base.name, v.base.name, g.word("OLD", "OLD", "NEW"), mine)
	}
	return fmt.Sprintf("DELETE FROM %s WHERE %s.id = OLD.id%s", v.base.name, v.base.name, mine)
}

// makeInsteadTrigger makes a trigger that stands in for writing to a view.
func (g *generator) makeInsteadTrigger() {
	v := g.writtenView()
	if v == nil {
		return
	}
	g.note("instead of trigger")
	f, event := g.name("t"), g.word("INSERT", "UPDATE", "DELETE")
	g.add("CREATE FUNCTION %s() RETURNS trigger LANGUAGE plpgsql%s AS $$ BEGIN %s; RETURN %s; END $$",
		f, g.word("", " SECURITY DEFINER"), g.insteadOf(v, event), map[string]string{"INSERT": "NEW", "UPDATE": "NEW", "DELETE": "OLD"}[event])
	g.add("CREATE TRIGGER %s INSTEAD OF %s ON %s FOR EACH ROW EXECUTE FUNCTION %s()", f, event, v.name, f)
	g.add("GRANT SELECT, %s ON %s TO %s", event, v.name, g.grantee())
}

// makeInsteadRule makes a rule that stands in for writing to a view.
func (g *generator) makeInsteadRule() {
	v := g.writtenView()
	if v == nil {
		return
	}
	g.note("instead rule")
	event := g.word("INSERT", "UPDATE", "DELETE")
	action := g.insteadOf(v, event)
	if g.chance(0.15) {
		action = "NOTHING"
	}
	g.add("CREATE RULE %s AS ON %s TO %s DO INSTEAD %s", g.name("r"), event, v.name, action)
	g.add("GRANT SELECT, %s ON %s TO %s", event, v.name, g.grantee())
}
