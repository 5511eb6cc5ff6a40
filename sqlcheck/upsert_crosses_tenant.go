package sqlcheck

import (
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema/classify"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

var _ = register("upsert-crosses-tenant", checkUpsertCrossesTenant)

// checkUpsertCrossesTenant looks for ON CONFLICT DO UPDATE that can meet a row of another tenant.
func checkUpsertCrossesTenant(c *subject) {
	for _, st := range c.e.sites {
		if st.upsert == nil || st.inst.table.Class == classify.Registry || c.confinedInsert(st) {
			continue
		}
		r := c.e.judge(st)
		if r.Verdict != Unpinned || c.e.sameTenant(st) || c.e.neverConflicts(st) || c.e.changesNothing(st) {
			continue
		}
		f := finding.New("upsert-crosses-tenant", r.Position, "",
			"the upsert can overwrite another tenant's row of %s: the conflict target (%s) does not carry %s and DO UPDATE has no condition on it",
			st.inst.rel.Name, strings.Join(st.upsert.columns, ", "), orParent(st.inst.table))
		if st.inst.table.Class == classify.Child || c.e.byParent(st) {
			// Only who names another tenant's parent row meets its rows.
			f.Severity = finding.Warning
		}
		if st.inst.table.Class != classify.Child {
			tenant := quote(st.inst.table.Column)
			f.Fix = &finding.Fix{
				Message: "let DO UPDATE pass over rows of other tenants, or make the key unique per tenant",
				Code:    "WHERE " + quote(st.alias) + "." + tenant + " = EXCLUDED." + tenant,
			}
		}
		c.report(f)
	}
}

// orParent names what a conflict target would have to carry.
func orParent(t *classify.Table) string {
	if t.Column != "" {
		return t.Column
	}
	return "its parent " + strings.Join(t.Via.Columns, ", ")
}

// byParent reports whether the conflict target holds the id of another row that belongs to a tenant.
func (e *engine) byParent(st *site) bool {
	return slices.ContainsFunc(st.upsert.columns, func(name string) bool {
		parent := e.referred(st.inst.rel, name)
		return parent != nil && parent != st.inst.rel && belongs(e.db.Classes.Get(parent))
	})
}

// sameTenant reports whether the row that conflicts has the tenant, or the parent, of the new row, or
// belongs to a row that is pinned.
func (e *engine) sameTenant(st *site) bool {
	c := e.close(st.inst.home)
	for _, i := range c.instances {
		if p, ok := c.pinned(i, nil); ok && !p.null && !i.proposed && i != st.inst && c.refersTo(st.inst, i) != nil {
			return true
		}
	}
	columns := []string{st.inst.table.Column}
	if st.inst.table.Class == classify.Child {
		columns = st.inst.table.Via.Columns
	}
	return !slices.ContainsFunc(columns, func(name string) bool {
		return !c.same(e.column(st.inst, name), e.column(st.upsert.excluded, name))
	})
}

// neverConflicts reports whether a column of the conflict target is drawn anew for each row.
func (e *engine) neverConflicts(st *site) bool {
	return slices.ContainsFunc(st.upsert.columns, func(name string) bool {
		column := st.inst.rel.Column(name)
		return column != nil && !slices.Contains(st.upsert.named, name) && (column.Default != nil || column.Identity != 0)
	})
}

// changesNothing reports whether DO UPDATE only writes what the conflicting rows agree in, and the
// statement returns nothing else.
func (e *engine) changesNothing(st *site) bool {
	c := e.close(st.inst.home)
	for name, value := range st.upsert.assigned {
		if !c.same(e.column(st.inst, name), e.term(value)) {
			return false
		}
	}
	return !slices.ContainsFunc(st.upsert.returning, func(n *pgast.Node) bool {
		name, ok := columnName(n.GetResTarget().GetVal().GetColumnRef())
		return !ok || len(name) == 0 || !slices.Contains(st.upsert.columns, name[len(name)-1])
	})
}
