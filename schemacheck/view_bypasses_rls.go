package schemacheck

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/classify"
	"github.com/tenantvet/tenantvet/sqlcheck"
)

var _ = register("view-bypasses-rls", checkViewBypassesRLS)

// checkViewBypassesRLS looks for views that read tenant tables with the rights of their owner, whom
// row-level security does not bind (PostgreSQL manual, 41.5). A view over an invoker view is fine: that
// one checks the real caller (measured on PostgreSQL 15 to 18).
func checkViewBypassesRLS(p *pass) {
	if !p.relyOnRLS() {
		return
	}
	for view, s := range p.readable(pgschema.View) {
		if view.SecurityInvoker {
			continue
		}
		for _, ref := range p.analyze(view).References {
			reader := p.reader(view, ref, s)
			if p.fixed(statement(view.Query), ref) || p.confined(reader, ref.Relation, "select") || p.readsAll(s, ref.Relation) {
				continue
			}
			if ref.Verdict == sqlcheck.Undecided {
				p.undecided(ref.Position, object(view), "view",
					fmt.Sprintf("cannot tell whether view %s confines %s to the tenant: %s", object(view), object(ref.Relation), ref.Reason))
				continue
			}
			p.report(p.bypassingView(view, ref, reader, s))
			break
		}
		p.checkViewWrites(view, s)
	}
}

func (p *pass) bypassingView(view *pgschema.Relation, ref *sqlcheck.Reference, reader, s session) finding.Finding {
	at := view.Origin
	f := finding.New("view-bypasses-rls", at, object(view),
		"view %s reads %s with the rights of its owner%s, not of %s: it shows the rows of every tenant",
		object(view), object(ref.Relation), named(reader.role), s)
	f.Evidence = []string{"the view is not a security invoker", p.whyUnbound(reader, ref.Relation)}
	f.Related = []finding.Related{{Position: ref.Position, Message: ref.Reason}}
	p.weigh(&f, s)
	f.Fix = &finding.Fix{
		Message: "let the view check its caller; a later CREATE OR REPLACE VIEW without the option drops it again",
		Code:    fmt.Sprintf("ALTER VIEW %s SET (security_invoker = true);", quoteName(view.Name)),
	}
	return f
}

// whyUnbound says why row-level security does not confine a role on a table.
func (p *pass) whyUnbound(role session, r *pgschema.Relation) string {
	switch {
	case !r.RowSecurity:
		return fmt.Sprintf("%s has no row-level security", object(r))
	case !role.known():
		return fmt.Sprintf("its owner is not known, and may own %s too", object(r))
	case p.roles.exempt(role.role) != "":
		return fmt.Sprintf("%s is %s", role, p.roles.exempt(role.role))
	case !r.ForceRowSecurity && p.owns(role, r):
		return fmt.Sprintf("%s owns %s, whose row-level security is not forced", role, object(r))
	}
	return fmt.Sprintf("the policies of %s do not confine %s", object(r), role)
}

// checkViewWrites looks for views that confine what is read by their own condition but let rows for
// another tenant through, because nothing checks the condition on new rows.
func (p *pass) checkViewWrites(view *pgschema.Relation, s session) {
	owner := session{role: p.roles.owner(view)}
	for _, command := range []string{"insert", "update", "delete"} {
		base := p.writesAround(view, s, command)
		if base == nil {
			continue
		}
		f := finding.New("view-bypasses-rls", view.Origin, object(view),
			"view %s shows the tenant's rows of %s only, but lets %s write rows of other tenants: nothing confines new rows",
			object(view), object(base), s)
		if command == "delete" {
			f.Message = fmt.Sprintf("view %s shows the tenant's rows of %s only, but lets %s delete rows of other tenants: the policies that apply then do not confine them", object(view), object(base), s)
		}
		if p.lends(view, s, command) != nil {
			f.Message = fmt.Sprintf("view %s lets %s %s rows of every tenant in %s with the rights of its owner%s, which it may not do in the table itself",
				object(view), s, command, object(base), named(owner.role))
		}
		f.Evidence = []string{p.whyUnbound(owner, base), fmt.Sprintf("%s has %s on the view", s, upper(command))}
		p.weigh(&f, s)
		f.Fix = &finding.Fix{Message: "check new rows against the condition of the view",
			Code: fmt.Sprintf("ALTER VIEW %s SET (check_option = cascaded);", quoteName(view.Name))}
		if !p.fixedBy(view, base) { // the policies confine what is read, and the view has no condition to check
			f.Fix = &finding.Fix{Message: "let the view check its caller",
				Code: fmt.Sprintf("ALTER VIEW %s SET (security_invoker = true);", quoteName(view.Name))}
		}
		p.report(f)
		return
	}
}

