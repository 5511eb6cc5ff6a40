package catalog

import "github.com/tenantvet/tenantvet/pgschema"

// queueColumns asks for the columns of relations and for the attributes of composite types.
func (r *reader) queueColumns() {
	r.ask(`SELECT a.attrelid, a.attnum, a.attname, a.atttypid, a.atttypmod, a.attnotnull, a.attgenerated, a.attidentity, a.atthasdef, a.attacl
		FROM pg_attribute a WHERE a.attnum > 0 AND NOT a.attisdropped
		AND a.attrelid = ANY (ARRAY(SELECT c.oid FROM pg_class c WHERE c.oid >= `+firstUser+` AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'c')))`, func(w *row) {
		oid, number := w.oid(), w.int()
		rel := r.relations[oid]
		if rel == nil && r.composites[oid] != nil {
			rel = &relation{Relation: &pgschema.Relation{}}
			r.relations[oid] = rel
		}
		if rel == nil {
			return
		}
		c := &pgschema.Column{Name: w.text()}
		r.typeName(typmod{w.oid(), w.text()}, &c.Type)
		c.NotNull = w.flag()
		if generated := w.letter(); generated != 0 {
			c.Generated, r.found.generated = &pgschema.Expr{}, true
		}
		c.Identity = w.letter()
		r.found.defaults = w.flag() || r.found.defaults
		for len(rel.attributes) <= number {
			rel.attributes = append(rel.attributes, nil)
		}
		rel.attributes[number] = c
		if list := w.text(); list != "" {
			r.holds(acl{onColumn, rel.owner, list}, part{oid, number}, holder{grants: &c.Grants})
		}
	})
}

// queueDefaults asks for defaults and for the expressions of generated columns. A default names no
// column, so that the server need not open the relation to print it; that of a generated column does.
func (r *reader) queueDefaults() {
	if !r.found.defaults {
		return
	}
	query := `SELECT d.adrelid, d.adnum, pg_get_expr(d.adbin, 0) FROM pg_attrdef d WHERE d.adrelid >= ` + firstUser
	if r.found.generated {
		query = `SELECT d.adrelid, d.adnum, CASE WHEN a.attgenerated = '' THEN pg_get_expr(d.adbin, 0)
				ELSE ` + r.printed("d.adrelid", "pg_get_expr(d.adbin, d.adrelid)") + ` END
			FROM pg_attrdef d JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum WHERE d.adrelid >= ` + firstUser
	}
	r.ask(query, func(w *row) {
		rel, number := r.relations[w.oid()], w.int()
		if rel == nil || number >= len(rel.attributes) || rel.attributes[number] == nil {
			return
		}
		c := rel.attributes[number]
		e := r.expr(w.printed(), subject{name: c.Name, on: rel.Relation})
		if c.Generated != nil {
			c.Generated = e
		} else {
			c.Default = e
		}
	})
}
