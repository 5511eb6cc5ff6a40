package schemacheck

import (
	"fmt"
	"slices"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
)

var _ = register("per-tenant-ddl", checkPerTenantDDL)

// checkPerTenantDDL looks for parts of the schema that are there for one tenant: in one tenant's schema alone,
// limited to one tenant's id, or named after one. A partition for each tenant is none: each has one.
func checkPerTenantDDL(p *pass) {
	p.inOneSchema()
	p.limitedToOne()
	p.namedAfterOne()
}

// inOneSchema reports tables and columns that one tenant's schema has and no other.
func (p *pass) inOneSchema() {
	tenants := p.tenantSchemas()
	if len(tenants) < 2 {
		return
	}
	tables := p.tablesOf(tenants)
	holders := map[string]int{} // how many schemas have a table, or a column as "table column"
	for _, r := range tables {
		holders[r.Name.Name]++
		for _, c := range r.Columns {
			holders[r.Name.Name+" "+c.Name]++
		}
	}
	for _, r := range tables {
		if holders[r.Name.Name] == 1 {
			p.report(perTenant(r.Origin, object(r), "table %s is there for one tenant: no other tenant's schema has a table %s", object(r), r.Name.Name))
			continue
		}
		for _, c := range r.Columns {
			if holders[r.Name.Name+" "+c.Name] == 1 {
				p.report(perTenant(c.Origin, object(r)+"."+c.Name,
					"column %s of %s is there for one tenant: no other tenant's table %s has it", c.Name, object(r), r.Name.Name))
			}
		}
	}
}

// tablesOf returns the tables of some schemas in order of name, without partitions.
func (p *pass) tablesOf(schemas []string) []*pgschema.Relation {
	in := map[string]bool{}
	for _, name := range schemas {
		in[name] = true
	}
	return slices.DeleteFunc(p.schema.Sorted(), func(r *pgschema.Relation) bool { return !in[r.Schema] || !r.IsTable() || isPart(r) })
}

// limitedToOne reports indexes, checks and triggers that concern the rows of one tenant, by its id.
func (p *pass) limitedToOne() {
	for t := range p.owned() {
		r := t.Relation
		if isPart(r) {
			continue
		}
		one := func(at finding.Position, what, name string, condition *pgschema.Expr) {
			if condition != nil && p.fixedTenant(condition.Node) {
				p.report(perTenant(at, object(r)+"."+name, "%s %s of %s is there for one tenant, whose id it names: %s", what, name, object(r), condition.Text))
			}
		}
		for _, index := range r.Indexes {
			one(index.Origin, "index", index.Name, index.Where)
		}
		for _, c := range r.Constraints {
			one(c.Origin, "constraint", c.Name, c.Check)
		}
		for _, trigger := range r.Triggers {
			one(trigger.Origin, "trigger", trigger.Name, trigger.When)
		}
	}
}

// namedAfterOne reports columns that were added to tables with rows of tenants, and tables beside one of the
// same name, that bear the name of a tenant. A tenant may be called by a common word, so a column is a hint.
func (p *pass) namedAfterOne() {
	names := p.tenantNames()
	for t := range p.owned() {
		r := t.Relation
		if isPart(r) {
			continue
		}
		for _, c := range r.Columns {
			if tenant := names.in(c.Name); tenant != "" && c.Origin.File != r.Origin.File {
				f := perTenant(c.Origin, object(r)+"."+c.Name, "column %s of %s bears the name of the tenant %s: the rows of all others have it too", c.Name, object(r), tenant)
				f.Severity = finding.Info
				p.report(f)
			}
		}
	}
	for _, r := range p.schema.Sorted() {
		if !r.IsTable() || isPart(r) {
			continue
		}
		tenant := names.in(r.Name.Name)
		if tenant == "" || p.schema.Relations[pgschema.Name{Schema: r.Schema, Name: names.without(r.Name.Name, tenant)}] == nil {
			continue
		}
		p.report(perTenant(r.Origin, object(r), "table %s bears the name of the tenant %s and stands beside %s, which all use", object(r), tenant,
			names.without(r.Name.Name, tenant)))
	}
}

func perTenant(at finding.Position, object, format string, args ...any) finding.Finding {
	f := finding.New("per-tenant-ddl", at, object, "%s", fmt.Sprintf(format, args...)+"; each such change is one more that a migration has to know of")
	f.Fix = &finding.Fix{Message: "give it to every tenant, or keep what one tenant needs as data: custom fields in a jsonb column, a setting in a table"}
	return f
}
