package catalog

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/tenantvet/tenantvet/pgschema"
)

// To print an expression about a relation, the server opens the relation, which takes it several times
// as long as everything else about the table. Where each tenant has a schema, thousands of relations
// have the same expressions: they are compared as the server stores them, and one of each is printed.

// stored is a column of a catalog that holds expressions about a relation.
type stored struct{ catalog, column, relation string }

var (
	policyUsing = stored{"pg_policy", "polqual", "polrelid"}
	policyCheck = stored{"pg_policy", "polwithcheck", "polrelid"}
	checks      = stored{"pg_constraint", "conbin", "conrelid"}
	predicates  = stored{"pg_index", "indpred", "indrelid"}
)

// digest is an SQL expression for what tells stored expressions apart; it takes no lock. An expression
// names columns by their numbers.
func (s stored) digest(alias string) string {
	column := alias + "." + s.column
	return fmt.Sprintf("hashtextextended(%[1]s::text, 0) || ' ' || hashtextextended(%[1]s::text, 1)", column)
}

// id is the column that identifies a row.
func (s stored) id() string {
	if s == predicates {
		return "indexrelid"
	}
	return "oid"
}

// twin is an expression to be printed, by itself or by one that is the same.
type twin struct {
	stored
	oid, relation uint32
	digest        string
	object        string
	set           func(*pgschema.Expr)
}

// later notes an expression; the digest is nil for none.
func (r *reader) later(s stored, oid, relation uint32, digest *string, object string, set func(*pgschema.Expr)) {
	if _, locked := r.locks[relation]; digest != nil && !locked {
		r.twins = append(r.twins, twin{s, oid, relation, *digest, object, set})
	}
}

// print asks for one of each expression.
func (r *reader) print(ctx context.Context, tx pgx.Tx) error {
	type kind struct {
		stored
		digest, shape string
	}
	shapes := map[uint32]string{}
	printed := map[kind]*string{}
	wanted := map[stored][]string{}
	kinds := make([]kind, len(r.twins))
	type row struct {
		stored
		oid uint32
	}
	first := map[row]kind{}
	for i, t := range r.twins {
		if shapes[t.relation] == "" {
			shapes[t.relation] = r.shape(t.relation)
		}
		kinds[i] = kind{t.stored, t.digest, shapes[t.relation]}
		if _, known := printed[kinds[i]]; !known {
			printed[kinds[i]] = nil
			first[row{t.stored, t.oid}] = kinds[i]
			wanted[t.stored] = append(wanted[t.stored], strconv.FormatUint(uint64(t.oid), 10))
		}
	}
	r.batch = &pgx.Batch{}
	for _, s := range []stored{policyUsing, policyCheck, checks, predicates} {
		r.ask(fmt.Sprintf("SELECT %[1]s, pg_get_expr(%[2]s, %[3]s) FROM %[4]s WHERE %[1]s = ANY ('{%[5]s}'::oid[])",
			s.id(), s.column, s.relation, s.catalog, strings.Join(wanted[s], ",")), func(rows pgx.Rows) error {
			var oid uint32
			var text *string
			err := rows.Scan(&oid, &text)
			printed[first[row{s, oid}]] = text
			return err
		})
	}
	if err := tx.SendBatch(ctx, r.batch).Close(); err != nil {
		return err
	}
	for i, t := range r.twins {
		t.set(r.expr(printed[kinds[i]], t.object))
	}
	return nil
}

// shape is what an expression about a relation can name: the relation and its columns by their numbers.
func (r *reader) shape(oid uint32) string {
	var b strings.Builder
	b.WriteString(r.relations[oid].Name.Name)
	for _, name := range r.columns[oid] {
		b.WriteByte(0)
		b.WriteString(name)
	}
	return b.String()
}
