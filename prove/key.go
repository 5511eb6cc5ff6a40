package prove

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/classify"
)

// tryExistence inserts a row of tenant A with the key of a row of B: a unique key without the tenant
// tells that B has it, whatever row-level security hides. Surrogate keys are left out, as their values
// mean nothing to who does not have them.
func (p *prover) tryExistence(ctx context.Context, t *table) error {
	if !t.owned || !t.stores() || t.class.Class == classify.Registry || len(t.rows[tenantB]) == 0 {
		return nil
	}
	object := t.rel.Name.String()
	for _, index := range t.rel.Indexes {
		if !index.Unique || index.Where != nil || len(index.Exprs) > 0 || p.surrogate(t, index.Columns) {
			continue
		}
		own, err := p.newRow(ctx, t, tenantA, 0)
		if err != nil || own == nil {
			return err
		}
		free, err := p.attempt(ctx, p.states[0], insertStatement(t.sql(), own, t))
		if err != nil {
			return err
		}
		if free.err != nil {
			p.cell(object, t.kind(), Existence, Proved, "the role inserts no rows")
			continue
		}
		for _, name := range index.Columns {
			if _, ok := own[name]; ok {
				own[name] = t.rows[tenantB][0][name]
			}
		}
		taken, err := p.attempt(ctx, p.states[0], insertStatement(t.sql(), own, t))
		if err != nil {
			return err
		}
		if taken.err != nil && taken.err.Code == "23505" && taken.err.ConstraintName == index.Name {
			p.cell(object, t.kind(), Existence, Refuted, fmt.Sprintf("the unique key (%s) tells that another tenant has the value", strings.Join(index.Columns, ", ")), taken.script...)
			return nil
		}
		p.cell(object, t.kind(), Existence, Proved, "")
	}
	return nil
}

// surrogate reports whether a key carries the tenant, or a value that nobody has who does not have the row: an id that is
// made up, or the key of another row.
func (p *prover) surrogate(t *table, columns []string) bool {
	return slices.ContainsFunc(columns, func(name string) bool {
		c := t.column(name)
		return c == nil || t.tenantColumn(name) || p.refersToOwned(t, name) || c.omittable && isNumber(c.base) ||
			c.base == "uuid" || t.madeUp(name) || isNumber(c.base) && t.primary(name)
	})
}

// madeUp reports whether a column's default draws its values at random, as for tokens.
func (t *table) madeUp(column string) bool {
	c := t.rel.Column(column)
	return c != nil && c.Default != nil && (strings.Contains(c.Default.Text, "random") || strings.Contains(c.Default.Text, "uuid"))
}

func (t *table) primary(column string) bool {
	return slices.ContainsFunc(t.rel.Constraints, func(k *pgschema.Constraint) bool {
		return k.Kind == pgschema.PrimaryKey && slices.Equal(k.Columns, []string{column})
	})
}

func (p *prover) refersToOwned(t *table, column string) bool {
	return slices.ContainsFunc(t.foreignKeys(), func(fk *pgschema.Constraint) bool {
		parent := p.byName[fk.RefTable]
		return parent != nil && parent.owned && slices.Contains(fk.Columns, column)
	})
}

// tryReference points foreign keys of a row of tenant A at a row of tenant B. That the server accepts it
// tells A that the row exists, and lets either tenant's deletes reach the other's rows.
func (p *prover) tryReference(ctx context.Context, t *table) error {
	if !t.owned || !t.stores() {
		return nil
	}
	object := t.rel.Name.String()
	for _, fk := range t.foreignKeys() {
		parent := p.storedOrNil(p.byName[fk.RefTable])
		if parent == nil || !parent.owned || parent.class.Class == classify.Registry || fk == t.class.Via || len(parent.rows[tenantB]) == 0 {
			continue
		}
		own, err := p.newRow(ctx, t, tenantA, 0)
		if err != nil || own == nil {
			return err
		}
		crosses := true
		for i, name := range fk.Columns {
			_, filled := own[name]
			if t.tenantColumn(name) || !filled && t.column(name) != nil && !t.column(name).canInsert {
				crosses = false
			}
			if filled {
				own[name] = parent.rows[tenantB][0][fk.RefColumns[i]]
			}
		}
		if !crosses {
			p.cell(object, t.kind(), Reference, Proved, "")
			continue
		}
		o, err := p.attempt(ctx, p.states[0], insertStatement(t.sql(), own, t))
		if err != nil {
			return err
		}
		switch {
		case o.err == nil:
			p.cell(object, t.kind(), Reference, Refuted, fmt.Sprintf("the foreign key (%s) accepts the row of another tenant in %s", strings.Join(fk.Columns, ", "), fk.RefTable), o.script...)
			return nil
		case o.denied():
			p.cell(object, t.kind(), Reference, Proved, "the role may not")
		default:
			p.cell(object, t.kind(), Reference, Proved, o.err.Message)
		}
	}
	return nil
}
