package project

import (
	"regexp"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
	"github.com/tenantvet/tenantvet/tenancy"
)

// currentSetting finds the custom settings, which have a dot in their name, that SQL text reads.
var currentSetting = regexp.MustCompile(`(?i)current_setting\s*\(\s*'([^'.]+\.[^']+)'`)

// settings returns the settings that carry the tenant: those that policies compare with a tenant
// column, directly or through a function; else those that functions and column defaults read and
// whose name speaks of the tenant.
func settings(s *pgschema.Schema, m *tenancy.Model) []string {
	var found []string
	add := func(names []string) {
		for _, name := range names {
			if !slices.ContainsFunc(found, func(f string) bool { return strings.EqualFold(f, name) }) {
				found = append(found, name)
			}
		}
	}
	functions := functionsOf(s)
	for _, r := range s.Sorted() {
		for _, p := range r.Policies {
			for _, e := range []*pgschema.Expr{p.Using, p.Check} {
				if e != nil {
					add(comparedSettings(functions, m, e.Node))
				}
			}
		}
	}
	if len(found) > 0 {
		return found
	}
	for _, r := range s.Sorted() {
		for _, c := range r.Columns {
			if c.Default != nil && m.IsTenantColumn(c.Name) {
				add(read(c.Default.Text))
			}
		}
	}
	for _, f := range s.Functions {
		add(slices.DeleteFunc(bodySettings(f), func(name string) bool { return !speaksOfTenant(name, m) }))
	}
	return found
}

// comparedSettings returns the settings that an expression compares with a tenant column.
func comparedSettings(functions functionsByName, m *tenancy.Model, expr *pgast.Node) []string {
	var found []string
	pgast.Walk(expr, func(node any) bool {
		e, ok := node.(*pgast.A_Expr)
		if !ok {
			return true
		}
		if namesTenantColumn(m, e.GetLexpr()) || namesTenantColumn(m, e.GetRexpr()) {
			found = append(found, functions.readBy(e, 0)...)
		}
		return true
	})
	return found
}

// namesTenantColumn reports whether an expression is a tenant column, possibly cast.
func namesTenantColumn(m *tenancy.Model, expr *pgast.Node) bool {
	fields := uncast(expr).GetColumnRef().GetFields()
	return len(fields) > 0 && m.IsTenantColumn(fields[len(fields)-1].GetString_().GetSval())
}

// uncast returns what stands inside of casts. A server prints a cast around each constant.
func uncast(expr *pgast.Node) *pgast.Node {
	for expr.GetTypeCast() != nil {
		expr = expr.GetTypeCast().GetArg()
	}
	return expr
}

// maxCalls bounds how deep calls of SQL functions are followed.
const maxCalls = 3

// functionsByName are the functions of a schema by their names without schema.
type functionsByName map[string][]*pgschema.Function

func functionsOf(s *pgschema.Schema) functionsByName {
	functions := functionsByName{}
	for _, f := range s.Functions {
		functions[f.Name.Name] = append(functions[f.Name.Name], f)
	}
	return functions
}

// readBy returns the settings that an expression reads, also in the functions it calls.
func (functions functionsByName) readBy(expr any, depth int) []string {
	var found []string
	pgast.Walk(expr, func(node any) bool {
		call, ok := node.(*pgast.FuncCall)
		if !ok || len(call.GetFuncname()) == 0 {
			return true
		}
		name := call.GetFuncname()[len(call.GetFuncname())-1].GetString_().GetSval()
		if name == "current_setting" {
			if args := call.GetArgs(); len(args) > 0 {
				if setting := uncast(args[0]).GetAConst().GetSval().GetSval(); strings.Contains(setting, ".") {
					found = append(found, setting)
				}
			}
			return true
		}
		if depth == maxCalls {
			return true
		}
		for _, f := range functions[name] {
			found = append(found, bodySettings(f)...)
			for _, statement := range f.BodyNodes {
				found = append(found, functions.readBy(statement.Node, depth+1)...)
			}
		}
		return true
	})
	return found
}

func bodySettings(f *pgschema.Function) []string { return read(f.Body) }

func read(text string) []string {
	var names []string
	for _, match := range currentSetting.FindAllStringSubmatch(text, -1) {
		names = append(names, match[1])
	}
	return names
}

// speaksOfTenant reports whether the last part of a setting's name is a tenant column, or the name
// of a tenant without "id".
func speaksOfTenant(setting string, m *tenancy.Model) bool {
	last := tenancy.Fold(setting[strings.LastIndexByte(setting, '.')+1:])
	return slices.ContainsFunc(m.Columns, func(column string) bool {
		stem := strings.TrimSuffix(tenancy.Fold(column), "id")
		return stem != "" && strings.Contains(last, stem)
	})
}
