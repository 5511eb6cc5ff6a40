package schemacheck

import (
	"fmt"
	"strings"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/drift"
)

// alignment writes the SQL that brings a tenant's schema, or a database, to what the others have; it is
// empty when some of it takes a decision or would take data away. The names of objects carry their schema
// unless they are compared schema by schema.
func alignment(group []drift.Difference, scale drift.Scale, schema string) string {
	in := func(name string) string {
		schema, name, _ := strings.Cut(name, ".")
		return quoteName(pgschema.Name{Schema: schema, Name: name})
	}
	if scale == drift.OneSchema {
		in = func(name string) string { return quoteName(pgschema.Name{Schema: schema, Name: name}) }
	}
	var all []string
	for _, d := range group {
		statement := align(d, in)
		if statement == "" {
			return ""
		}
		all = append(all, statement)
	}
	return strings.Join(all, "\n")
}

// align writes the statement for one difference; in writes the name of an object of the schema.
func align(d drift.Difference, in func(string) string) string {
	switch d.Kind {
	case "table":
		return alignTable(d, "ALTER TABLE "+in(d.Name))
	case "column":
		return alignColumn(d, "ALTER TABLE "+in(d.Relation))
	case "policy":
		return alignPolicy(d, in(d.Relation))
	case "trigger":
		if _, usual := d.Changes(); len(usual) == 1 {
			if state, ok := strings.CutPrefix(usual[0], "trigger "); ok {
				return fmt.Sprintf("ALTER TABLE %s %s TRIGGER %s;", in(d.Relation), switched[state], quote(d.Name))
			}
		}
	case "constraint":
		if d.Found == nil {
			return fmt.Sprintf("ALTER TABLE %s ADD CONSTRAINT %s %s;", in(d.Relation), quote(d.Name), d.Usual[0])
		}
	case "index":
		if d.Found == nil {
			return alignIndex(d, in(d.Relation))
		}
	}
	return ""
}

var switched = map[string]string{"on": "ENABLE", "off": "DISABLE"}

// alignTable switches row-level security; all else about a table takes a decision.
func alignTable(d drift.Difference, alter string) string {
	_, usual := d.Changes()
	var statements []string
	for _, line := range usual {
		switch line {
		case "row-level security on":
			statements = append(statements, alter+" ENABLE ROW LEVEL SECURITY;")
		case "row-level security off":
			statements = append(statements, alter+" DISABLE ROW LEVEL SECURITY;")
		case "forced row-level security on":
			statements = append(statements, alter+" FORCE ROW LEVEL SECURITY;")
		case "forced row-level security off":
			statements = append(statements, alter+" NO FORCE ROW LEVEL SECURITY;")
		default:
			return ""
		}
	}
	return strings.Join(statements, "\n")
}

// alignColumn adds a column, or changes what needs no rewriting of the rows.
func alignColumn(d drift.Difference, alter string) string {
	column := quote(d.Name)
	if d.Found == nil {
		kind, nullable, value := strings.TrimPrefix(d.Usual[0], "type "), d.Usual[1], d.Usual[2]
		isDefault := strings.HasPrefix(value, "DEFAULT ")
		switch {
		case !isDefault && (value != noDefault || nullable == notNull):
			return "" // existing rows need a value
		case !isDefault:
			return fmt.Sprintf("%s ADD COLUMN %s %s;", alter, column, kind)
		case nullable == notNull:
			value = notNull + " " + value
		}
		return fmt.Sprintf("%s ADD COLUMN %s %s %s;", alter, column, kind, value)
	}
	if d.Usual == nil {
		return ""
	}
	_, usual := d.Changes()
	var statements []string
	for _, line := range usual {
		switch {
		case line == notNull:
			statements = append(statements, fmt.Sprintf("%s ALTER COLUMN %s SET NOT NULL;", alter, column))
		case line == "nullable":
			statements = append(statements, fmt.Sprintf("%s ALTER COLUMN %s DROP NOT NULL;", alter, column))
		case line == noDefault && strings.HasPrefix(d.Found[2], "DEFAULT "):
			statements = append(statements, fmt.Sprintf("%s ALTER COLUMN %s DROP DEFAULT;", alter, column))
		case strings.HasPrefix(line, "DEFAULT ") && (d.Found[2] == noDefault || strings.HasPrefix(d.Found[2], "DEFAULT ")):
			statements = append(statements, fmt.Sprintf("%s ALTER COLUMN %s SET %s;", alter, column, line))
		default:
			return ""
		}
	}
	return strings.Join(statements, "\n")
}

const (
	notNull   = "NOT NULL"
	noDefault = "no default"
)

func alignPolicy(d drift.Difference, table string) string {
	var statements []string
	if d.Found != nil {
		statements = append(statements, fmt.Sprintf("DROP POLICY %s ON %s;", quote(d.Name), table))
	}
	if d.Usual != nil {
		create := fmt.Sprintf("CREATE POLICY %s ON %s AS %s", quote(d.Name), table, d.Usual[0])
		for _, clause := range d.Usual[1:] {
			keyword, expr, _ := strings.Cut(clause, " ")
			if rest, ok := strings.CutPrefix(clause, "WITH CHECK "); ok {
				keyword, expr = "WITH CHECK", rest
			}
			if expr != "none" {
				create += fmt.Sprintf(" %s (%s)", keyword, expr)
			}
		}
		statements = append(statements, create+";")
	}
	return strings.Join(statements, "\n")
}

func alignIndex(d drift.Difference, table string) string {
	text, unique := strings.CutPrefix(d.Usual[0], "UNIQUE ")
	create := "CREATE INDEX"
	if unique {
		create = "CREATE UNIQUE INDEX"
	}
	where := ""
	if strings.HasPrefix(d.Usual[1], "WHERE ") {
		where = " " + d.Usual[1]
	}
	return fmt.Sprintf("%s CONCURRENTLY %s ON %s USING %s%s;", create, quote(d.Name), table, text, where)
}
