package sqlcheck

import (
	"strings"

	"github.com/tenantvet/tenantvet/pgschema/classify"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// explain says why a reference is not pinned, or turns it into an undecided one where a condition is
// not understood.
func (e *engine) explain(r *Reference, st *site, c *closure) {
	t := e.tenantTerm(st.inst)
	r.Reason = e.unpinnedReason(st)
	if o := e.openingOf(t, c); o != nil {
		text := e.text(o.by)
		if o.by.scope.args() == nil { // the parameters of a function's body are its arguments
			text = e.written(text)
		}
		r.FailsOpen = &FailOpen{Text: text, Position: e.placeOf(location(o.by.node), o.by.scope), Outside: e.fromOutside(o.by)}
		r.Reason = "the predicate on " + e.tenantName(st.inst) + " does not hold where " + text
		if e.blind {
			r.Verdict, r.Reason = Undecided, "part of the condition is not known until run time"
		}
		return
	}
	for _, u := range c.unclear {
		info := e.info(u.term)
		if info.inst == st.inst && (t == noTerm || u.term == t) && st.command != Insert && r.ByKey == nil {
			r.Verdict, r.Reason = Undecided, info.column+": "+u.reason
			return
		}
	}
	if e.blind {
		r.Verdict, r.ByKey, r.Reason = Undecided, nil, "part of the statement is not known until run time and may hold the predicate"
	}
}

// openingOf returns an alternative that leaves the term open, first of all one that depends on the row.
func (e *engine) openingOf(t term, c *closure) *opening {
	var found *opening
	for k := range c.openings {
		o := &c.openings[k]
		if t == noTerm || !c.same(o.term, t) {
			continue
		}
		if !e.fromOutside(o.by) {
			return o
		}
		if found == nil {
			found = o
		}
	}
	return found
}

// fromOutside reports whether a condition depends on values from outside alone: it reads no column, or
// falls back from such a value to a column.
func (e *engine) fromOutside(o operand) bool {
	if args := o.node.GetCoalesceExpr().GetArgs(); len(args) > 0 {
		o.node = args[0]
	}
	_, ok := e.external(o)
	return ok
}

// tenantName is how a predicate on the tenant of an instance would name it.
func (e *engine) tenantName(i *instance) string {
	if i.table.Column == "" {
		return i.alias
	}
	if i.alias == "" {
		return i.table.Column
	}
	return i.alias + "." + i.table.Column
}

func (e *engine) unpinnedReason(st *site) string {
	table := st.inst.table
	switch {
	case st.missing:
		return "the statement does not set " + table.Column
	case table.Class == classify.Child:
		return "nothing ties it to a row of its parent " + table.Parent.Relation.Name.String() + " that is pinned"
	}
	return "nothing equates " + table.Column + " with a value that names one tenant"
}

// text returns the text of an expression, shortened.
func (e *engine) text(o operand) string {
	text, err := pgast.DeparseExpr(o.node)
	if err != nil {
		return "the other alternative holds"
	}
	text = strings.Join(strings.Fields(text), " ")
	if r := []rune(text); len(r) > 80 {
		text = string(r[:79]) + "…"
	}
	return text
}

// location returns where an expression begins, or -1.
func location(n *pgast.Node) int32 {
	least := int32(-1)
	pgast.Walk(n, func(message any) bool {
		if l, ok := message.(interface{ GetLocation() int32 }); ok && l.GetLocation() > 0 && (least < 0 || l.GetLocation() < least) {
			least = l.GetLocation()
		}
		return true
	})
	return least
}
