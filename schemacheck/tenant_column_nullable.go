package schemacheck

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/classify"
)

var _ = register("tenant-column-nullable", checkTenantColumnNullable)

// checkTenantColumnNullable looks for tenant columns that accept NULL: such a row belongs to nobody,
// is invisible under `=`, and visible to all under IS NOT DISTINCT FROM or an IS NULL branch.
func checkTenantColumnNullable(p *pass) {
	for t := range p.owned() {
		r := t.Relation
		if t.Class != classify.Tenant || isPart(r) {
			continue
		}
		column := r.Column(t.Column)
		if column == nil || column.NotNull || p.enclosed(t) {
			continue
		}
		f := finding.New("tenant-column-nullable", cmp.Or(column.NotNullOrigin, column.Origin), object(r)+"."+column.Name,
			"tenant column %s of %s accepts NULL: such a row belongs to no tenant, and no tenant predicate finds it", column.Name, object(r))
		table, name, check := quoteName(r.Name), quote(column.Name), quote(r.Name.Name+"_"+column.Name+"_present")
		f.Fix = &finding.Fix{
			Message: "give every row its tenant, then refuse NULL; the validated check spares SET NOT NULL its scan under an exclusive lock",
			Code: fmt.Sprintf(`ALTER TABLE %[1]s ADD CONSTRAINT %[3]s CHECK (%[2]s IS NOT NULL) NOT VALID;
ALTER TABLE %[1]s VALIDATE CONSTRAINT %[3]s;
ALTER TABLE %[1]s ALTER COLUMN %[2]s SET NOT NULL;
ALTER TABLE %[1]s DROP CONSTRAINT %[3]s;`, table, name, check),
		}
		p.report(f)
	}
}

// enclosed reports whether every row has a value in the tenant column of an enclosing concept: a row
// without a project then belongs to its organization.
func (p *pass) enclosed(t *classify.Table) bool {
	return slices.ContainsFunc(t.Relation.Columns, func(c *pgschema.Column) bool {
		return c.NotNull && c.Name != t.Column && p.isTenantColumn(t, c.Name)
	})
}
