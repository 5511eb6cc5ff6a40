package catalog

import (
	"fmt"
	"strings"

	"github.com/tenantvet/tenantvet/pgschema"
)

// queueTypes asks for enums, domains, composite and range types; a table's own type is none.
func (r *reader) queueTypes() {
	r.ask(`SELECT t.oid, n.oid, t.typname, t.typtype, t.typowner, t.typbasetype, t.typtypmod, t.typrelid,
			CASE WHEN t.typtype = 'e' THEN ARRAY(SELECT e.enumlabel::text FROM pg_enum e WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder) END,
			t.typacl
		FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
		WHERE t.oid >= `+firstUser+` AND USER_SCHEMAS AND (t.typtype IN ('e', 'd', 'r')
			OR t.typtype = 'c' AND t.typrelid IN (SELECT c.oid FROM pg_class c WHERE c.relkind = 'c'))`, func(w *row) {
		id, namespace, name, kind, owner := w.oid(), w.oid(), w.text(), w.letter(), w.oid()
		if r.extensions[member{id, "pg_type"}] != "" || r.namespaces[namespace] == nil {
			return
		}
		t := &pgschema.Type{Name: pgschema.Name{Schema: r.namespaces[namespace].Name, Name: name}, Kind: kind, Owner: r.role(owner)}
		base, modifier := w.oid(), w.text()
		if kind == 'd' {
			r.typeName(typmod{base, modifier}, &t.Base)
		}
		if relation := w.oid(); relation != 0 {
			r.composites[relation] = t
		}
		t.Labels = w.list()
		r.schema.Types[t.Name] = t
		r.holds(acl{onType, owner, w.text()}, part{of: id}, holder{grants: &t.Grants})
	})
}

// typmod is a type with its modifier, such as the length of character varying(20); "" for none at all.
type typmod struct {
	oid      uint32
	modifier string
}

// typeName has the name of a type filled in.
func (r *reader) typeName(t typmod, name *string) { r.typed[t] = append(r.typed[t], name) }

// queueTypeNames asks for the names of the types, each once.
func (r *reader) queueTypeNames() {
	var oids []uint32
	var modifiers []string
	for t := range r.typed {
		oids = append(oids, t.oid)
		if t.modifier == "" {
			t.modifier = "NULL"
		}
		modifiers = append(modifiers, t.modifier)
	}
	if len(oids) == 0 {
		return
	}
	r.ask(fmt.Sprintf("SELECT t.oid, t.modifier, format_type(t.oid, t.modifier) FROM unnest(%s, '{%s}'::int[]) t(oid, modifier)",
		array(oids), strings.Join(modifiers, ",")), func(w *row) {
		t, name := typmod{w.oid(), w.text()}, w.text()
		for _, at := range r.typed[t] {
			*at = name
		}
	})
}
