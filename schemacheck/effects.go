package schemacheck

import (
	"slices"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// effect is a command on a relation, be it a statement of the session or something that it sets off.
type effect struct {
	relation *pgschema.Relation
	command  string
	// as is whose rights BEFORE triggers have, after whose AFTER triggers have. They differ for what a foreign key does:
	// that runs with the rights of the referring table's owner, and AFTER triggers wait for the statement that set it off
	// (PostgreSQL source, ri_triggers.c; measured on 15).
	as, after session
}

// cause is what an effect comes of: another one, a function that the session calls, or, without either, a statement of the
// session.
type cause struct {
	effect   effect
	function *pgschema.Function
}

// effects is what the statements of a session lead to.
type effects struct {
	*pass
	session session
	// found has what each effect comes of.
	found map[effect]cause
	// fired are the trigger functions that run, and with whose rights, with what fires them first.
	fired map[run]effect
	// parts are the partitions and inheritance children of tables, referring the tables that refer to them with what
	// their keys then do.
	parts     map[*pgschema.Relation][]*pgschema.Relation
	referring map[pgschema.Name][]*pgschema.Relation
	open      []effect
}

// effects finds what the statements of a session lead to: through views and parents, by SECURITY DEFINER functions that it
// may call, by foreign keys, by rules, with the rights of their table's owner (manual, 41.5), and by triggers.
func (p *pass) effects(s session) *effects {
	if e := p.reached[s]; e != nil {
		return e
	}
	e := &effects{pass: p, session: s, found: map[effect]cause{}, fired: map[run]effect{},
		parts: map[*pgschema.Relation][]*pgschema.Relation{}, referring: map[pgschema.Name][]*pgschema.Relation{}}
	p.reached[s] = e
	relations := p.schema.Sorted()
	for _, r := range relations {
		for _, parent := range p.parents(r) {
			e.parts[parent] = append(e.parts[parent], r)
		}
		for _, c := range r.Constraints {
			if c.Kind == pgschema.ForeignKey {
				e.referring[c.RefTable] = append(e.referring[c.RefTable], r)
			}
		}
	}
	for _, r := range relations {
		for _, command := range []string{"insert", "update", "delete", "truncate"} {
			if p.may(s, r, command) {
				e.add(effect{r, command, s, s}, cause{})
			}
		}
	}
	for _, f := range p.schema.Functions {
		if f.SecurityDefiner && f.Extension == "" && f.Returns != "trigger" && p.mayExecute(s, f) {
			e.run(run{f, p.rightsOf(f, s)}, cause{function: f})
		}
	}
	e.followAll()
	return e
}

// of returns what a single command of the session leads to.
func (e *effects) of(r *pgschema.Relation, command string) *effects {
	one := &effects{pass: e.pass, session: e.session, found: map[effect]cause{}, fired: map[run]effect{}, parts: e.parts, referring: e.referring}
	one.add(effect{r, command, e.session, e.session}, cause{})
	one.followAll()
	return one
}

func (e *effects) followAll() {
	for len(e.open) > 0 {
		next := e.open[0]
		e.open = e.open[1:]
		e.follow(next)
	}
}

func (e *effects) add(x effect, of cause) {
	if _, known := e.found[x]; !known {
		e.found[x] = of
		e.open = append(e.open, x)
	}
}

// has reports whether anything leads to a command on a relation.
func (e *effects) has(r *pgschema.Relation, command string) bool {
	_, found := e.first(r, command)
	return found
}

// first returns the effect that is a command on a relation: of the session's own statements, where there is one.
func (e *effects) first(r *pgschema.Relation, command string) (first effect, found bool) {
	for x := range e.found {
		if x.relation == r && x.command == command && (!found || x.as == e.session || first.as != e.session && x.as.role < first.as.role) {
			first, found = x, true
		}
	}
	return first, found
}

// origin returns the statement of the session, or the function that it calls, of which an effect comes.
func (e *effects) origin(x effect) (effect, *pgschema.Function) {
	for {
		of := e.found[x]
		if of.function != nil || of.effect.relation == nil {
			return x, of.function
		}
		x = of.effect
	}
}

// run follows the statements of a function.
func (e *effects) run(f run, of cause) {
	for _, body := range e.bodiesOf(f, e.session) {
		for _, stmt := range body.statements {
			for _, x := range e.writes(stmt.Node, body.as) {
				if !body.as.known() || e.may(body.as, x.relation, x.command) {
					e.add(x, of)
				}
			}
		}
	}
}

// follow adds what one effect leads to.
func (e *effects) follow(x effect) {
	for _, part := range e.parts[x.relation] {
		e.add(effect{part, x.command, x.as, x.after}, cause{effect: x})
	}
	if x.relation.Kind == pgschema.View && x.relation.Query != nil && writable(x.relation) && !replaced(x.relation, x.command) {
		// The rights of the view's owner are for the table alone: its triggers run as who writes to the view.
		if base := e.named(x.relation.Query.Node.GetSelectStmt().FromClause[0].GetRangeVar()); base != nil {
			e.add(effect{base, x.command, x.as, x.after}, cause{effect: x})
		}
	}
	e.cascade(x)
	for _, trigger := range e.firing(x) {
		caller := x.as
		if trigger.Timing == "after" {
			caller = x.after
		}
		for _, f := range e.functions[trigger.Function.Name] {
			fired := run{f, e.rightsOf(f, caller)}
			if !f.SecurityDefiner && caller == e.session {
				continue // it does nothing that the session may not do by itself
			}
			if _, known := e.fired[fired]; f.Name == trigger.Function && f.Returns == "trigger" && !known {
				e.fired[fired] = x
				e.run(fired, cause{effect: x})
			}
		}
	}
	for _, rule := range x.relation.Rules {
		if rule.Event != x.command {
			continue
		}
		for _, stmt := range actions(rule) {
			for _, set := range e.writes(stmt.Node, x.as) {
				// The rights of the table's owner are for what the rule names alone: triggers run as who sets the rule off.
				e.add(effect{set.relation, set.command, x.as, x.after}, cause{effect: x})
			}
		}
	}
}

// writes returns what a statement writes to.
func (e *effects) writes(node *pgast.Node, as session) (written []effect) {
	add := func(target *pgast.RangeVar, commands ...string) {
		if r := e.named(target); r != nil {
			for _, command := range commands {
				written = append(written, effect{r, command, as, as})
			}
		}
	}
	pgast.Walk(node, func(n any) bool {
		switch n := n.(type) {
		case *pgast.InsertStmt:
			add(n.Relation, "insert")
			if n.OnConflictClause.GetAction() == pgast.OnConflictAction_ONCONFLICT_UPDATE {
				add(n.Relation, "update")
			}
		case *pgast.UpdateStmt:
			add(n.Relation, "update")
		case *pgast.DeleteStmt:
			add(n.Relation, "delete")
		case *pgast.MergeStmt:
			add(n.Relation, "insert", "update", "delete")
		case *pgast.TruncateStmt:
			for _, r := range n.Relations {
				add(r.GetRangeVar(), "truncate")
			}
		}
		return true
	})
	return written
}

func (e *effects) named(name *pgast.RangeVar) *pgschema.Relation {
	return e.schema.Lookup(name.GetSchemaname(), name.GetRelname())
}

// firing returns the triggers that an effect fires.
func (e *effects) firing(x effect) []*pgschema.Trigger {
	return slices.DeleteFunc(e.triggers(x.relation), func(trigger *pgschema.Trigger) bool {
		return trigger.Disabled || !slices.Contains(trigger.Events, x.command)
	})
}

// triggers returns the triggers of a relation, for a partition also those for each row of the tables it is part of.
func (e *effects) triggers(r *pgschema.Relation) []*pgschema.Trigger {
	triggers := slices.Clone(r.Triggers)
	for r.PartitionOf != nil {
		if r = e.schema.Relations[*r.PartitionOf]; r == nil {
			break
		}
		for _, trigger := range r.Triggers {
			if trigger.ForRow {
				triggers = append(triggers, trigger)
			}
		}
	}
	return triggers
}

// cascade adds what foreign keys do to the tables that refer to the one whose rows change.
func (e *effects) cascade(x effect) {
	if x.command != "update" && x.command != "delete" {
		return
	}
	for _, r := range append([]*pgschema.Relation{x.relation}, e.parents(x.relation)...) {
		for _, child := range e.referring[r.Name] {
			for _, c := range child.Constraints {
				action := c.OnUpdate
				if x.command == "delete" {
					action = c.OnDelete
				}
				if c.Kind != pgschema.ForeignKey || c.RefTable != r.Name {
					continue
				}
				switch action {
				case "cascade":
					e.add(effect{child, x.command, session{role: e.roles.owner(child)}, x.after}, cause{effect: x})
				case "set null", "set default":
					e.add(effect{child, "update", session{role: e.roles.owner(child)}, x.after}, cause{effect: x})
				}
			}
		}
	}
}
