package sqlcheck

import (
	"slices"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema/classify"
)

var _ = register("update-moves-tenant", checkUpdateMovesTenant)

// checkUpdateMovesTenant looks for assignments to the tenant column that can change it.
func checkUpdateMovesTenant(c *subject) {
	for _, m := range c.e.moves {
		if m.conflict || m.table.Class != classify.Tenant || c.e.keepsTenant(m) {
			continue
		}
		name := m.table.Relation.Name.String()
		f := finding.New("update-moves-tenant", c.e.placeOf(m.location, m.value.scope), "",
			"the statement assigns %s of %s, which hands existing rows to another tenant", m.table.Column, name)
		if p, ok := c.e.close(m.ctx).pinned(m.target, nil); ok && !p.null && len(m.table.Columns) > 1 && !c.e.pinnedColumn(m) {
			// The row stays with the tenant around, as when it goes to another project.
			f.Severity = finding.Info
		}
		f.Fix = &finding.Fix{Message: "leave " + m.table.Column + " out of SET; a row that changes hands deserves a statement of its own, declared as cross-tenant"}
		c.report(f)
	}
}

// keepsTenant reports whether the assigned value is the tenant that the row has already.
func (e *engine) keepsTenant(m move) bool {
	if m.value.node.GetSetToDefault() != nil {
		return false
	}
	closed := e.close(m.ctx)
	t := e.tenantTerm(m.target)
	if closed.same(t, e.term(m.value)) {
		return true
	}
	choices := e.choices(m.ctx, m.value)
	for _, c := range choices {
		if !closed.same(t, e.term(c.value)) {
			return false
		}
	}
	return len(choices) > 0
}

// movedTo returns the tenant that an assignment gives a row, as Reference.Moved has it.
func (e *engine) movedTo(m move) string {
	if m.table.Class != classify.Tenant || e.keepsTenant(m) {
		return ""
	}
	v, ok := e.external(m.value)
	switch {
	case !ok:
		return "…"
	case v.followsSession():
		return ""
	}
	return v.text
}

// pinnedColumn reports whether the statement pins the column itself that it assigns.
func (e *engine) pinnedColumn(m move) bool {
	return slices.ContainsFunc(m.ctx.facts.equal, func(q equation) bool {
		t := e.tenantTerm(m.target)
		return q.a == t || q.b == t
	})
}
