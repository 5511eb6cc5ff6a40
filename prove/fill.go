package prove

import (
	"context"
	"strings"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/classify"
)

// fill makes the rows of a tenant, or those of nobody, in every table that has a place for them, parents
// before children, and refreshes what is made from them.
func (p *prover) fill(ctx context.Context, owner int) error {
	done := map[*table]bool{}
	var visit func(t *table) error
	visit = func(t *table) error {
		if done[t] {
			return nil
		}
		done[t] = true
		for _, fk := range t.foreignKeys() {
			if parent := p.byName[fk.RefTable]; parent != nil {
				if err := visit(parent); err != nil {
					return err
				}
				for _, part := range p.partitions(parent) {
					if err := visit(part); err != nil {
						return err
					}
				}
			}
		}
		if !t.stores() || p.ownerless(t) != (owner == nobody) {
			return nil
		}
		return p.fillTable(ctx, t, owner)
	}
	// Foreign keys that may be NULL can close a circle, in which somebody comes before its parent: the
	// next round makes up for it.
	for range 3 {
		for _, t := range p.tables {
			if err := visit(t); err != nil {
				return err
			}
		}
		for t := range done {
			done[t] = len(t.rows[owner]) > 0
		}
	}
	return p.refresh(ctx)
}

// ownerless reports whether the rows of a table are nobody's.
func (p *prover) ownerless(t *table) bool { return !t.owned && !p.personal(t) }

// partitions are the partitions of a table, also those of its partitions.
func (p *prover) partitions(t *table) (parts []*table) {
	for _, other := range p.tables {
		if other.rel.PartitionOf != nil && *other.rel.PartitionOf == t.rel.Name {
			parts = append(append(parts, other), p.partitions(other)...)
		}
	}
	return parts
}

func (p *prover) fillTable(ctx context.Context, t *table, owner int) error {
	variants := 2
	for _, c := range t.columns {
		variants = max(variants, min(len(c.literals)+1, 5))
	}
	variantsOf := make([]int, variants)
	for i := range variantsOf {
		variantsOf[i] = i
	}
	if owner == tenantB && p.orphans(t) {
		variantsOf = append(variantsOf, orphan)
	}
	for _, variant := range variantsOf {
		made, err := p.insert(ctx, t, owner, variant, true)
		if err != nil {
			return err
		}
		if made != nil && variant != orphan {
			t.rows[owner] = append(t.rows[owner], made)
		}
	}
	return nil
}

// orphan is the variant of a row that has no tenant yet.
const orphan = 1 << 10

// orphans reports whether a table may hold rows without a tenant, other than on purpose.
func (p *prover) orphans(t *table) bool {
	if t.class == nil || t.class.Class != classify.Tenant {
		return false
	}
	c := t.column(t.class.Column)
	return c != nil && (t.unnamed(c) || !c.notNull && !strings.Contains(p.text, c.name+" IS NULL"))
}

// unnamed reports whether a row without a tenant has the empty text in the tenant column, by default.
func (t *table) unnamed(c *column) bool {
	own := t.rel.Column(c.name)
	return own != nil && own.Default != nil && strings.HasPrefix(own.Default.Text, "''") && c.base == "text"
}

// refresh brings the materialized views up to date; twice, as one may read another.
func (p *prover) refresh(ctx context.Context) error {
	for range 2 {
		for _, t := range p.tables {
			if t.rel.Kind == pgschema.MaterializedView {
				if _, err := exec(ctx, p.admin, "REFRESH MATERIALIZED VIEW "+t.sql()); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
