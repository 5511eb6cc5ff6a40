package catalog

import (
	"fmt"
	"maps"
	"slices"

	"github.com/tenantvet/tenantvet/pgschema"
)

// To print an expression about a relation, the server opens the relation, which takes it several times
// as long as everything else about the table. Where each tenant has a schema, thousands of relations
// have the same expressions: they are compared as the server stores them, and one of each is printed.

// stored is a column of a catalog that holds expressions about a relation.
type stored struct{ catalog, id, column, relation string }

var (
	policyUsing = stored{"pg_policy", "oid", "polqual", "polrelid"}
	policyCheck = stored{"pg_policy", "oid", "polwithcheck", "polrelid"}
	checks      = stored{"pg_constraint", "oid", "conbin", "conrelid"}
	elements    = stored{"pg_index", "indexrelid", "indexprs", "indrelid"}
	predicates  = stored{"pg_index", "indexrelid", "indpred", "indrelid"}
)

// digest are two columns with what tells stored expressions apart; to compute it takes no lock. An
// expression names columns by their numbers.
func (s stored) digest(alias string) string {
	return fmt.Sprintf("hashtextextended(%[1]s.%[2]s::text, 0), hashtextextended(%[1]s.%[2]s::text, 1)", alias, s.column)
}

type digest [2]int64

// digest takes the digest of an expression; zero for none.
func (w *row) digest() digest { return digest{w.number(64), w.number(64)} }

// twin is an expression to be printed, by itself or by one that is the same.
type twin struct {
	kind  kind
	about subject
	at    **pgschema.Expr
}

// kind is what expressions have in common that print alike.
type kind struct {
	stored
	digest digest
	shape  int
}

// later notes an expression; the digest is zero for none.
func (r *reader) later(s stored, id, oid uint32, d digest, about subject, at **pgschema.Expr) {
	if d == (digest{}) || r.locked(oid) {
		return
	}
	k := kind{s, d, r.shapeOf(r.relations[oid])}
	r.twins = append(r.twins, twin{k, about, at})
	if _, known := r.kinds[k]; !known {
		r.kinds[k] = &kindOf{id: id}
	}
}

// kindOf is the first of a kind, with what the server prints for it.
type kindOf struct {
	id      uint32
	printed *string
}

// queueTwins asks for one expression of each kind.
func (r *reader) queueTwins() {
	first := map[stored]map[uint32]*kindOf{}
	for k, of := range r.kinds {
		if first[k.stored] == nil {
			first[k.stored] = map[uint32]*kindOf{}
		}
		first[k.stored][of.id] = of
	}
	for s, kinds := range first {
		r.ask(fmt.Sprintf("SELECT %[1]s, pg_get_expr(%[2]s, %[3]s) FROM %[4]s WHERE %[1]s = ANY (%[5]s)",
			s.id, s.column, s.relation, s.catalog, array(slices.Collect(maps.Keys(kinds)))), func(w *row) {
			if of := kinds[w.oid()]; of != nil {
				of.printed = w.printed()
			}
		})
	}
}

// setTwins gives each expression what was printed for its kind.
func (r *reader) setTwins() {
	for _, t := range r.twins {
		*t.at = r.expr(r.kinds[t.kind].printed, t.about)
	}
}
