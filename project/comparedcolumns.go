package project

import (
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
	"github.com/tenantvet/tenantvet/tenancy"
)

// comparedColumns returns the columns that policies compare with a setting that carries the tenant, most
// frequent first: nothing says better what the tenant column is. A setting carries the tenant when the
// model names it, or, where the model names none, when its name holds a concept's.
func comparedColumns(s *pgschema.Schema, m *tenancy.Model) []string {
	found, functions, renames := carriers{votes: map[string]int{}}, functionsOf(s), columnRenames(s)
	for _, r := range s.Sorted() {
		for _, p := range r.Policies {
			for _, e := range []*pgschema.Expr{p.Using, p.Check} {
				if e == nil {
					continue
				}
				for _, column := range columnsBesideSetting(functions, m, e.Node) {
					if r.Column(column) != nil && !isKey(r, column) && !renamedAway(s, renames, r, column) {
						found.votes[column]++
					}
				}
			}
		}
	}
	return found.spellings()
}

// columnsBesideSetting returns the columns that an expression compares with a tenant setting.
func columnsBesideSetting(functions functionsByName, m *tenancy.Model, expr *pgast.Node) []string {
	var columns []string
	pgast.Walk(expr, func(node any) bool {
		e, ok := node.(*pgast.A_Expr)
		if !ok || !slices.ContainsFunc(functions.readBy(e, 0), func(setting string) bool { return carriesTenant(setting, m) }) {
			return true
		}
		for _, side := range []*pgast.Node{e.GetLexpr(), e.GetRexpr()} {
			for side.GetTypeCast() != nil {
				side = side.GetTypeCast().GetArg()
			}
			if fields := side.GetColumnRef().GetFields(); len(fields) > 0 {
				columns = append(columns, fields[len(fields)-1].GetString_().GetSval())
			}
		}
		return true
	})
	return columns
}

func carriesTenant(setting string, m *tenancy.Model) bool {
	if !m.IsInferred("tenant.settings") && len(m.Settings) > 0 {
		return m.IsTenantSetting(setting)
	}
	name := tenancy.Fold(setting[strings.LastIndexByte(setting, '.')+1:])
	return slices.ContainsFunc(concepts, func(c concept) bool { return slices.Contains(c.columns, name) })
}

// columnRenames returns the events that rename columns, newest first.
func columnRenames(s *pgschema.Schema) (renames []pgschema.Event) {
	for _, e := range slices.Backward(s.Events) {
		if e.Kind == "RenameStmt" && strings.HasPrefix(e.Detail, "rename column ") {
			renames = append(renames, e)
		}
	}
	return renames
}

// renamedAway reports whether a column had the name of the tenant before another column of the table got it: policies
// follow the old one, which no longer says what the tenant is.
func renamedAway(s *pgschema.Schema, renames []pgschema.Event, r *pgschema.Relation, column string) bool {
	for _, e := range renames {
		from, to, ok := strings.Cut(strings.TrimPrefix(e.Detail, "rename column "), " to ")
		if !ok || to != column || e.Object != r.Name && s.Relations[e.Object] != nil {
			continue
		}
		if column = from; slices.Contains(concepts[0].columns, tenancy.Fold(column)) && r.Column(column) != nil {
			return true
		}
	}
	return false
}

// isKey reports whether a column alone is the primary key: a policy on the registry compares its key.
func isKey(r *pgschema.Relation, column string) bool {
	return slices.ContainsFunc(r.Constraints, func(c *pgschema.Constraint) bool {
		return c.Kind == pgschema.PrimaryKey && slices.Equal(c.Columns, []string{column})
	})
}

// onlyColumn returns the column of the first concept that a single table has: enough where the model says
// by which setting the tenant reaches the database, so that there are tenants.
func onlyColumn(s *pgschema.Schema) []string {
	for _, c := range concepts {
		if found := carriersOf(s, c.columns); found.tables > 0 {
			return found.spellings()
		}
	}
	return nil
}
