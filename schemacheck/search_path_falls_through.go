package schemacheck

import (
	"fmt"
	"strings"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/classify"
)

var _ = register("search-path-falls-through", checkSearchPathFallsThrough)

// checkSearchPathFallsThrough looks, where each tenant has a schema, for tables of public that the
// application writes and that a tenant's schema lacks: with public behind it on the search path, the
// unqualified name means the table that all tenants share.
func checkSearchPathFallsThrough(p *pass) {
	tenants := p.classes.TenantSchemas(p.schema, p.model)
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
			if s.assumed { // its privileges are granted elsewhere
				f.Fix.Code = ""
			}
			p.report(f)
			break
		}
	}
}
