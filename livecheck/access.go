package livecheck

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/classify"
	"github.com/tenantvet/tenantvet/sqlcheck"
)

// detour is how a plan finds one tenant's rows by way of other tenants' rows.
type detour struct {
	scan *scan
	// how completes "the plan …".
	how string
	// seq says that it reads the whole table.
	seq bool
}

// detours returns the scans of a plan that read past the tenant: those of a tenant table whose rows
// are confined to a tenant, or may be, but only after rows of others were read.
func (j *judgement) detours() []detour {
	var found []detour
	for _, s := range j.reach.scans {
		if s.table.Class != classify.Tenant || !j.confined(s) && s.scope != unclear || byTenant(j.schema, s) {
			continue
		}
		if how := j.reach.access(s, s.node); how != "" {
			found = append(found, detour{scan: s, how: how, seq: !strings.Contains(s.node.Type, "Index") && !strings.Contains(s.node.Type, "Bitmap")})
		}
	}
	return found
}

// confined reports whether the plan or the text confines the rows of a scan to tenants.
func (j *judgement) confined(s *scan) bool {
	text := j.text[root(j.schema, s.relation)]
	return s.scope >= listed || text != nil && text.Verdict == sqlcheck.Pinned
}

// byTenant reports whether a partition holds the rows of listed tenants alone.
func byTenant(schema *pgschema.Schema, s *scan) bool {
	if s.relation.PartitionOf == nil {
		return false
	}
	parent := schema.Relations[*s.relation.PartitionOf]
	return parent != nil && parent.PartitionStrategy == "list" && len(parent.PartitionKey) == 1 && slices.Contains(s.table.Columns, parent.PartitionKey[0])
}

// access says how a scan reads past the tenant; it is empty for one that does not.
func (r *reach) access(s *scan, n *node) string {
	switch n.Type {
	case "Seq Scan", "Sample Scan":
		return "reads the whole table"
	case "Bitmap Heap Scan", "BitmapAnd":
		how := ""
		for _, child := range n.Plans {
			if child.Relationship != "Outer" && child.Relationship != "Member" {
				continue
			}
			if how = r.access(s, child); how == "" {
				return "" // the others only narrow it
			}
		}
		return how
	case "BitmapOr":
		for _, child := range n.Plans {
			if how := r.access(s, child); how != "" {
				return how
			}
		}
		return ""
	case "Index Scan", "Index Only Scan", "Bitmap Index Scan":
		i := slices.IndexFunc(s.relation.Indexes, func(i *pgschema.Index) bool { return i.Name == n.Index })
		if i < 0 {
			return "" // of an extension, or made after the catalog was read
		}
		return through(s.table, s.relation.Indexes[i], r.bound(s, n.IndexCond))
	}
	return ""
}

// bound returns the columns that an index condition fixes.
func (r *reach) bound(s *scan, condition string) []string {
	var columns []string
	for _, f := range r.read(condition) {
		if f.column.alias == s.node.Alias && !f.opaque {
			columns = append(columns, f.column.column)
		}
	}
	return columns
}

// through says what is wrong with an index as the way to a tenant's rows.
func through(t *classify.Table, index *pgschema.Index, bound []string) string {
	all := true
	for _, c := range index.Columns {
		if slices.Contains(t.Columns, c) && slices.Contains(bound, c) {
			if all {
				return "" // it leads, or what leads is fixed too
			}
			return fmt.Sprintf("uses the tenant in index %s behind a column that is not fixed", index.Name)
		}
		all = all && slices.Contains(bound, c)
	}
	switch {
	case all && index.Unique:
		return ""
	case len(bound) > 0:
		return fmt.Sprintf("finds the rows by index %s, which does not lead with the tenant, and drops those of other tenants afterwards", index.Name)
	}
	return fmt.Sprintf("walks index %s and drops the rows of other tenants afterwards", index.Name)
}

// leading returns the valid btree indexes that lead with the tenant.
func leading(t *classify.Table) []string {
	var names []string
	for _, i := range t.Relation.Indexes {
		if len(i.Columns) > 0 && slices.Contains(t.Columns, i.Columns[0]) && !i.Invalid && i.Where == nil && (i.Method == "btree" || i.Method == "") {
			names = append(names, i.Name)
		}
	}
	return names
}
