package schemacheck

import (
	"strings"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// history returns the statements of migrations on a relation in their order, under whatever name it had,
// without those on a relation of the same name that was dropped.
func (p *pass) history(r *pgschema.Relation) []pgschema.Event {
	p.readHistory()
	return p.events[r.Name]
}

// readHistory sorts the statements of migrations, once.
func (p *pass) readHistory() {
	if p.events != nil {
		return
	}
	p.events, p.order = eventsByRelation(p.schema.Events), map[*pgast.Statement]int{}
	for i, e := range p.schema.Events {
		p.order[e.Stmt] = i
	}
}

func eventsByRelation(events []pgschema.Event) map[pgschema.Name][]pgschema.Event {
	of := map[pgschema.Name][]pgschema.Event{}
	move := func(from, to pgschema.Name) {
		of[to] = of[from]
		delete(of, from)
	}
	for _, e := range events {
		if to, ok := strings.CutPrefix(e.Detail, "rename to "); ok && e.Kind == "RenameStmt" {
			move(e.Object, pgschema.Name{Schema: e.Object.Schema, Name: to})
			continue
		}
		if to, ok := strings.CutPrefix(e.Detail, "set schema "); ok && e.Kind == "AlterObjectSchemaStmt" {
			move(e.Object, pgschema.Name{Schema: to, Name: e.Object.Name})
			continue
		}
		if e.Kind == "DropStmt" && e.Detail == "drop relation" {
			delete(of, e.Object)
			continue
		}
		of[e.Object] = append(of[e.Object], e)
	}
	return of
}

// position returns the place of a statement in the order of the migrations.
func (p *pass) position(stmt *pgast.Statement) int {
	p.readHistory()
	return p.order[stmt]
}

// rowSecurityAt returns whether row-level security of a relation was enabled and forced when a statement ran.
func (p *pass) rowSecurityAt(r *pgschema.Relation, stmt *pgast.Statement) (enabled, forced bool) {
	for _, e := range p.history(r) {
		if p.position(e.Stmt) >= p.position(stmt) {
			break
		}
		switch e.Detail {
		case "enable row security":
			enabled = true
		case "disable row security":
			enabled = false
		case "force row security":
			forced = true
		case "no force row security":
			forced = false
		}
	}
	return enabled, forced
}
