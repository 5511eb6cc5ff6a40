package schemacheck

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/classify"
)

// columnsDropped reports statements that dropped the tenant column of a table that belongs to no tenant in a
// known way since.
func (p *pass) columnsDropped() {
	for _, t := range p.classes.Tables() {
		r := t.Relation
		if t.Class != classify.Unclassified || isPart(r) {
			continue
		}
		for _, e := range p.history(r) {
			column, ok := e.Removed.(*pgschema.Column)
			if !ok || !p.model.IsTenantColumn(column.Name) {
				continue
			}
			f := weakened(r, &e, column.Origin, "the column came here",
				"tenant column %s of %s is dropped: nothing says any more which tenant a row belongs to, and no policy can", column.Name, object(r))
			f.Fix = &finding.Fix{Message: "keep the column; for a table that all tenants share from now on, say so under shared in .tenantvet.yml"}
			p.report(f)
		}
	}
}

// keyDropped reports statements that dropped a foreign key which kept references within one tenant, where no
// other does.
func (p *pass) keyDropped(t *classify.Table) {
	r := t.Relation
	if t.Class != classify.Tenant || isPart(r) {
		return
	}
	for _, e := range p.history(r) {
		c, ok := e.Removed.(*pgschema.Constraint)
		if !ok || p.target(c) == nil || len(c.Columns) < 2 || !p.stands(c, r) || !carriesTenant(t, c, p.target(c)) {
			continue
		}
		if slices.ContainsFunc(r.Constraints, func(other *pgschema.Constraint) bool {
			return other.RefTable == c.RefTable && overlap(other.Columns, without(c.Columns, t.Column)) && carriesTenant(t, other, p.target(c))
		}) {
			continue
		}
		f := weakened(r, &e, c.Origin, "it was defined here",
			"foreign key %s of %s, which kept references to %s within one tenant, is dropped: a row may refer to another tenant's row now",
			c.Name, object(r), c.RefTable)
		f.Fix = &finding.Fix{Message: "put it back; NOT VALID spares the exclusive lock, VALIDATE looks at the rows written meanwhile", Code: foreignKey(r, c)}
		if !hasKey(p.schema.Relations[c.RefTable], c.RefColumns) {
			f.Fix = &finding.Fix{Message: fmt.Sprintf("put it back, with a unique key on (%s) of %s", strings.Join(c.RefColumns, ", "), c.RefTable)}
		}
		p.report(f)
	}
}

// stands reports whether the columns on both sides of a dropped foreign key are still there.
func (p *pass) stands(c *pgschema.Constraint, r *pgschema.Relation) bool {
	to := p.schema.Relations[c.RefTable]
	has := func(r *pgschema.Relation, columns []string) bool {
		return !slices.ContainsFunc(columns, func(name string) bool { return r.Column(name) == nil })
	}
	return has(r, c.Columns) && has(to, c.RefColumns)
}

func overlap(a, b []string) bool {
	return slices.ContainsFunc(a, func(name string) bool { return slices.Contains(b, name) })
}

// foreignKey writes a foreign key as it was.
func foreignKey(r *pgschema.Relation, c *pgschema.Constraint) string {
	var actions string
	if c.OnDelete != "no action" {
		actions += " ON DELETE " + strings.ToUpper(c.OnDelete)
	}
	if c.OnUpdate != "no action" {
		actions += " ON UPDATE " + strings.ToUpper(c.OnUpdate)
	}
	return fmt.Sprintf("ALTER TABLE %[1]s ADD CONSTRAINT %[2]s FOREIGN KEY (%[3]s) REFERENCES %[4]s (%[5]s)%[6]s NOT VALID;\nALTER TABLE %[1]s VALIDATE CONSTRAINT %[2]s;",
		quoteName(r.Name), quote(c.Name), quoteList(c.Columns), quoteName(c.RefTable), quoteList(c.RefColumns), actions)
}
