package schemacheck

import (
	"fmt"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/tenancy"
)

var _ = register("function-search-path", checkFunctionSearchPath)

// checkFunctionSearchPath looks for SECURITY DEFINER functions whose names are looked up along the
// caller's search path, so that the caller chooses the tables and operators which the owner's rights
// are used on (PostgreSQL manual, CREATE FUNCTION, "Writing SECURITY DEFINER Functions Safely").
func checkFunctionSearchPath(p *pass) {
	apart := len(p.classes.Apart(p.schema, p.model)) > 0 && p.model.Pattern != tenancy.DatabasePerTenant
	if !p.hasOwned() && !apart {
		return
	}
	for f, s := range p.callable() {
		// The names of a BEGIN ATOMIC body are bound when it is created.
		if !f.SecurityDefiner || len(f.BodyNodes) > 0 || f.Language == "c" || f.Language == "internal" {
			continue
		}
		if _, set := f.Settings["search_path"]; set {
			continue
		}
		g := finding.New("function-search-path", f.Origin, functionObject(f),
			"function %s runs with the rights of its owner%s along the search path of %s, who can put another table in the place of one it names",
			functionObject(f), named(f.Owner), s)
		g.Fix = &finding.Fix{
			Message: "fix the search path, pg_temp last",
			Code:    fmt.Sprintf("ALTER %s %s SET search_path = pg_catalog, %s, pg_temp;", kindOf(f), signature(f), quote(f.Schema)),
		}
		if apart {
			g.Message = fmt.Sprintf("function %s runs with the rights of its owner%s along the search path of %s, who chooses by it whose tenant's tables the owner reads",
				functionObject(f), named(f.Owner), s)
			g.Fix = &finding.Fix{
				Message: "let it run with the rights of its caller, who reaches one tenant's schema alone",
				Code:    fmt.Sprintf("ALTER %s %s SECURITY INVOKER;", kindOf(f), signature(f)),
			}
		}
		p.report(g)
	}
}
