package catalog

import (
	"github.com/jackc/pgx/v5"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

var actions = map[string]string{
	"a": "no action", "r": "restrict", "c": "cascade", "n": "set null", "d": "set default",
}

// queueConstraints asks for the constraints. A foreign key to a partitioned table has further rows,
// one for each partition it refers to, that no one declared.
func (r *reader) queueConstraints() {
	r.ask(`SELECT k.oid, k.conrelid, k.conname::text, k.contype::text, k.condeferrable, NOT k.convalidated, k.connoinherit,
			coalesce(k.conkey, '{}'), k.confrelid, k.confdeltype::text, k.confupdtype::text, coalesce(k.confkey, '{}'),
			CASE WHEN k.contype = 'c' THEN `+checks.digest("k")+` END,
			coalesce(i.indnullsnotdistinct, false)
		FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
		LEFT JOIN pg_constraint parent ON parent.oid = k.conparentid
		LEFT JOIN pg_index i ON i.indexrelid = k.conindid AND k.contype = 'u'
		WHERE USER_SCHEMAS AND k.contype IN ('p', 'u', 'f', 'c', 'x')
		AND (parent.oid IS NULL OR parent.conrelid <> k.conrelid)
		ORDER BY k.conrelid, k.oid`, func(row pgx.Rows) error {
		var id, oid, target uint32
		var kind, onDelete, onUpdate string
		var check *string
		var columns, targets []int16
		con := &pgschema.Constraint{}
		if err := row.Scan(&id, &oid, &con.Name, &kind, &con.Deferrable, &con.NotValid, &con.NoInherit, &columns, &target,
			&onDelete, &onUpdate, &targets, &check, &con.NullsNotDistinct); err != nil {
			return err
		}
		rel := r.relations[oid]
		if rel == nil {
			return nil
		}
		con.Kind = pgschema.ConstraintKind(kind[0])
		con.Columns, con.RefColumns = r.names(oid, columns), r.names(target, targets)
		r.later(checks, id, oid, check, con.Name, func(e *pgschema.Expr) { con.Check = e })
		con.NoInherit = con.NoInherit && con.Kind == pgschema.Check
		if con.Kind == pgschema.ForeignKey {
			con.OnDelete, con.OnUpdate = actions[onDelete], actions[onUpdate]
			if t := r.relations[target]; t != nil {
				con.RefTable = t.Name
			}
		}
		rel.Constraints = append(rel.Constraints, con)
		return nil
	})
}

func (r *reader) queueIndexes() {
	r.ask(`SELECT i.indexrelid, i.indrelid, x.relname::text, am.amname::text, i.indisunique, i.indisprimary, NOT i.indisvalid,
			i.indnullsnotdistinct, i.indnkeyatts,
			i.indkey::int2[], coalesce(`+r.printed("i.indrelid", `CASE WHEN i.indexprs IS NOT NULL THEN
				ARRAY(SELECT CASE WHEN u.num = 0 THEN pg_get_indexdef(i.indexrelid, u.ord::int, false) ELSE '' END
				FROM unnest(i.indkey::int2[]) WITH ORDINALITY u(num, ord) ORDER BY u.ord) END`)+`, '{}'),
			`+predicates.digest("i")+`, coalesce(k.conname::text, ''),
			coalesce(`+r.printed("i.indrelid", `CASE WHEN 0 <> ANY (i.indoption::int2[]) OR NOT i.indcollation::oid[] <@ '{0,100}'
				OR i.indclass::oid[] && (SELECT array_agg(o.oid) FROM pg_opclass o WHERE NOT o.opcdefault)
				THEN pg_get_indexdef(i.indexrelid) END`)+`, '')
		FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
		JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_am am ON am.oid = x.relam
		LEFT JOIN pg_constraint k ON k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x')
		WHERE USER_SCHEMAS ORDER BY i.indrelid, i.indexrelid`, func(row pgx.Rows) error {
		var id, oid uint32
		var keys int
		var columns []int16
		var exprs []string
		var where *string
		var definition string
		idx := &pgschema.Index{}
		if err := row.Scan(&id, &oid, &idx.Name, &idx.Method, &idx.Unique, &idx.Primary, &idx.Invalid, &idx.NullsNotDistinct, &keys,
			&columns, &exprs, &where, &idx.Constraint, &definition); err != nil {
			return err
		}
		rel := r.relations[oid]
		if rel == nil {
			return nil
		}
		names := r.names(oid, columns)
		idx.Columns, idx.Include = names[:keys], names[keys:]
		for i, text := range exprs[:min(keys, len(exprs))] {
			if text == "" {
				continue
			}
			if idx.Exprs == nil {
				idx.Exprs = map[int]*pgschema.Expr{}
			}
			idx.Exprs[i] = r.expr(&text, idx.Name)
		}
		r.later(predicates, id, oid, where, idx.Name, func(e *pgschema.Expr) { idx.Where = e })
		idx.Options = indexOptions(definition)
		rel.Indexes = append(rel.Indexes, idx)
		return nil
	})
}

// indexOptions reads the definition of an index, as the server prints it; "" stands for one with the
// default order, operator classes and collation.
func indexOptions(definition string) map[int]string {
	if definition == "" {
		return nil
	}
	statements, _ := pgast.Parse(pgast.NewSource("", definition))
	if len(statements) != 1 {
		return nil
	}
	return pgschema.IndexOptions(statements[0].Node.GetIndexStmt().GetIndexParams())
}
