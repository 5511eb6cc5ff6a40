package schemacheck

import (
	"iter"
	"slices"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
	"github.com/tenantvet/tenantvet/sqlcheck"
)

// readable yields the relations of a kind that a session may read, each with one such session.
func (p *pass) readable(kind pgschema.Kind) iter.Seq2[*pgschema.Relation, session] {
	return func(yield func(*pgschema.Relation, session) bool) {
		for _, r := range p.schema.Sorted() {
			if r.Kind != kind || r.Extension != "" || r.Query == nil {
				continue
			}
			for _, s := range p.sessions {
				if p.may(s, r, "select") {
					if !yield(r, s) {
						return
					}
					break
				}
			}
		}
	}
}

// analyze judges the query of a view once.
func (p *pass) analyze(r *pgschema.Relation) *sqlcheck.Analysis {
	analysis, ok := p.analyses[r]
	if !ok {
		analysis = sqlcheck.Analyze(p.database(), statement(r.Query))
		p.analyses[r] = analysis
	}
	return analysis
}

// statement makes a statement of a query expression; its locations count from the statement that
// holds it, or from its own text where a server printed it.
func statement(query *pgschema.Expr) *pgast.Statement {
	if query.Stmt == nil {
		return &pgast.Statement{Node: query.Node, Source: pgast.NewSource("", query.Text), End: len(query.Text)}
	}
	stmt := *query.Stmt
	stmt.Node = query.Node
	return &stmt
}

// fixed reports whether a reference of a statement is confined by the text around it to what the session is: its
// tenant, or another value that no caller passes in. While no tenant is set it must show nothing.
func (p *pass) fixed(stmt *pgast.Statement, ref *sqlcheck.Reference) bool {
	if !ref.BySession() {
		return false
	}
	return !slices.Contains(p.openWhenUnset(stmt), ref.Relation)
}

// openWhenUnset returns the relations whose rows a statement does not confine while no tenant is set, those that have no
// tenant included.
func (p *pass) openWhenUnset(stmt *pgast.Statement) []*pgschema.Relation {
	open, ok := p.unset[stmt.Node]
	if ok {
		return open
	}
	for _, analysis := range sqlcheck.AnalyzeUnset(p.database(), stmt) {
		for _, ref := range analysis.References {
			empty := ref.By == sqlcheck.Constant && ref.Value == "''"
			// A new row without a tenant is nobody's, if there may be one at all.
			unconfined := ref.Command != sqlcheck.Insert && (ref.Verdict == sqlcheck.Unpinned || ref.Nullable)
			if unconfined || ref.Verdict == sqlcheck.Pinned && ref.By == sqlcheck.Constant && !empty {
				open = appendNew(open, ref.Relation)
			}
		}
	}
	p.unset[stmt.Node] = open
	return open
}

// confined reports whether row-level security confines what a role does to a table: it binds the role,
// and the policies that apply admit the session's tenant only.
func (p *pass) confined(role session, r *pgschema.Relation, command string) bool {
	if !p.bound(role, r) {
		return false
	}
	return !slices.ContainsFunc(clausesOf[command], func(c clause) bool {
		return p.policies(role, r, command, c).verdict != sqlcheck.Pinned
	})
}

// readsAll reports whether a session reads all of a table by naming it: then no view or function shows it
// more.
func (p *pass) readsAll(s session, r *pgschema.Relation) bool {
	return !r.RowSecurity && !slices.ContainsFunc(r.Columns, func(c *pgschema.Column) bool { return !p.mayColumn(s, r, c.Name, "select") })
}

// reader returns whose rights a view's reference to a table is checked with: those of the owner of the
// view that names the table, or those of the caller where that view is a security invoker.
func (p *pass) reader(view *pgschema.Relation, ref *sqlcheck.Reference, caller session) session {
	if ref.View != nil {
		view = ref.View
	}
	if view.SecurityInvoker {
		return caller
	}
	return session{role: p.roles.owner(view), caller: caller.role}
}
