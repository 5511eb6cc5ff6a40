package schemacheck

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/classify"
	"github.com/tenantvet/tenantvet/tenancy"
)

var _ = register("search-path-falls-through", checkSearchPathFallsThrough)

// checkSearchPathFallsThrough looks, where each tenant has a schema, for tables of public that the
// application writes and that a tenant's schema lacks: with public behind it on the search path, the
// unqualified name means the table that all tenants share.
func checkSearchPathFallsThrough(p *pass) {
	tenants := p.tenantSchemas()
	if len(tenants) == 0 {
		return
	}
	for _, r := range p.schema.Sorted() {
		t := p.classes.Get(r)
		if r.Schema != public || !r.IsTable() || t == nil || t.Class != classify.Unclassified || r.RowSecurity || isPart(r) {
			continue
		}
		var lacking []string
		for _, schema := range tenants {
			if p.schema.Relations[pgschema.Name{Schema: schema, Name: r.Name.Name}] == nil {
				lacking = append(lacking, schema)
			}
		}
		for _, s := range p.sessions {
			if len(lacking) == 0 || !p.may(s, r, "insert") && !p.may(s, r, "update") {
				continue
			}
			f := finding.New("search-path-falls-through", r.Origin, object(r),
				"the schemas %s have no table %s: with public on the search path %s writes what belongs to one tenant into %s, which all share",
				strings.Join(lacking, ", "), r.Name.Name, s, object(r))
			p.weigh(&f, s)
			f.Fix = &finding.Fix{
				Message: "create the table in each tenant's schema and leave public off the search path, or revoke the application's right to write it",
				Code:    fmt.Sprintf("REVOKE INSERT, UPDATE, DELETE ON %s FROM %s;", quoteName(r.Name), p.holders(r, "insert")),
			}
			p.report(f)
			break
		}
	}
}

// tenantSchemas returns the schemas that tenants have of their own: two or more that the files create
// and that hold tables of the same names.
func (p *pass) tenantSchemas() []string {
	if !p.model.IsInferred("pattern") && p.model.Pattern != tenancy.SchemaPerTenant && p.model.Pattern != tenancy.Hybrid {
		return nil
	}
	tables := map[string][]string{}
	for _, r := range p.schema.Sorted() {
		if r.IsTable() && r.Schema != public && r.Extension == "" && p.classes.Get(r).Class == classify.Unclassified {
			tables[r.Schema] = append(tables[r.Schema], r.Name.Name)
		}
	}
	bySet := map[string][]string{}
	for schema, names := range tables {
		key := strings.Join(names, "\x00")
		bySet[key] = append(bySet[key], schema)
	}
	var found []string
	for _, schemas := range bySet {
		if len(schemas) > 1 && len(schemas) > len(found) {
			found = schemas
		}
	}
	slices.Sort(found)
	return found
}