// writesAround returns the table in which a session may write rows of another tenant by a command on a
// view that shows only its own, or what it reads anyway; or nil.
func (p *pass) writesAround(view *pgschema.Relation, s session, command string) *pgschema.Relation {
	if replaced(view, command) {
		return nil // what stands in for the command is judged by itself
	}
	if lent := p.lends(view, s, command); lent != nil {
		return lent
	}
	base, column := p.writesThrough(view)
	if base == nil || view.SecurityInvoker {
		return nil
	}
	owner := session{role: p.roles.owner(view), caller: s.role}
	fixed, may := p.fixedBy(view, base), p.mayColumn(s, view, column, command)
	if command == "insert" && p.may(s, view, command) {
		may = may || fixedDefault(view.Column(column)) || fixedDefault(base.Column(tenantKey(p.classes.Get(base))[0]))
	}
	switch {
	case !fixed && !p.confined(owner, base, "select"):
		return nil // it shows others' rows too
	case fixed && (command == "delete" || view.CheckOption != ""):
		return nil
	case !fixed:
		may = p.may(s, view, command)
	}
	if !may || p.confined(owner, base, command) || p.mayColumn(s, base, tenantKey(p.classes.Get(base))[0], command) && !p.confined(s, base, command) {
		return nil
	}
	return base
}

// lends returns the table whose rows a session reads anyway, and may change or delete by a view alone, with the rights of
// its owner; or nil.
func (p *pass) lends(view *pgschema.Relation, s session, command string) *pgschema.Relation {
	if command == "insert" || view.SecurityInvoker || !writable(view) || !p.may(s, view, command) {
		return nil
	}
	from := view.Query.Node.GetSelectStmt().FromClause[0].GetRangeVar()
	base := p.schema.Lookup(from.Schemaname, from.Relname)
	if t := p.classes.Get(base); t == nil || t.Class != classify.Tenant && t.Class != classify.Child {
		return nil
	}
	owner := session{role: p.roles.owner(view), caller: s.role}
	if !p.readsAll(s, base) || p.may(s, base, command) || p.fixedBy(view, base) || p.confined(owner, base, command) {
		return nil
	}
	return base
}

// fixedBy reports whether a view's own condition confines what it reads of a table to the tenant.
func (p *pass) fixedBy(view, base *pgschema.Relation) bool {
	return slices.ContainsFunc(p.analyze(view).References, func(ref *sqlcheck.Reference) bool {
		return ref.View == nil && ref.Relation == base && p.fixed(statement(view.Query), ref)
	})
}

// writesThrough returns the tenant table that an automatically updatable view writes to and the name
// under which it shows the tenant column; nil when it is none (PostgreSQL manual, CREATE VIEW,
// "Updatable Views").
func (p *pass) writesThrough(view *pgschema.Relation) (*pgschema.Relation, string) {
	query := view.Query.Node.GetSelectStmt()
	if !writable(view) {
		return nil, ""
	}
	from := query.FromClause[0].GetRangeVar()
	base := p.schema.Lookup(from.Schemaname, from.Relname)
	t := p.classes.Get(base)
	if t == nil || t.Class != classify.Tenant && t.Class != classify.Child {
		return nil, ""
	}
	key := tenantKey(t)[0]
	for i, target := range query.TargetList {
		fields := target.GetResTarget().GetVal().GetColumnRef().GetFields()
		if len(fields) == 0 {
			continue
		}
		last := fields[len(fields)-1]
		if last.GetAStar() != nil {
			i += slices.IndexFunc(base.Columns, func(c *pgschema.Column) bool { return c.Name == key })
		}
		if last.GetAStar() != nil || last.GetString_().GetSval() == key {
			return base, columnAt(view, i, cmp.Or(target.GetResTarget().GetName(), key))
		}
	}
	return nil, ""
}

// columnAt returns the name of a column of a view by its place, which a list of names or RENAME COLUMN gives it, or
// else the one that it has by the query.
func columnAt(view *pgschema.Relation, i int, byQuery string) string {
	if i < 0 || i >= len(view.Columns) {
		return byQuery
	}
	return view.Columns[i].Name
}
