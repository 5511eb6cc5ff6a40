package schemacheck

import (
	"fmt"
	"regexp"
	"strings"
	"sync"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/classify"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// SQL text for fixes.

var plain = regexp.MustCompile(`^[a-z_][a-z0-9_]*$`)

// quote writes an identifier, in quotes where it needs them: mixed case, other characters, or a
// reserved word, which the parser does not read as a column.
func quote(name string) string {
	if plain.MatchString(name) {
		bare, known := bareNames.Load(name)
		if !known {
			node, err := pgast.ParseExpr(name)
			bare = err == nil && node.GetColumnRef() != nil
			bareNames.Store(name, bare)
		}
		if bare.(bool) {
			return name
		}
	}
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
}

// bareNames remembers which names need no quotes: to ask the parser takes longer than most rules do.
var bareNames sync.Map

func quoteName(n pgschema.Name) string {
	if n.Schema == "" {
		return quote(n.Name)
	}
	return quote(n.Schema) + "." + quote(n.Name)
}

func quoteList(names []string) string {
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = quote(name)
	}
	return strings.Join(quoted, ", ")
}

// literal writes a string constant.
func literal(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// object names a relation in a finding.
func object(r *pgschema.Relation) string { return r.Name.String() }

// defaultSetting is the tenant setting that a fix proposes when the model names none.
const defaultSetting = "app.tenant_id"

// currentTenant writes the tenant of the session, cast to the type of the tenant column. NULLIF
// makes a setting left empty by an earlier transaction admit no row instead of raising 22P02.
func (p *pass) currentTenant(t *classify.Table) string {
	setting := defaultSetting
	if len(p.model.Settings) > 0 {
		setting = p.model.Settings[0]
	}
	value := fmt.Sprintf("nullif(current_setting(%s, true), '')", literal(setting))
	column := t.Relation.Column(t.Column)
	if column == nil || column.Type == "text" || strings.HasPrefix(column.Type, "character varying") {
		return value
	}
	return value + "::" + column.Type
}

// isolates writes a condition that confines the rows of a table, under the given name, to the
// session's tenant: by the tenant column, or for a child through its parent.
func (p *pass) isolates(t *classify.Table, name string) string {
	if t.Class != classify.Child {
		return fmt.Sprintf("%s = %s", quote(t.Column), p.currentTenant(t))
	}
	parent := quoteName(t.Parent.Relation.Name)
	var on []string
	for i, column := range t.Via.Columns {
		on = append(on, fmt.Sprintf("%s.%s = %s.%s", parent, quote(t.Via.RefColumns[i]), name, quote(column)))
	}
	inner := p.isolates(t.Parent, parent)
	if t.Parent.Class != classify.Child {
		inner = parent + "." + inner
	}
	return fmt.Sprintf("EXISTS (SELECT 1 FROM %s\n                   WHERE %s\n                     AND %s)",
		parent, strings.Join(on, " AND "), inner)
}

// createPolicy writes the policy that isolates a table.
func (p *pass) createPolicy(t *classify.Table) string {
	name := quoteName(t.Relation.Name)
	return fmt.Sprintf("CREATE POLICY tenant_isolation ON %s\n    USING (%s);", name, p.isolates(t, name))
}

// enableRLS writes the statements that protect a table that has no row-level security.
func (p *pass) enableRLS(t *classify.Table) string {
	name := quoteName(t.Relation.Name)
	return fmt.Sprintf("ALTER TABLE %[1]s ENABLE ROW LEVEL SECURITY;\nALTER TABLE %[1]s FORCE ROW LEVEL SECURITY;\n%[2]s",
		name, p.createPolicy(t))
}

// createIndex writes an index on columns, without a lock on writes where PostgreSQL can: not on a
// partitioned table (manual, CREATE INDEX).
func createIndex(r *pgschema.Relation, columns ...string) string {
	return fmt.Sprintf("CREATE INDEX %sON %s (%s);", concurrently(r), quoteName(r.Name), quoteList(columns))
}

// dropIndex writes the removal of an index.
func dropIndex(r *pgschema.Relation, index *pgschema.Index) string {
	return fmt.Sprintf("DROP INDEX %s%s;", concurrently(r), quoteName(pgschema.Name{Schema: r.Schema, Name: index.Name}))
}

func concurrently(r *pgschema.Relation) string {
	if r.Kind == pgschema.PartitionedTable {
		return ""
	}
	return "CONCURRENTLY "
}

// upper writes a privilege as in a GRANT.
func upper(privilege string) string { return strings.ToUpper(privilege) }

// rolesList writes the grantees of a GRANT or REVOKE.
func rolesList(roles []string) string {
	quoted := make([]string, len(roles))
	for i, role := range roles {
		if quoted[i] = quote(role); role == public {
			quoted[i] = "PUBLIC"
		}
	}
	return strings.Join(quoted, ", ")
}
