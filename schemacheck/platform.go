package schemacheck

import (
	"maps"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/pgschema"
)

// platform are functions that hosting platforms bring and that return what the session is: Supabase's.
var platform = map[pgschema.Name]string{
	{Schema: "auth", Name: "uid"}:   "SELECT nullif(current_setting('request.jwt.claim.sub', true), '')::uuid",
	{Schema: "auth", Name: "role"}:  "SELECT nullif(current_setting('request.jwt.claim.role', true), '')",
	{Schema: "auth", Name: "email"}: "SELECT nullif(current_setting('request.jwt.claim.email', true), '')",
	{Schema: "auth", Name: "jwt"}:   "SELECT nullif(current_setting('request.jwt.claims', true), '')::jsonb",
}

// platformFunctions returns those that the schema does not create itself.
func platformFunctions(s *pgschema.Schema) []*pgschema.Function {
	var functions []*pgschema.Function
	for _, name := range slices.SortedFunc(maps.Keys(platform), func(a, b pgschema.Name) int { return strings.Compare(a.Name, b.Name) }) {
		if !slices.ContainsFunc(s.Functions, func(f *pgschema.Function) bool { return f.Name == name }) {
			functions = append(functions, &pgschema.Function{Name: name, Language: "sql", Volatility: 's', Body: platform[name]})
		}
	}
	return functions
}
