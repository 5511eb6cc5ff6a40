package sqlcheck

import (
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/classify"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// Admission is the verdict on a policy expression.
type Admission struct {
	// Verdict is Pinned when the expression admits rows of the session tenant only.
	Verdict Verdict
	// Setting is the custom setting that names the session tenant.
	Setting string
	// Unset says that the expression fails open while no tenant is set: on a fresh connection, where
	// the setting is NULL, or on one used before, where it is ''.
	Unset bool
	// Null says that it is rows without a tenant that pass.
	Null   bool
	Reason string
	// Position is the part of the expression that decides.
	Position finding.Position

	// confined says that the rows are those of one value, whatever it is.
	confined bool
}

// Admits judges a policy expression (USING or WITH CHECK) over the rows of one relation: does it
// confine them to the session tenant, in each state of the tenant setting? Tables in its subqueries
// are under their own row-level security (PostgreSQL manual, 5.8).
func Admits(db *Database, rel *pgschema.Relation, expr *pgschema.Expr) Admission {
	set := admits(db, rel, expr, settingSet)
	if set.Verdict != Pinned && !set.Null {
		return set
	}
	worst := set
	for _, state := range []settingState{settingNull, settingEmpty} {
		a := admits(db, rel, expr, state)
		a.Setting, a.Unset = set.Setting, true
		switch {
		case a.Verdict == Unpinned && !a.Null:
			return a
		case a.Verdict == Undecided && !a.confined && worst.Verdict != Undecided:
			worst = a // rows without a tenant weigh less: they are nobody's where they are new
		case a.Verdict == Unpinned && worst.Verdict == Pinned:
			worst = a
		}
	}
	return worst
}

// admits judges the expression in one state of the custom settings: as a whole, and where that does not confine
// the rows, by each way in which a row can pass.
func admits(db *Database, rel *pgschema.Relation, expr *pgschema.Expr, state settingState) Admission {
	whole := admitsWay(db, rel, expr, []requirement{{expr.Node, true}}, state)
	if whole.Verdict == Pinned {
		return whole
	}
	ways := alternatives(expr.Node, true)
	if ways == nil {
		return whole
	}
	for _, way := range ways {
		if admitsWay(db, rel, expr, way, state).Verdict != Pinned {
			return whole
		}
	}
	whole.Verdict, whole.Reason = Pinned, "each way to pass it confines the rows to the session's tenant"
	return whole
}

// admitsWay judges requirements of the expression that hold together.
func admitsWay(db *Database, rel *pgschema.Relation, expr *pgschema.Expr, way []requirement, state settingState) Admission {
	stmt := expr.Stmt
	if stmt == nil {
		stmt = &pgast.Statement{Node: expr.Node, Source: pgast.NewSource("", expr.Text), End: len(expr.Text)}
	}
	e := newEngine(db, stmt)
	e.settings, e.underRLS = state, true
	ctx := &context{}
	row := &instance{alias: rel.Name.Name, rel: rel, table: db.Classes.Get(rel), home: ctx}
	s := &scope{at: expr.At}
	s.enter(row)
	e.guarding = append(e.guarding, rel)
	a := Admission{Position: expr.At(location(expr.Node))}
	if !belongs(row.table) {
		a.Verdict, a.Reason = Undecided, "the table belongs to no tenant in a known way"
		return a
	}
	for _, l := range way {
		e.condition(ctx, operand{l.node, s}, l.truth)
	}
	c := e.close(ctx)
	switch {
	case e.exhausted():
		a.Reason = "the expression is too large to follow"
	case c.never:
		a.Verdict, a.Reason = Pinned, "the expression is true for no row"
	default:
		e.admitted(&a, row, c)
	}
	return a
}

// admitted judges what is known of the rows that pass.
func (e *engine) admitted(a *Admission, row *instance, c *closure) {
	if p, ok := c.pinned(row, nil); ok {
		e.admittedBy(a, row, p)
		return
	}
	switch c.member(e, row) {
	case Pinned:
		a.Verdict, a.Reason = Pinned, "the rows are those of the tenants that a lookup gives for the session"
	case Undecided:
		a.Verdict, a.Reason = Undecided, "the rows are those of the tenants that a lookup gives for the role that is connected, which is one for all tenants unless each has its own"
	default:
		e.notAdmitted(a, row, c)
	}
}

// admittedBy judges the values that the tenant is confined to.
func (e *engine) admittedBy(a *Admission, row *instance, p pin) {
	a.Verdict, a.confined = Pinned, true
	for _, t := range p.values {
		info := e.info(t)
		switch {
		case info.source == Setting:
			if name, ok := strings.CutPrefix(info.text, "current_setting('"); ok {
				a.Setting = strings.TrimSuffix(name, "')")
			}
			if a.Reason == "" {
				a.Reason = "the tenant equals " + info.text
			}
		case info.session:
			if a.Reason == "" {
				a.Reason = "the tenant follows from " + info.text
			}
		case info.source == Constant && info.text == "''" && e.settings == settingEmpty:
		case info.source == Constant && e.settings != settingSet && isNobody(info.text):
		case info.source == Constant:
			a.Verdict, a.Reason = Unpinned, "the rows of the fixed tenant "+info.text+" are admitted to every session"+e.settings.when()
			return
		default:
			if a.Verdict == Pinned {
				a.Verdict, a.Reason = Undecided, "the tenant is compared with "+info.text+", which is not known to name the session's tenant"
			}
		}
	}
	if column := row.table.Column; a.Verdict == Pinned && p.null && !(column != "" && required(row.rel, []string{column})) {
		a.Verdict, a.Null = Unpinned, true
		a.Reason = "rows whose " + column + " is NULL are admitted to every session" + e.settings.when()
	}
}

// member is Pinned when the row's tenant is one that a lookup gives for the session: the column of a
// row of which another column, that says which or whose the row is, equals a session value. It is Undecided when
// that value is only who is connected, unless the row is one of the list of tenants: then each has its role.
func (c *closure) member(e *engine, row *instance) Verdict {
	t := e.tenantTerm(row)
	if row.table.Class == classify.Child {
		for _, p := range c.instances {
			if p != row && belongs(p.table) && p.rel == row.table.Parent.Relation && c.sameParent(row, p) {
				return c.member(e, p)
			}
		}
		return Unpinned
	}
	best := Unpinned
	for _, j := range c.instances {
		if j == row {
			continue
		}
		linked, bySession, byRole := false, false, false
		for _, u := range j.terms {
			if c.same(t, u) {
				linked = true
				continue
			}
			if p, ok := c.pin(u); ok && !p.null {
				for _, v := range p.values {
					// What follows from the session's settings is '' while they are.
					session := e.info(v).session || e.settings == settingEmpty && e.info(v).text == "''"
					byRole = byRole || session && !e.info(v).setting()
					bySession = bySession || session && e.info(v).setting() && e.looksUp(j, e.info(u).column)
				}
			}
		}
		if linked && (bySession || byRole && j.table != nil && j.table.Class == classify.Registry) {
			return Pinned
		}
		if linked && byRole {
			best = Undecided
		}
	}
	return best
}

// looksUp reports whether rows of an instance are looked up by a column, and not sorted by it.
func (e *engine) looksUp(i *instance, column string) bool {
	if column == "" || i.rel == nil || Identifies(column) || e.db.Model.IsTenantColumn(column) {
		return true
	}
	return slices.ContainsFunc(i.rel.Indexes, func(index *pgschema.Index) bool { return index.Unique && slices.Equal(index.Columns, []string{column}) })
}

// setting reports whether a value is made of a setting, and not only of who is connected.
func (t *termInfo) setting() bool {
	return t.text == "''" || strings.Contains(t.text, "current_setting(")
}

// notAdmitted says why rows of other tenants pass.
func (e *engine) notAdmitted(a *Admission, row *instance, c *closure) {
	a.Verdict = Unpinned
	t := e.tenantTerm(row)
	for _, o := range c.openings {
		if t != noTerm && c.same(o.term, t) {
			a.Reason = "rows of other tenants pass where " + e.text(o.by) + e.settings.when()
			a.Position = e.placeOf(location(o.by.node), o.by.scope)
			return
		}
	}
	for _, u := range c.unclear {
		info := e.info(u.term)
		if info.inst == row && (t == noTerm || slices.Contains(row.table.Columns, info.column)) {
			a.Verdict, a.Reason = Undecided, info.column+": "+u.reason
			return
		}
	}
	if len(e.undecided) > 0 {
		a.Verdict, a.Reason = Undecided, e.undecided[0].Reason
		return
	}
	what := "no condition equates " + row.table.Column + " with the session's tenant"
	if row.table.Class == classify.Child {
		what = "no condition ties the row to a row of " + row.table.Parent.Relation.Name.String() + " of the session's tenant"
	}
	a.Reason = what + e.settings.when()
}

// guard adds what row-level security says of the rows of a table that a statement reads or changes: some
// permissive policy and every restrictive one for the command admits them.
func (e *engine) guard(i *instance, command Command, s *scope, ctx *context) {
	if !e.underRLS || len(e.guarding) > maxDepth || slices.Contains(e.guarding, i.rel) {
		return
	}
	who := s.rightsOf()
	policies, bound := e.policies(who, i.rel, command)
	if !bound {
		return
	}
	e.guarding = append(e.guarding, i.rel)
	defer func() { e.guarding = e.guarding[:len(e.guarding)-1] }()
	// A policy names the columns by the table, whatever the statement calls it.
	row := &instance{alias: i.rel.Name.Name, home: i.home}
	for _, c := range i.rel.Columns {
		row.columns = append(row.columns, outColumn{c.Name, binding{term: e.column(i, c.Name)}})
	}
	on := func(p *pgschema.Expr) operand {
		s := &scope{at: p.At, rights: &who}
		s.enter(row)
		return operand{p.Node, s}
	}
	for _, p := range policies.Restrictive {
		e.condition(ctx, on(p), true)
	}
	var permissive []alternative
	for _, p := range policies.Permissive {
		permissive = append(permissive, e.branch(ctx, on(p), true))
	}
	ctx.facts.add(e.either(ctx, permissive))
}

// policies are those that bind whoever reads or changes a table.
func (e *engine) policies(who rights, r *pgschema.Relation, command Command) (bind Policies, bound bool) {
	if e.db.Policies != nil {
		return e.db.Policies(who.reads, who.calls, r, command)
	}
	if !r.RowSecurity || who.calls.Owner && !r.ForceRowSecurity {
		return bind, false
	}
	for _, p := range r.Policies {
		switch {
		case p.Command != "all" && p.Command != string(command) || p.Using == nil || !e.applies(p):
		case p.Permissive:
			bind.Permissive = append(bind.Permissive, p.Using)
		default:
			bind.Restrictive = append(bind.Restrictive, p.Using)
		}
	}
	return bind, true
}

// applies reports whether a policy applies to the application's roles.
func (e *engine) applies(p *pgschema.Policy) bool {
	app := e.db.Model.Roles.App
	for _, role := range p.Roles {
		if role == "public" || len(app) == 0 {
			return true
		}
		for _, a := range app {
			if a == role {
				return true
			}
		}
	}
	return len(p.Roles) == 0
}
