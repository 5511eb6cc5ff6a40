package schemacheck

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema/classify"
)

var _ = register("tenant-column-missing", checkTenantColumnMissing)

// checkTenantColumnMissing looks for tables that belong to a tenant in no known way. Without a model
// file they are one finding: only the file can declare the shared ones.
func checkTenantColumnMissing(p *pass) {
	var unclassified []*classify.Table
	apart := map[*classify.Table]bool{}
	for _, t := range p.classes.Apart(p.schema, p.model) {
		apart[t] = true
	}
	for _, t := range p.classes.Tables() {
		if t.Class == classify.Unclassified && !isPart(t.Relation) && t.Relation.Extension == "" && !apart[t] {
			unclassified = append(unclassified, t)
		}
	}
	if len(unclassified) == 0 || len(p.model.Columns) == 0 {
		return
	}
	copied := p.copiedRows()
	unclassified = slices.DeleteFunc(unclassified, func(t *classify.Table) bool {
		c, ok := copied[t.Relation]
		if ok {
			p.report(p.copiedTable(t, c))
		}
		return ok
	})
	if p.model.File == "" {
		if len(unclassified) > 0 {
			p.report(unclassifiedTables(unclassified))
		}
		return
	}
	for _, t := range unclassified {
		r := t.Relation
		f := finding.New("tenant-column-missing", r.Origin, object(r),
			"%s belongs to no tenant in a known way: it has no column %s and is not declared shared", object(r), p.model.Columns[0])
		f.Evidence = []string{t.Reason}
		f.Fix = &finding.Fix{
			Message: "add the tenant column, or declare in .tenantvet.yml that all tenants share the table",
			Code:    fmt.Sprintf("shared:\n  - table: %s\n    reason: …", object(r)),
		}
		p.report(f)
	}
}

func unclassifiedTables(tables []*classify.Table) finding.Finding {
	lines := make([]string, len(tables))
	first := tables[0]
	for i, t := range tables {
		lines[i] = object(t.Relation) + ": " + t.Reason
		if t.Relation.Origin.Compare(first.Relation.Origin) < 0 {
			first = t
		}
	}
	subject := "1 table belongs"
	if len(tables) > 1 {
		subject = fmt.Sprintf("%d tables belong", len(tables))
	}
	f := finding.New("tenant-column-missing", first.Relation.Origin, "",
		"%s to no tenant in a known way, so nothing is checked about their rows: %s", subject, strings.Join(names(tables, 8), ", "))
	f.Severity = finding.Info
	f.Evidence = lines
	f.Fix = &finding.Fix{Message: "run `tenantvet init` and say in .tenantvet.yml which tables all tenants share"}
	return f
}

// names lists the tables up to a limit.
func names(tables []*classify.Table, limit int) []string {
	var list []string
	for i, t := range tables {
		if i == limit {
			return append(list, fmt.Sprintf("and %d more", len(tables)-limit))
		}
		list = append(list, object(t.Relation))
	}
	return list
}
