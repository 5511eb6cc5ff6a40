package schemacheck

import (
	"fmt"
	"slices"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/classify"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
	"github.com/tenantvet/tenantvet/sqlcheck"
)

// rowCopy is what writes rows of a tenant table into another table.
type rowCopy struct {
	from   *pgschema.Relation
	by     string
	origin pgschema.Origin
	reader session
}

// copiedRows returns the tables without row-level security that a session reads and that hold what is in tenant tables:
// they are made of a query, a function fills them by one, or triggers and rules of the tenant tables write into them, as
// audit logs and outboxes are filled.
func (p *pass) copiedRows() map[*pgschema.Relation]rowCopy {
	copies := map[*pgschema.Relation]rowCopy{}
	if !p.relyOnRLS() {
		return copies
	}
	p.copiedByQuery(copies)
	for t := range p.owned() {
		for _, trigger := range t.Relation.Triggers {
			if trigger.Disabled {
				continue
			}
			for _, f := range p.schema.Functions {
				if f.Name != trigger.Function || f.Returns != "trigger" || !mentions(f, "insert") {
					continue
				}
				for _, to := range p.insertsInto(p.routine(f)) {
					if s, ok := p.openReader(to); ok {
						copies[to] = rowCopy{t.Relation, "trigger " + trigger.Name, trigger.Origin, s}
					}
				}
			}
		}
		for _, rule := range t.Relation.Rules {
			for _, action := range rule.Actions {
				for _, to := range p.copyTargets(action.Node) {
					if s, ok := p.openReader(to); ok {
						copies[to] = rowCopy{t.Relation, "rule " + rule.Name, rule.Origin, s}
					}
				}
			}
		}
	}
	return copies
}

// copiedByQuery adds the tables that hold the result of a query on tenant tables: CREATE TABLE AS, SELECT INTO, and
// functions that insert columns of them.
func (p *pass) copiedByQuery(copies map[*pgschema.Relation]rowCopy) {
	for _, r := range p.schema.Sorted() {
		if r.Kind != pgschema.Table || r.Query == nil {
			continue
		}
		if s, ok := p.openReader(r); ok {
			for _, from := range p.holdsRows(r) {
				copies[r] = rowCopy{from, "the query that it is made of", r.Origin, s}
			}
		}
	}
	for _, f := range p.schema.Functions {
		if f.Extension != "" || f.Returns == "trigger" || !mentions(f, "insert") || !mentions(f, "select") {
			continue
		}
		for _, stmt := range p.routine(f).statements {
			for to := range p.copiesColumns(stmt.Node) {
				s, ok := p.openReader(to)
				if !ok {
					continue
				}
				for _, ref := range sqlcheck.Analyze(p.database(), stmt).References {
					if ref.Command == sqlcheck.Select && ref.By != sqlcheck.Never {
						copies[to] = rowCopy{ref.Relation, "function " + functionObject(f), f.Origin, s}
					}
				}
			}
		}
	}
}

// copiesColumns returns the tables that a statement inserts columns of others into, as they are.
func (p *pass) copiesColumns(node *pgast.Node) map[*pgschema.Relation]bool {
	tables := map[*pgschema.Relation]bool{}
	pgast.Walk(node, func(n any) bool {
		insert, ok := n.(*pgast.InsertStmt)
		if !ok {
			return true
		}
		to := p.schema.Lookup(insert.Relation.GetSchemaname(), insert.Relation.GetRelname())
		query := insert.GetSelectStmt().GetSelectStmt()
		plain := slices.ContainsFunc(query.GetTargetList(), func(target *pgast.Node) bool {
			return target.GetResTarget().GetVal().GetColumnRef() != nil
		})
		if to != nil && plain && len(query.GetFromClause()) > 0 && len(query.GetGroupClause()) == 0 {
			tables[to] = true
		}
		return true
	})
	return tables
}

// insertsInto returns the tables that a routine inserts into values that come from its row.
func (p *pass) insertsInto(body *routine) []*pgschema.Relation {
	var tables []*pgschema.Relation
	for _, stmt := range body.statements {
		for _, r := range p.copyTargets(stmt.Node) {
			tables = appendNew(tables, r)
		}
	}
	return tables
}

// copyTargets returns the tables that a statement inserts into values that come from the row that sets it off.
func (p *pass) copyTargets(node *pgast.Node) []*pgschema.Relation {
	var tables []*pgschema.Relation
	pgast.Walk(node, func(n any) bool {
		insert, ok := n.(*pgast.InsertStmt)
		if !ok || !carriesRow(insert) {
			return true
		}
		if r := p.schema.Lookup(insert.Relation.GetSchemaname(), insert.Relation.GetRelname()); r != nil {
			tables = appendNew(tables, r)
		}
		return true
	})
	return tables
}

// carriesRow reports whether a statement uses the row of the trigger or a part of it.
func carriesRow(message any) bool {
	carries := false
	pgast.Walk(message, func(n any) bool {
		switch n := n.(type) {
		case *pgast.ParamRef:
			carries = true
		case *pgast.ColumnRef:
			first := n.Fields[0].GetString_().GetSval()
			carries = carries || first == "new" || first == "old"
		}
		return true
	})
	return carries
}

// openReader returns a session that reads all rows of a table.
func (p *pass) openReader(r *pgschema.Relation) (session, bool) {
	i := slices.IndexFunc(p.sessions, func(s session) bool { return s.known() && !s.assumed && p.readsAll(s, r) })
	if i < 0 {
		return session{}, false
	}
	return p.sessions[i], true
}

// copiedTable is the finding about a table without a tenant that holds copies of tenants' rows.
func (p *pass) copiedTable(t *classify.Table, c rowCopy) finding.Finding {
	r := t.Relation
	f := finding.New("tenant-column-missing", r.Origin, object(r),
		"%s has neither tenant column nor row-level security, and %s copies rows of %s into it: %s reads those of every tenant",
		object(r), c.by, object(c.from), c.reader)
	f.Severity = finding.Error
	f.Related = []finding.Related{{Position: c.origin, Message: c.by}}
	f.Fix = &finding.Fix{Message: fmt.Sprintf("add the tenant column and a policy, or take the table from the application: REVOKE SELECT ON %s FROM %s", quoteName(r.Name), p.holders(r, "select"))}
	return f
}
