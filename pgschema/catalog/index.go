package catalog

import (
	"fmt"
	"slices"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

func (r *reader) queueIndexes() {
	r.ask(`SELECT o.oid FROM pg_opclass o WHERE NOT o.opcdefault`, func(w *row) { r.opclasses[w.oid()] = true })
	r.ask(`SELECT i.indexrelid, i.indrelid, x.relname, am.amname, i.indisunique, i.indisprimary, i.indisvalid,
			i.indnullsnotdistinct, i.indnkeyatts, i.indkey, i.indoption, i.indcollation, i.indclass,
			`+elements.digest("i")+`, `+predicates.digest("i")+`
		FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_am am ON am.oid = x.relam
		WHERE i.indrelid >= `+firstUser+` AND x.relnamespace <> 'pg_toast'::regnamespace`, func(w *row) {
		id, oid := w.oid(), w.oid()
		rel := r.relations[oid]
		if rel == nil {
			return
		}
		idx := &pgschema.Index{Name: w.text(), Method: w.text(), Unique: w.flag(), Primary: w.flag(), Invalid: !w.flag(), NullsNotDistinct: w.flag()}
		keys, columns := w.int(), w.columns()
		if con := r.byIndex[id]; con != nil {
			idx.Constraint = con.Name
			con.NullsNotDistinct = con.Kind == pgschema.Unique && idx.NullsNotDistinct
		}
		keys = min(keys, len(columns))
		names := r.names(oid, columns)
		idx.Columns, idx.Include = names[:keys], names[keys:]
		usual := !slices.ContainsFunc(w.columns(), func(option int) bool { return option != 0 })
		usual = !slices.ContainsFunc(w.oids(), func(collation uint32) bool { return collation != 0 && collation != defaultCollation }) && usual
		usual = !slices.ContainsFunc(w.oids(), func(class uint32) bool { return r.opclasses[class] }) && usual
		if !usual && !r.locked(oid) {
			r.unusual = append(r.unusual, numbered[*pgschema.Index]{id, idx})
		}
		r.laterIndexed(rel, id, oid, columns[:keys], w.digest(), idx)
		r.later(predicates, id, oid, w.digest(), subject{name: idx.Name}, &idx.Where)
		rel.indexes = append(rel.indexes, numbered[*pgschema.Index]{id, idx})
	})
}

// defaultCollation is the oid of the collation "default" (pg_collation.dat).
const defaultCollation = 100

// queueDefinitions asks for the definitions of the indexes with another order, operator class or
// collation than the default, and for the expressions that indexes are on.
func (r *reader) queueDefinitions() {
	if len(r.unusual) > 0 {
		byID := map[uint32]*pgschema.Index{}
		var oids []uint32
		for _, i := range r.unusual {
			byID[i.id], oids = i.part, append(oids, i.id)
		}
		r.ask(fmt.Sprintf("SELECT i.indexrelid, pg_get_indexdef(i.indexrelid) FROM pg_index i WHERE i.indexrelid = ANY (%s)", array(oids)), func(w *row) {
			if idx := byID[w.oid()]; idx != nil {
				idx.Options = indexOptions(w.text())
			}
		})
	}
	if len(r.indexed) > 0 {
		byID := map[uint32][]numbered[*pgschema.Index]{}
		var oids []uint32
		for _, alike := range r.indexed {
			oids = append(oids, alike[0].id)
			byID[alike[0].id] = alike
		}
		r.ask(fmt.Sprintf(`SELECT i.indexrelid, ARRAY(SELECT CASE WHEN u.num = 0 THEN pg_get_indexdef(i.indexrelid, u.ord::int, false) ELSE '' END
			FROM unnest(i.indkey::int2[]) WITH ORDINALITY u(num, ord) WHERE u.ord <= i.indnkeyatts ORDER BY u.ord)
			FROM pg_index i WHERE i.indexrelid = ANY (%s)`, array(oids)), func(w *row) {
			alike, texts := byID[w.oid()], w.list()
			for _, idx := range alike {
				idx.part.Exprs = map[int]*pgschema.Expr{}
				for i, text := range texts {
					if text != "" {
						idx.part.Exprs[i] = r.expr(&text, subject{name: idx.part.Name})
					}
				}
			}
		})
	}
}

// indexedExpressions is what indexes on the same expressions have in common.
type indexedExpressions struct {
	digest  digest
	columns string
	shape   int
}

// laterIndexed notes the expressions that an index is on.
func (r *reader) laterIndexed(rel *relation, id, oid uint32, columns []int, d digest, idx *pgschema.Index) {
	if d != (digest{}) && !r.locked(oid) {
		key := indexedExpressions{d, fmt.Sprint(columns), r.shapeOf(rel)}
		r.indexed[key] = append(r.indexed[key], numbered[*pgschema.Index]{id, idx})
	}
}

// indexOptions reads the definition of an index, as the server prints it.
func indexOptions(definition string) map[int]string {
	statements, _ := pgast.Parse(pgast.NewSource("", definition))
	if len(statements) != 1 {
		return nil
	}
	return pgschema.IndexOptions(statements[0].Node.GetIndexStmt().GetIndexParams())
}
