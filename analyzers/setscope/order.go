package setscope

import (
	"slices"

	"golang.org/x/tools/go/ssa"

	"github.com/tenantvet/tenantvet/analyzers/internal/ssaflow"
	"github.com/tenantvet/tenantvet/finding"
)

// checkOrder reports the queries on protected tables that run on a transaction before the tenant is
// set on it.
func (c *checker) checkOrder(fn *ssa.Function) {
	protected := c.protected()
	if len(protected) == 0 {
		return
	}
	var sets []*event
	for _, e := range c.events[fn] {
		if e.action == set && c.carriesTenant(e.command) && !e.within && e.handle.value != nil && e.handle.place != pool {
			sets = append(sets, e)
		}
	}
	for _, q := range c.events[fn] {
		i := slices.IndexFunc(q.tables, func(t string) bool { return protected[t] })
		if i < 0 || q.action != other || q.handle.value == nil {
			continue
		}
		if s := setAfter(q, sets); s != nil {
			c.reportOrder(q, s, q.tables[i])
		}
	}
}

// setAfter returns the SET that comes after a query on the same handle when none has come before it. A deferred query
// comes last, a deferred SET after all that is not deferred.
func setAfter(q *event, sets []*event) *event {
	if isDeferred(q) {
		return nil
	}
	var after *event
	for _, s := range sets {
		if s.handle.value != q.handle.value || s.instr.Parent() != q.instr.Parent() {
			continue
		}
		before := s.instr == q.instr || ssaflow.Dominates(s.instr, q.instr)
		switch {
		case before && !isDeferred(s):
			return nil
		case before, ssaflow.Precedes(q.instr, s.instr):
			after = s
		}
	}
	return after
}

func isDeferred(e *event) bool {
	_, deferred := e.instr.(*ssa.Defer)
	return deferred
}

func (c *checker) reportOrder(q, s *event, table string) {
	f := finding.New("query-before-set", finding.Position{}, table,
		"the query on %s runs before %s is set on the transaction: row-level security confines it to no tenant, or to the one before", table, s.setting)
	f.Related = []finding.Related{{Position: c.reporter.Position(s.instr.Pos()), Message: s.setting + " is set here"}}
	f.Fix = &finding.Fix{Message: "set the tenant first, right after the transaction is begun"}
	c.reporter.Report(q.instr.Pos(), f)
}

// protected are the names of the tables with row-level security in the schemas of the project.
func (c *checker) protected() map[string]bool {
	p, err := c.config.Project()
	if err != nil {
		return nil
	}
	names := map[string]bool{}
	for _, db := range p.Databases {
		for _, t := range db.Classes.Tables() {
			if t.Relation.RowSecurity {
				names[t.Relation.Name.Name] = true
				names[t.Relation.Name.Schema+"."+t.Relation.Name.Name] = true
			}
		}
	}
	return names
}
