package sqlcheck

import (
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/pgschema/classify"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// explain says why a reference is not pinned, or turns it into an undecided one where a condition is
// not understood.
func (e *engine) explain(r *Reference, st *site, c *closure) {
	t := e.tenantTerm(st.inst)
	r.Reason = e.unpinnedReason(st)
	if open := e.openingsOf(t, c); len(open) > 0 {
		r.FailsOpen = &FailOpen{Position: e.placeOf(location(open[0].by.node), open[0].by.scope), Outside: e.fromOutside(open[0].by)}
		var where []string
		for _, o := range open {
			text := e.text(o.by)
			if o.by.scope.args() == nil { // the parameters of a function's body are its arguments
				text = e.written(text)
			}
			where = append(where, text)
			r.FailsOpen.Predicates = append(r.FailsOpen.Predicates, e.opened(st.inst, o))
		}
		r.FailsOpen.Text = strings.Join(where, " and ")
		r.Reason = r.FailsOpen.String()
		if e.blind {
			r.Verdict, r.Reason = Undecided, "part of the condition is not known until run time"
		}
		return
	}
	if function := c.returnedBy(t); function != "" && r.ByKey == nil {
		r.Verdict, r.Reason = Undecided, e.info(t).column+" is equated with what "+function+" returns, whose body is not followed"
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

// returnedBy names the function that is not followed and whose result the term equals a column of, or "".
func (c *closure) returnedBy(t term) string {
	for u := range c.up {
		if i := c.e.info(term(u)).inst; t != noTerm && i != nil && i.returned != "" && c.same(t, term(u)) {
			return i.returned
		}
	}
	return ""
}

// openingsOf returns what leaves the term open: one alternative of each disjunction that would pin it, as rows pass
// only where none does. It is the one that depends on the row, if there is one. A disjunction that only values from
// outside switch off is the first.
func (e *engine) openingsOf(t term, c *closure) []opening {
	var found []opening
	for _, o := range c.openings {
		if t == noTerm || !c.same(o.term, t) {
			continue
		}
		k := slices.IndexFunc(found, func(f opening) bool { return f.disjunction == o.disjunction || f.by.node == o.by.node })
		switch {
		case k < 0:
			found = append(found, o)
		case e.fromOutside(found[k].by) && !e.fromOutside(o.by):
			found[k] = o
		}
	}
	if k := slices.IndexFunc(found, func(o opening) bool { return e.fromOutside(o.by) }); k > 0 {
		found[0], found[k] = found[k], found[0]
	}
	return found
}

// opened writes the predicate that an alternative switches off.
func (e *engine) opened(i *instance, o opening) Predicate {
	p := Predicate{Column: quote(e.info(o.written).column)}
	if i.alias != "" {
		p.Column = quote(i.alias) + "." + p.Column
	}
	if o.value != noTerm {
		p.Value = e.written(e.info(o.value).text)
	}
	return p
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
