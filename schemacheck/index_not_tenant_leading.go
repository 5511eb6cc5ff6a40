package schemacheck

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/classify"
)

var _ = register("index-not-tenant-leading", checkIndexNotTenantLeading)

// checkIndexNotTenantLeading looks for indexes on tenant tables that a query for one tenant enters
// by another column. Primary keys are left alone: a surrogate key finds one row. So are indexes beside
// which another serves the same queries for one tenant. Indexes that may well be meant so are told of
// together, once a table.
func checkIndexNotTenantLeading(p *pass) {
	for t := range p.owned() {
		if !indexable(t) || partitionedBy(t.Relation, t.Column) {
			continue
		}
		var meant []*pgschema.Index
		for _, index := range t.Relation.Indexes {
			switch {
			case index.Primary || len(index.Columns) == 0 || p.isTenantColumn(t, index.Columns[0]) || p.served(t, index):
			case tolerable(t, index) != "":
				meant = append(meant, index)
			default:
				p.report(notLeading(t, index))
			}
		}
		if len(meant) > 0 {
			p.report(meantSo(t, meant))
		}
	}
}

// served reports whether another index leads with the tenant and goes on with the columns of this one.
func (p *pass) served(t *classify.Table, index *pgschema.Index) bool {
	if slices.Contains(index.Columns, "") {
		return false
	}
	want := slices.DeleteFunc(slices.Clone(index.Columns), func(c string) bool { return p.isTenantColumn(t, c) })
	return slices.ContainsFunc(t.Relation.Indexes, func(other *pgschema.Index) bool {
		return other.Where == nil && !other.Invalid && other.Method == "btree" && index.Method == "btree" &&
			len(other.Columns) > len(want) && p.isTenantColumn(t, other.Columns[0]) && slices.Equal(other.Columns[1:len(want)+1], want)
	})
}

func notLeading(t *classify.Table, index *pgschema.Index) finding.Finding {
	r := t.Relation
	f := finding.New("index-not-tenant-leading", index.Origin, object(r)+"."+index.Name,
		"index %s of %s leads with %s instead of %s: a query for one tenant walks the entries of all",
		index.Name, object(r), leading(index), t.Column)
	columns := append([]string{t.Column}, slices.DeleteFunc(slices.Clone(index.Columns), func(c string) bool { return c == t.Column })...)
	f.Fix = &finding.Fix{
		Message: "lead with the tenant; outside a transaction, so that writes go on",
		Code:    createIndex(r, columns...) + "\n" + dropIndex(r, index),
	}
	return f
}

// meantSo tells of the indexes of a table that lead with another column for a reason, which is the evidence.
func meantSo(t *classify.Table, indexes []*pgschema.Index) finding.Finding {
	r, first := t.Relation, indexes[0]
	f := finding.New("index-not-tenant-leading", first.Origin, object(r)+"."+first.Name,
		"index %s of %s leads with %s instead of %s, for a reason that may well stand", first.Name, object(r), leading(first), t.Column)
	if len(indexes) > 1 {
		f.Message = fmt.Sprintf("%d indexes of %s lead with another column than %s, each for a reason that may well stand",
			len(indexes), object(r), t.Column)
	}
	f.Severity = finding.Info
	for _, index := range indexes {
		f.Evidence = append(f.Evidence, index.Name+": "+tolerable(t, index))
		if index != first {
			f.Related = append(f.Related, finding.Related{Position: index.Origin, Message: index.Name})
		}
	}
	return f
}

// tolerable returns why an index may well be meant to lead with another column, or "".
func tolerable(t *classify.Table, index *pgschema.Index) string {
	r := t.Relation
	switch {
	case index.Unique:
		return "unique index: it finds single rows, and says which values are taken in all tenants"
	case index.Where != nil:
		return "partial index: it holds the rows WHERE " + index.Where.Text
	case index.Columns[0] == "":
		return "expression index"
	case index.Method != "btree":
		return index.Method + " index, which does not order its columns"
	case supportsForeignKey(r, index.Columns[0]):
		return fmt.Sprintf("%s is a foreign key: the index supports its checks and joins", index.Columns[0])
	case isReference(index.Columns[0]), isSecret(index.Columns[0]), identifies(r, index.Columns[0]):
		return index.Columns[0] + " identifies few rows by itself"
	case len(index.Columns) > 1 && index.Columns[1] == t.Column && r.Column(index.Columns[0]).Type == "boolean":
		return index.Columns[0] + " has two values, and " + t.Column + " follows at once"
	case len(index.Columns) == 1 && expiry.MatchString(index.Columns[0]):
		return "outdated rows are swept for all tenants at once"
	}
	return ""
}

// supportsForeignKey reports whether a column leads a foreign key.
func supportsForeignKey(r *pgschema.Relation, column string) bool {
	return slices.ContainsFunc(r.Constraints, func(c *pgschema.Constraint) bool {
		return c.Kind == pgschema.ForeignKey && slices.Contains(c.Columns, column)
	})
}

// identifies reports whether a column alone is a unique key.
func identifies(r *pgschema.Relation, column string) bool {
	return slices.ContainsFunc(r.Indexes, func(index *pgschema.Index) bool {
		return index.Unique && index.Where == nil && slices.Equal(index.Columns, []string{column})
	})
}

func leading(index *pgschema.Index) string {
	if index.Columns[0] != "" {
		return index.Columns[0]
	}
	if expr := index.Exprs[0]; expr != nil {
		return "(" + strings.Trim(expr.Text, "()") + ")"
	}
	return "an expression"
}
