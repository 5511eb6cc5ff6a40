package sqlcheck

import (
	"slices"

	"github.com/tenantvet/tenantvet/pgschema/classify"
)

// judge decides one reference: it must be pinned in each of its contexts.
func (e *engine) judge(st *site) *Reference {
	r := &Reference{
		Relation: st.inst.rel, Table: st.inst.table, Alias: st.alias, Command: st.command,
		Position: st.position, View: st.view, site: st,
	}
	for k, ctx := range st.contexts {
		next := *r
		e.judgeIn(&next, st, ctx)
		if k == 0 || worse(&next, r) {
			*r = next
		}
	}
	if e.exhausted() {
		r.Verdict, r.By, r.ByKey = Undecided, NoSource, nil
		r.Reason = "the statement is too large to follow"
	}
	return r
}

func (e *engine) judgeIn(r *Reference, st *site, ctx *context) {
	c := e.close(ctx)
	switch {
	case st.command == Truncate:
		r.Verdict, r.Reason = Unpinned, "TRUNCATE removes the rows of every tenant"
		return
	case st.command == Copy:
		r.Verdict, r.Reason = Unpinned, "COPY of a table reads the rows of every tenant"
		return
	case st.unclear != "":
		r.Verdict, r.Reason = Undecided, st.unclear
		return
	case st.command == Insert && st.inst.table.Class == classify.Registry:
		r.Verdict, r.By, r.Reason = Pinned, Value, "the row is a new tenant"
		return
	case c.never:
		r.Verdict, r.By, r.Reason = Pinned, Never, "the condition is true for no row"
		return
	}
	if p, ok := c.pinned(st.inst, nil); ok && !(st.missing && p.null) {
		e.pinnedBy(r, p, st.inst)
		r.Tied = r.Nullable && c.ofPinned(st.inst)
		return
	}
	r.Verdict = Unpinned
	find := c.fixation
	if st.command == Insert {
		find = c.parentGiven
	}
	if fix, ok := find(st.inst); ok {
		r.ByKey, r.Tied = fix.columns, fix.tied
	}
	e.explain(r, st, c)
}

// pinnedBy fills in what a reference is pinned by.
func (e *engine) pinnedBy(r *Reference, p pin, i *instance) {
	r.Verdict = Pinned
	r.Nullable = p.null && !(i.table.Column != "" && required(i.rel, []string{i.table.Column}))
	r.List = len(p.values) > 1
	constants := false
	for _, t := range p.values {
		info := e.info(t)
		r.List = r.List || info.list
		constant := info.source == Constant && !info.null && info.text != "''"
		constants = constants || constant
		if constant || info.source != Constant && !info.followsSession() {
			r.Told = append(r.Told, info.text)
		}
		if r.By == NoSource || info.source < r.By {
			r.By, r.Value = info.source, info.text
		}
	}
	r.Mixed = constants && r.By != Constant
	if len(p.values) == 0 {
		r.By, r.Value = Null, "NULL"
	}
}

// pinned returns what the tenant of an instance's rows is confined to. A row of a child table belongs
// to the tenant of the parent row that its foreign key names.
func (c *closure) pinned(i *instance, visiting []*instance) (pin, bool) {
	if !belongs(i.table) || slices.Contains(visiting, i) {
		return pin{}, false
	}
	if i.table.Class != classify.Child {
		return c.pin(c.e.tenantTerm(i))
	}
	visiting = append(visiting, i)
	via := i.table.Via
	for _, p := range c.instances {
		if p == i || !belongs(p.table) || !c.sameParent(i, p) {
			continue
		}
		if found, ok := c.pinned(p, visiting); ok && !found.null {
			return found, true
		}
	}
	for _, p := range c.instances {
		if p != i && c.sameRow(i, p) {
			if found, ok := c.pinned(p, visiting); ok {
				return found, true
			}
		}
	}
	// A foreign key that carries the tenant in a column of its own names the tenant itself.
	if t := i.table.Parent; t != nil && t.Class == classify.Tenant {
		if k := slices.Index(via.RefColumns, t.Column); k >= 0 {
			return c.pin(c.e.column(i, via.Columns[k]))
		}
	}
	return pin{}, false
}

// sameParent reports whether p is the parent row of the child i, or another child of the same parent
// row.
func (c *closure) sameParent(i, p *instance) bool {
	via := i.table.Via
	if p.rel == i.table.Parent.Relation {
		return c.agree(i, via.Columns, p, via.RefColumns) && !c.e.hasHeirs(p.rel)
	}
	other := p.table.Via
	return p.table.Class == classify.Child && p.table.Parent == i.table.Parent &&
		slices.Equal(via.RefColumns, other.RefColumns) && c.agree(i, via.Columns, p, other.Columns)
}
