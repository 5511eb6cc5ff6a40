package sqlcheck

import (
	"slices"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema/classify"
)

var _ = register("insert-without-tenant", checkInsertWithoutTenant)

// checkInsertWithoutTenant looks for new rows whose tenant is not set, or is a fixed one by default.
func checkInsertWithoutTenant(c *subject) {
	for _, st := range c.e.sites {
		if st.command != Insert || !st.missing || st.inst.table.Class != classify.Tenant || c.confinedInsert(st) {
			continue
		}
		r := c.e.judge(st)
		table := st.inst.table
		f := finding.New("insert-without-tenant", r.Position, "",
			"the statement inserts into %s without setting %s", named(r), table.Column)
		switch {
		case r.Verdict == Pinned && r.By == Constant:
			f.Message += ": every row goes to the tenant " + r.Value + ", the default of the column"
			f.Severity = finding.Warning
		case !required(st.inst.rel, []string{table.Column}):
			f.Message += ": the row belongs to no tenant"
			f.Severity = finding.Warning
		}
		f.Fix = &finding.Fix{Message: "insert " + table.Column + " too, from the caller's tenant"}
		c.report(f)
	}
}

// confinedInsert reports whether row-level security checks the new row against the session's tenant.
func (c *subject) confinedInsert(st *site) bool {
	rel := st.inst.rel
	if !c.e.underRLS || !rel.RowSecurity {
		return false
	}
	return slices.ContainsFunc(rel.Policies, c.e.applies)
}
