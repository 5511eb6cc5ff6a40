package schemacheck

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/classify"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
	"github.com/tenantvet/tenantvet/tenancy"
)

var _ = register("tenant-column-type-drift", checkTenantColumnTypeDrift)

// checkTenantColumnTypeDrift looks for tenant columns whose type is not that of the registry's key, or not that
// of the same column in most tables.
func checkTenantColumnTypeDrift(p *pass) {
	for _, name := range p.model.Columns {
		columns := p.tenantColumnsNamed(name)
		want := p.keyType(name, columns)
		for _, c := range columns {
			if p.family(c.column) != want.family {
				p.report(p.drifted(c, want))
			}
		}
	}
}

// tenantColumn is the tenant column of one table.
type tenantColumn struct {
	table  *classify.Table
	column *pgschema.Column
}

func (c tenantColumn) String() string { return object(c.table.Relation) + "." + c.column.Name }

// tenantColumnsNamed returns the columns of tables that carry the tenant under a name of the model.
func (p *pass) tenantColumnsNamed(name string) []tenantColumn {
	var found []tenantColumn
	for t := range p.owned() {
		if t.Class != classify.Tenant || isPart(t.Relation) {
			continue
		}
		for _, column := range t.Columns {
			if c := t.Relation.Column(column); c != nil && tenancy.SameName(column, name) {
				found = append(found, tenantColumn{t, c})
			}
		}
	}
	return found
}

// keyType is the type that columns should have, and whose it is.
type keyType struct {
	family, sqlType, whose string
	at                     finding.Position
}

// keyType returns the type of the registry's key that some of the columns refer to, or else the type that
// most of them have.
func (p *pass) keyType(name string, columns []tenantColumn) keyType {
	for t := range p.owned() {
		if key := t.Relation.Column(t.Column); t.Class == classify.Registry && key != nil && p.isRegistryOf(t, name, columns) {
			return keyType{p.family(key), key.Type, object(t.Relation) + "." + key.Name, key.Origin}
		}
	}
	count := map[string]int{}
	for _, c := range columns {
		count[p.family(c.column)]++
	}
	families := slices.SortedFunc(maps.Keys(count), func(a, b string) int {
		return cmp.Or(cmp.Compare(count[b], count[a]), strings.Compare(a, b))
	})
	for _, c := range columns {
		if family := p.family(c.column); family == families[0] {
			whose := c.String()
			if n := count[family]; n > 1 {
				whose = fmt.Sprintf("%d tables, as in %s", n, whose)
			}
			return keyType{family, c.column.Type, whose, c.column.Origin}
		}
	}
	return keyType{}
}

// isRegistryOf reports whether one of the columns refers to a registry, or the model has no other name for its
// key than theirs.
func (p *pass) isRegistryOf(registry *classify.Table, name string, columns []tenantColumn) bool {
	refers := slices.ContainsFunc(columns, func(c tenantColumn) bool {
		return slices.ContainsFunc(c.table.Relation.Constraints, func(fk *pgschema.Constraint) bool {
			return fk.Kind == pgschema.ForeignKey && fk.RefTable == registry.Relation.Name && slices.Contains(fk.Columns, c.column.Name)
		})
	})
	return refers || len(p.model.Columns) == 1 || tenancy.SameName(registry.Column, name)
}

// family names the types that compare with each other by an index: a domain is its base, text of any length is
// text, integers are one operator family (PostgreSQL manual, 38.16.5).
func (p *pass) family(c *pgschema.Column) string {
	sqlType := c.Type
	for range len(p.schema.Types) {
		domain := p.domain(sqlType)
		if domain == nil {
			break
		}
		sqlType = domain.Base
	}
	switch {
	case isText(sqlType) || strings.HasSuffix(sqlType, "citext"):
		return "text"
	case slices.Contains([]string{"smallint", "integer", "bigint"}, sqlType):
		return "integer"
	}
	return sqlType
}

func (p *pass) domain(sqlType string) *pgschema.Type {
	for name, t := range p.schema.Types {
		if t.Kind == 'd' && (sqlType == name.String() || sqlType == name.Name) {
			return t
		}
	}
	return nil
}

func (p *pass) drifted(c tenantColumn, want keyType) finding.Finding {
	r := c.table.Relation
	f := finding.New("tenant-column-type-drift", c.column.Origin, c.String(),
		"tenant column %s of %s is %s, but %s is %s: each comparison of the two needs a cast, which no index serves, and no foreign key can tie them",
		c.column.Name, object(r), c.column.Type, want.whose, want.sqlType)
	f.Related = []finding.Related{{Position: want.at, Message: want.whose + " is " + want.sqlType}}
	f.Fix = &finding.Fix{Message: "give the column the type " + want.sqlType + "; on a large table by a second column that is filled in batches, as the change of a type rewrites the table under an exclusive lock"}
	if (c.column.Type == "text" || want.family == "text") && c.column.Default == nil &&
		!p.hasDependents(r, c.column.Name) && !(p.relyOnRLS() && p.isOpen(c.table)) {
		f.Fix.Code = fmt.Sprintf("ALTER TABLE %s ALTER COLUMN %[2]s TYPE %[3]s USING %[2]s::%[3]s;", quoteName(r.Name), quote(c.column.Name), want.sqlType)
	}
	return f
}

// hasDependents reports whether something in the schema keeps PostgreSQL from changing the type of a column, or
// would have to change with it: policies, keys to other tables, views and functions that name the table.
func (p *pass) hasDependents(r *pgschema.Relation, column string) bool {
	if len(r.Policies) > 0 || r.Kind != pgschema.Table || len(r.Triggers) > 0 || len(r.Rules) > 0 {
		return true
	}
	for _, other := range p.schema.Relations {
		for _, c := range other.Constraints {
			if c.Kind == pgschema.ForeignKey && (other == r && slices.Contains(c.Columns, column) || c.RefTable == r.Name && slices.Contains(c.RefColumns, column)) {
				return true
			}
			if other == r && c.Kind == pgschema.Check {
				return true
			}
		}
		if other.Query != nil && namesRelation(other.Query.Node, r) {
			return true
		}
		if slices.ContainsFunc(other.Policies, func(policy *pgschema.Policy) bool {
			return policy.Using != nil && namesRelation(policy.Using.Node, r) || policy.Check != nil && namesRelation(policy.Check.Node, r)
		}) || slices.Contains(other.Inherits, r.Name) {
			return true
		}
	}
	return slices.ContainsFunc(r.Columns, func(c *pgschema.Column) bool { return c.Generated != nil }) ||
		slices.ContainsFunc(p.schema.Functions, func(f *pgschema.Function) bool { return strings.Contains(f.Body, r.Name.Name) })
}

// namesRelation reports whether a tree names a relation.
func namesRelation(node *pgast.Node, r *pgschema.Relation) bool {
	found := false
	pgast.Walk(node, func(n any) bool {
		ref, ok := n.(*pgast.RangeVar)
		found = found || ok && ref.Relname == r.Name.Name
		return !found
	})
	return found
}
