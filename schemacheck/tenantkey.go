package schemacheck

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/classify"
	"github.com/tenantvet/tenantvet/sqlcheck"
)

// tenantKey returns the columns that say which tenant a row belongs to.
func tenantKey(t *classify.Table) []string {
	if t.Class == classify.Child {
		return t.Via.Columns
	}
	return []string{t.Column}
}

// writesTenant reports whether the rows that a session writes by a command may be another tenant's: it has the privilege
// on a column that says whose they are, or that column has a tenant of its own by default, and no trigger sets it to
// what the session is.
func (p *pass) writesTenant(s session, t *classify.Table, command string) bool {
	return slices.ContainsFunc(tenantKey(t), func(column string) bool {
		chosen := p.mayColumn(s, t.Relation, column, command) || command == "insert" && fixedDefault(t.Relation.Column(column))
		return chosen && !p.stampedThroughout(t.Relation, column, command)
	})
}

// fixedDefault reports whether a column is by default a value that the schema names, always or while none is set, or a
// number that another tenant may have.
func fixedDefault(c *pgschema.Column) bool {
	if c == nil || c.Default == nil {
		return c != nil && c.Identity != 0
	}
	if call := withoutCast(c.Default.Node).GetFuncCall(); call != nil && functionName(call) == "nextval" {
		return true
	}
	return mayNameTenant(constantOf(c.Default.Node)) || fallsBack(c.Default.Node)
}

// stampedThroughout is stamped for the rows of a table wherever they are stored: a partition fires triggers of its own,
// which may be disabled, and an inheritance child has none of its parent's.
func (p *pass) stampedThroughout(r *pgschema.Relation, column, command string) bool {
	if !p.stamped(r, column, command) {
		return false
	}
	for _, part := range p.schema.Relations {
		if !slices.Contains(p.parents(part), r) || command == "insert" && part.PartitionOf == nil {
			continue
		}
		if !p.stamped(part, column, command) {
			return false
		}
	}
	return true
}

// stamped reports whether a BEFORE trigger sets a column to what the session is, on every path, and none that fires
// after it, by the order of their names, may set it again.
func (p *pass) stamped(r *pgschema.Relation, column, command string) bool {
	stamp := ""
	again := ""
	for _, trigger := range r.Triggers {
		if trigger.Disabled || !trigger.ForRow || trigger.Timing != "before" || !slices.Contains(trigger.Events, command) {
			continue
		}
		i := slices.IndexFunc(p.schema.Functions, func(f *pgschema.Function) bool { return f.Name == trigger.Function && f.Returns == "trigger" })
		if i < 0 {
			continue
		}
		always := trigger.When == nil && (command != "update" || len(trigger.Columns) == 0 || slices.Contains(trigger.Columns, column))
		switch f := p.schema.Functions[i]; {
		case always && p.assigns(f, column):
			stamp = max(stamp, trigger.Name)
		case setsNew(f, column):
			again = max(again, trigger.Name)
		}
	}
	return stamp != "" && stamp > again
}

// setsNew reports whether a trigger function may set a column of the new row, or the row as a whole.
func setsNew(f *pgschema.Function, column string) bool {
	return mentions(f, "new."+column) || mentions(f, `new."`+column) || setsRow.MatchString(f.Body)
}

// setsRow finds what sets the new row as a whole.
var setsRow = regexp.MustCompile(`(?is)\bnew\s*:?=|\binto\b[^;]*\bnew\b`)

// assigns reports whether a trigger function sets a column to what the session is, on every path.
func (p *pass) assigns(f *pgschema.Function, column string) bool {
	return f.Returns == "trigger" && mentions(f, column) && slices.Contains(p.routine(f).assigned, column)
}

// idleStamp returns a trigger function that sets the tenant column of a table to what the session is and
// that no trigger calls, or nil.
func (p *pass) idleStamp(t *classify.Table) *pgschema.Function {
	for _, f := range p.schema.Functions {
		if !slices.ContainsFunc(tenantKey(t), func(column string) bool { return p.assigns(f, column) }) {
			continue
		}
		if !slices.ContainsFunc(t.Relation.Triggers, func(trigger *pgschema.Trigger) bool { return trigger.Function == f.Name }) {
			return f
		}
	}
	return nil
}

// admitsEmpty reports whether an answer confines rows to a tenant that the column's default may name
// too: the empty text is what the setting holds on a connection that another transaction has used. The answer then
// becomes one that fails open.
func (p *pass) admitsEmpty(t *classify.Table, a *answer) bool {
	column := t.Relation.Column(t.Column)
	if a.expr == nil || column == nil || column.Default == nil {
		return false
	}
	if c := constantOf(column.Default.Node).GetSval(); c == nil || c.GetSval() != "" || strings.Contains(strings.ToLower(a.expr.Text), "nullif") {
		return false
	}
	a.verdict, a.admission.Unset = sqlcheck.Unpinned, true
	a.admission.Reason = fmt.Sprintf("%s is '' by default, and so is the setting on a connection that was used before", column.Name)
	return true
}
