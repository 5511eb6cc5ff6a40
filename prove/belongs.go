package prove

import (
	"fmt"
	"strings"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/classify"
)

// belongs is the condition that a row of a table is a tenant's; empty when nothing in the row says so.
func (p *prover) belongs(t *table, alias string, owner, depth int) string {
	if t.class == nil || depth > 8 {
		return ""
	}
	switch t.class.Class {
	case classify.Tenant, classify.Registry:
		c := t.column(t.class.Column)
		if c == nil {
			return ""
		}
		return fmt.Sprintf("%s.%s::text = %s", alias, quote(c.name), literal(p.tenants[owner].id(c.base)))
	case classify.Child:
		if t.class.Via != nil {
			return p.belongsByKey(t, t.class.Via, alias, owner, depth)
		}
	case classify.Unclassified:
		var ways []string
		for _, fk := range t.foreignKeys() {
			if way := p.belongsByKey(t, fk, alias, owner, depth); way != "" {
				ways = append(ways, way)
			}
		}
		return strings.Join(ways, " OR ")
	}
	return ""
}

// belongsByKey is the condition that the row to which a foreign key leads is a tenant's.
func (p *prover) belongsByKey(t *table, fk *pgschema.Constraint, alias string, owner, depth int) string {
	parent := p.byName[fk.RefTable]
	if parent == nil || parent == t || !parent.owned {
		return ""
	}
	up := fmt.Sprintf("p%d", depth)
	condition := p.belongs(parent, up, owner, depth+1)
	if condition == "" {
		return ""
	}
	var join []string
	for i, name := range fk.Columns {
		join = append(join, fmt.Sprintf("%s.%s = %s.%s", up, quote(fk.RefColumns[i]), alias, quote(name)))
	}
	return fmt.Sprintf("EXISTS (SELECT FROM %s %s WHERE %s AND (%s))", parent.sql(), up, strings.Join(join, " AND "), condition)
}
