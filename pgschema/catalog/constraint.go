package catalog

import "github.com/tenantvet/tenantvet/pgschema"

var actions = map[byte]string{
	'a': "no action", 'r': "restrict", 'c': "cascade", 'n': "set null", 'd': "set default",
}

// constraint is one with its parent: the oid of the constraint that it came from, or 0. A foreign key to
// a partitioned table has further rows of the same relation, one for each partition it refers to, that
// no one declared.
type constraint struct {
	*pgschema.Constraint
	relation, parent uint32
}

func (r *reader) queueConstraints() {
	r.ask(`SELECT k.oid, k.conrelid, k.conparentid, k.conname, k.contype, k.condeferrable, k.convalidated, k.connoinherit,
			k.conkey, k.confrelid, k.confdeltype, k.confupdtype, k.confkey, k.conindid,
			CASE k.contype WHEN 'x' THEN ARRAY(SELECT x.key FROM unnest(k.conkey, k.conexclop) WITH ORDINALITY x (key, operator, n)
				JOIN pg_operator o ON o.oid = x.operator WHERE o.oprname <> '=' AND x.key > 0 ORDER BY x.n) END, `+checks.digest("k")+`
		FROM pg_constraint k WHERE k.conrelid >= `+firstUser+` AND k.contype IN ('p', 'u', 'f', 'c', 'x')`, func(w *row) {
		id, oid, parent := w.oid(), w.oid(), w.oid()
		r.constraints[id] = oid
		rel := r.relations[oid]
		if rel == nil {
			return
		}
		con := &pgschema.Constraint{Name: w.text(), Kind: pgschema.ConstraintKind(w.letter()), Deferrable: w.flag(), NotValid: !w.flag()}
		con.NoInherit = w.flag() && con.Kind == pgschema.Check
		con.Columns = r.names(oid, w.columns())
		target, onDelete, onUpdate, targets := w.oid(), w.letter(), w.letter(), w.columns()
		con.RefColumns = r.names(target, targets)
		index := w.oid()
		if unlike := w.columns(); len(unlike) > 0 {
			con.Unlike = r.names(oid, unlike)
		}
		switch con.Kind {
		case pgschema.ForeignKey:
			con.OnDelete, con.OnUpdate = actions[onDelete], actions[onUpdate]
			if t := r.relations[target]; t != nil {
				con.RefTable = t.Name
			}
		case pgschema.PrimaryKey, pgschema.Unique, pgschema.Exclusion:
			r.byIndex[index] = con
		}
		r.later(checks, id, oid, w.digest(), subject{name: con.Name}, &con.Check)
		rel.constraints = append(rel.constraints, numbered[constraint]{id, constraint{con, oid, parent}})
	})
}
