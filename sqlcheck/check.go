package sqlcheck

import (
	"maps"
	"slices"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// Option changes how a statement is judged.
type Option func(*options)

type options struct{ scoped bool }

// Scoped says that the statement runs on a handle on which the tenant setting is set: row-level
// security then stands for a predicate where its policies confine the rows to the session's tenant.
func Scoped() Option { return func(o *options) { o.scoped = true } }

// Check applies the statement rules. Findings have no Object: the caller knows the function or the
// query block that the statement belongs to.
func Check(db *Database, stmt *pgast.Statement, opts ...Option) finding.Result {
	var o options
	for _, opt := range opts {
		opt(&o)
	}
	e := newEngine(db, stmt)
	e.underRLS = o.scoped
	e.statement(stmt.Node)
	c := &subject{e: e, Analysis: e.analysis()}
	for _, name := range slices.Sorted(maps.Keys(rules)) {
		rules[name](c)
	}
	c.result.Undecided = append(c.result.Undecided, c.Undecided...)
	for _, r := range c.References {
		if r.Verdict == Undecided {
			c.result.Undecided = append(c.result.Undecided, finding.Undecided{
				Position: r.Position, Object: r.Relation.Name.String(), Code: "tenant-undecided", Reason: r.Reason,
			})
		}
	}
	c.result.Sort()
	return c.result
}

// subject is the statement that the rules look at.
type subject struct {
	e *engine
	*Analysis
	result finding.Result
}

// rules holds the implementation of each statement rule by its catalogue name.
var rules = map[string]func(*subject){}

// register makes a rule known to Check. Each rule's file calls it once, for a package variable.
func register(name string, check func(*subject)) bool {
	rules[name] = check
	return true
}

// report adds a finding of a rule; a milder severity than the catalogue's may be given.
func (c *subject) report(f finding.Finding) { c.result.Findings = append(c.result.Findings, f) }

// unpinned reports whether a reference to existing rows is not pinned.
func unpinned(r *Reference) bool {
	return r.Verdict == Unpinned && (r.Command == Select || r.Command == Update || r.Command == Delete || r.Command == Copy)
}
