package schemacheck

import (
	"slices"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
)

var _ = register("index-redundant-prefix", checkIndexRedundantPrefix)

// checkIndexRedundantPrefix looks for indexes on tables with rows of tenants that are the beginning of
// another one, which serves the same queries (PostgreSQL manual, 11.3).
func checkIndexRedundantPrefix(p *pass) {
	for t := range p.owned() {
		r := t.Relation
		if isPart(r) || r.Kind == pgschema.ForeignTable {
			continue
		}
		for i, index := range r.Indexes {
			wider := widerIndex(r, i)
			if wider == nil {
				continue
			}
			f := finding.New("index-redundant-prefix", index.Origin, object(r)+"."+index.Name,
				"index %s of %s is superfluous: %s begins with the same columns and serves the same queries, while each write pays for both",
				index.Name, object(r), wider.Name)
			f.Related = []finding.Related{{Position: wider.Origin, Message: wider.Name}}
			f.Fix = &finding.Fix{Message: "drop it", Code: dropIndex(r, index)}
			p.report(f)
		}
	}
}

// widerIndex returns the index of a relation that makes its i-th superfluous, or nil. Of indexes alike it
// is the one with a constraint or a unique one, then the first.
func widerIndex(r *pgschema.Relation, i int) *pgschema.Index {
	index := r.Indexes[i]
	if index.Unique || index.Constraint != "" || index.Method != "btree" || len(index.Columns) == 0 {
		return nil
	}
	for j, other := range r.Indexes {
		if i == j || other.Invalid || !begins(other, index) {
			continue
		}
		alike := len(other.Columns) == len(index.Columns)
		if !alike || other.Unique || len(other.Include) > len(index.Include) || j < i && len(other.Include) == len(index.Include) {
			return other
		}
	}
	return nil
}

// begins reports whether an index begins with the columns of another, in the same order and way, holds the
// same rows and at least its other columns.
func begins(wider, index *pgschema.Index) bool {
	n := len(index.Columns)
	if wider.Method != index.Method || len(wider.Columns) < n || !slices.Equal(wider.Columns[:n], index.Columns) || !sameText(wider.Where, index.Where) {
		return false
	}
	for i := range n {
		if wider.Options[i] != index.Options[i] || !sameText(wider.Exprs[i], index.Exprs[i]) {
			return false
		}
	}
	return !slices.ContainsFunc(index.Include, func(c string) bool {
		return !slices.Contains(wider.Include, c) && !slices.Contains(wider.Columns, c)
	})
}

func sameText(a, b *pgschema.Expr) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Text == b.Text
}
