package schemacheck

import (
	"regexp"
	"strings"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// Under row-level security a condition of a query may use an index only if its operator is leakproof, so
// that it tells nothing of rows that a policy hides (PostgreSQL manual, 41.5). Of the operators of the
// built-in types those below are not (pg_proc.proleakproof, PostgreSQL 15 to 18).

// leakyTypes are types whose operators are not leakproof, with what to call them.
var leakyTypes = map[string]string{
	"numeric": "numeric", "jsonb": "jsonb", "record": "record", "tsvector": "tsvector", "tsquery": "tsquery",
	"citext": "citext", "hstore": "hstore", "ltree": "ltree",
}

var (
	modifier  = regexp.MustCompile(`\([0-9, -]+\)`)
	rangeType = regexp.MustCompile(`^(int4|int8|num|ts|tstz|date)(multi)?range$`)
)

// leakyType returns what to call a type whose operators are not leakproof, or "". Types of extensions that
// are not known count as leakproof.
func (p *pass) leakyType(name string) string {
	name = modifier.ReplaceAllString(name, "")
	switch {
	case strings.HasSuffix(name, "[]"):
		return "array"
	case rangeType.MatchString(name):
		return "range"
	case leakyTypes[name] != "":
		return leakyTypes[name]
	}
	t := p.userType(name)
	if t == nil {
		return ""
	}
	switch t.Kind {
	case 'e':
		return "enum"
	case 'c':
		return "composite type"
	case 'r':
		return "range"
	case 'd':
		if t.Base != name {
			return p.leakyType(t.Base)
		}
	}
	return ""
}

// userType finds a type of the schema by the name that format_type writes, or nil.
func (p *pass) userType(name string) *pgschema.Type {
	schema, bare, qualified := strings.Cut(name, ".")
	if !qualified {
		schema, bare = "", name
	}
	for _, path := range append([]string{schema}, p.schema.SearchPath...) {
		if t := p.schema.Types[pgschema.Name{Schema: path, Name: strings.Trim(bare, `"`)}]; t != nil {
			return t
		}
	}
	return nil
}

// computes reports whether an expression calls a function, an operator or a cast: hardly any of those that
// indexes are made of is leakproof.
func computes(node *pgast.Node) bool {
	found := false
	pgast.Walk(node, func(n any) bool {
		switch n.(type) {
		case *pgast.FuncCall, *pgast.A_Expr, *pgast.TypeCast:
			found = true
		}
		return !found
	})
	return found
}
