package schemacheck

import (
	"cmp"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
	"github.com/tenantvet/tenantvet/sqlcheck"
)

var _ = register("function-bypasses-rls", checkFunctionBypassesRLS)

// checkFunctionBypassesRLS looks for SECURITY DEFINER functions that an application role may call, or
// that its writes fire as triggers, and whose statements, or those of functions that they call, reach other tenants' rows
// with the rights of an owner whom row-level security does not confine. Other trigger functions have such rights as well
// where a definer's write fires them.
func checkFunctionBypassesRLS(p *pass) {
	for f, s := range p.definers() {
		p.checkDefiner(f, s)
	}
	if p.relyOnRLS() {
		p.checkOwnTenant()
	}
}

// definers yields the functions that run in a session with rights which are not its own, each with one such session.
func (p *pass) definers() iter.Seq2[run, session] {
	return func(yield func(run, session) bool) {
		if !p.relyOnRLS() {
			return
		}
		fired := p.firedFunctions()
		for _, f := range p.schema.Functions {
			if f.Extension != "" {
				continue
			}
			if f.Returns == "trigger" {
				for _, x := range fired[f] {
					if !yield(run{f, x.as}, x.session) {
						return
					}
				}
				continue
			}
			i := slices.IndexFunc(p.sessions, func(s session) bool { return f.SecurityDefiner && p.mayExecute(s, f) })
			if i >= 0 && !yield(run{f, p.rightsOf(f, p.sessions[i])}, p.sessions[i]) {
				return
			}
		}
	}
}

// firing is a session that fires a trigger function, and whose rights this has then.
type firing struct{ session, as session }

// firedFunctions returns the trigger functions that fire in a session with other rights than its own.
func (p *pass) firedFunctions() map[*pgschema.Function][]firing {
	fired := map[*pgschema.Function][]firing{}
	if !slices.ContainsFunc(p.schema.Functions, func(f *pgschema.Function) bool { return f.Returns == "trigger" && f.Extension == "" }) {
		return fired
	}
	for _, s := range p.sessions {
		runs := slices.SortedFunc(maps.Keys(p.effects(s).fired), func(a, b run) int { return strings.Compare(a.as.role, b.as.role) })
		for _, x := range runs {
			known := slices.ContainsFunc(fired[x.function], func(other firing) bool { return other.as == x.as })
			if !known && (x.function.SecurityDefiner || x.as.role != s.role) {
				fired[x.function] = append(fired[x.function], firing{s, x.as})
			}
		}
	}
	return fired
}

func (p *pass) checkDefiner(f run, s session) {
	if own := p.routine(f.function); own.injected != "" {
		p.report(p.injectable(own, s))
		return
	}
	object := functionObject(f.function)
	for _, body := range p.bodiesOf(f, s) {
		opaque := cmp.Or(body.opaque, p.doubt(body.routine))
		if body.injected != "" {
			opaque = "it puts its argument " + body.injected + " into SQL"
		}
		if body.by != nil && opaque != "" {
			opaque = fmt.Sprintf("of function %s, which it calls, %s", functionObject(body.by), opaque)
		}
		if opaque != "" && p.hasOwned() {
			p.undecided(f.function.Origin, object, "function-body", fmt.Sprintf("function %s runs with the rights of %s, and %s", object, p.whose(f), opaque))
		}
	}
	if asked := p.asksByPolicy(f, s); asked != "" {
		p.undecided(f.function.Origin, object, "function-body", fmt.Sprintf("function %s runs with the rights of %s, and the policies that bind it ask %s, whose rows of other tenants they meet",
			object, p.whose(f), asked))
	}
	var worst *finding.Finding
	for _, g := range p.definerWays(f, s) {
		if worst == nil || g.Severity > worst.Severity {
			worst = &g
		}
	}
	if worst == nil {
		return
	}
	p.report(*worst)
	if worst.Severity == finding.Warning && s.known() {
		p.undecided(f.function.Origin, object, "function-body", fmt.Sprintf("cannot tell whether function %s, which runs with the rights of %s, gives more than the session's tenant: %s",
			object, p.whose(f), worst.Related[0].Message))
	}
}

// asksByPolicy returns a table whose rows of every tenant may decide what a function reaches, because policies bind it
// that ask this table; or "".
func (p *pass) asksByPolicy(f run, s session) string {
	for _, body := range p.bodiesOf(f, s) {
		for _, stmt := range body.statements {
			for _, ref := range sqlcheck.Analyze(p.database(), stmt).References {
				if command := column(ref); clausesOf[command] != nil && p.bound(body.as, ref.Relation) {
					if asked := p.asksOpen(body.as, ref.Relation, command); asked != "" {
						return asked
					}
				}
			}
		}
	}
	return ""
}

// whose says whose rights a function has.
func (p *pass) whose(f run) string {
	if f.function.SecurityDefiner {
		return "its owner"
	}
	return f.as.String() + ", who sets it off"
}

// definerWays yields the references of a definer's body, and of the functions that it calls, that reach other tenants'
// rows, each with what there is to say about it.
func (p *pass) definerWays(f run, s session) iter.Seq2[*sqlcheck.Reference, finding.Finding] {
	return func(yield func(*sqlcheck.Reference, finding.Finding) bool) {
		for _, body := range p.bodiesOf(f, s) {
			for _, stmt := range body.statements {
				for _, ref := range sqlcheck.Analyze(p.database(), stmt).References {
					if !p.harmless(body.routine, stmt, ref, body.as, s) && !yield(ref, p.definerFinding(body, ref, p.whose(f), s)) {
						return
					}
				}
			}
		}
	}
}

// injectable is the finding about a function that runs its caller's text.
func (p *pass) injectable(body *routine, s session) finding.Finding {
	f := body.function
	g := finding.New("function-bypasses-rls", f.Origin, functionObject(f),
		"function %s puts its argument %s into SQL that runs with the rights of its owner%s: %s runs any statement by it",
		functionObject(f), body.injected, named(f.Owner), s)
	if !s.known() {
		g.Severity = finding.Warning
	}
	g.Fix = &finding.Fix{Message: "pass values by USING, names by format with %I after checking them against a list, and compare the tenant with the session's"}
	return g
}

// harmless reports whether a reference in a definer's body gives the session nothing of other tenants.
func (p *pass) harmless(body *routine, stmt *pgast.Statement, ref *sqlcheck.Reference, owner, s session) bool {
	command := string(ref.Command)
	if ref.Command == sqlcheck.Conflict {
		command = "update"
	}
	if clausesOf[command] != nil && p.confined(owner, ref.Relation, command) {
		return true
	}
	if p.may(s, ref.Relation, command) && !ref.Relation.RowSecurity {
		return true
	}
	own := func(field string) bool { return p.ofTenant(body.function, field) }
	if ref.Moved != "" && (!body.trigger || !body.named(ref.Moved, own) || p.insteadOf(body.function) && body.byNewRow(ref)) {
		return false
	}
	if p.fixed(stmt, ref) || p.fixedBySession(stmt.Node, ref) {
		return true
	}
	if ref.Command == sqlcheck.Insert && ref.Table.Column != "" && p.stampedThroughout(ref.Relation, ref.Table.Column, "insert") {
		return true
	}
	if body.trigger && ref.Verdict == sqlcheck.Pinned && !body.ofRow(ref, own) {
		return false
	}
	if body.trigger && p.insteadOf(body.function) {
		return ref.Verdict == sqlcheck.Pinned && !body.byNewRow(ref) || len(ref.ByKey) > 0 && body.byOldRow(stmt.Node)
	}
	// The row that fires a trigger is the session's own; what it names is its own tenant.
	return body.trigger && (ref.Verdict == sqlcheck.Pinned || ref.Command == sqlcheck.Insert || len(ref.ByKey) > 0 && body.byOldRow(stmt.Node))
}

// ofTenant reports whether a field says whose the row is, in a table whose trigger a function is.
func (p *pass) ofTenant(f *pgschema.Function, field string) bool {
	fires := false
	for _, t := range p.classes.Tables() {
		for _, trigger := range t.Relation.Triggers {
			if trigger.Function == f.Name {
				if p.isTenantColumn(t, field) {
					return true
				}
				fires = true
			}
		}
	}
	return !fires
}

// byOldRow reports whether a statement of a trigger compares with fields of the row that was there, and
// with none of the row that comes.
func (r *routine) byOldRow(node *pgast.Node) bool {
	before, after := false, false
	for _, where := range wheres(node) {
		pgast.Walk(where, func(n any) bool {
			if ref, ok := n.(*pgast.ParamRef); ok && int(ref.Number) <= len(r.names) && ref.Number > 0 {
				before = before || strings.HasPrefix(r.names[ref.Number-1], "old.")
				after = after || strings.HasPrefix(r.names[ref.Number-1], "new.")
			}
			return true
		})
	}
	return before && !after
}

// byNewRow reports whether fields of the row that comes have part in what pins a reference, or in the tenant that its rows
// are given.
func (r *routine) byNewRow(ref *sqlcheck.Reference) bool {
	return slices.ContainsFunc(append([]string{ref.Moved}, ref.Told...), func(value string) bool {
		return slices.ContainsFunc(parameter.FindAllString(value, -1), func(told string) bool {
			name, _ := r.name(told)
			return strings.HasPrefix(name, "new.")
		})
	})
}

// wheres returns the WHERE clauses of a statement.
func wheres(node *pgast.Node) []*pgast.Node {
	var found []*pgast.Node
	pgast.Walk(node, func(n any) bool {
		switch n := n.(type) {
		case *pgast.SelectStmt:
			found = append(found, n.WhereClause)
		case *pgast.UpdateStmt:
			found = append(found, n.WhereClause)
		case *pgast.DeleteStmt:
			found = append(found, n.WhereClause)
		}
		return true
	})
	return found
}

func (p *pass) definerFinding(body body, ref *sqlcheck.Reference, whose string, s session) finding.Finding {
	f, owner := body.function, ""
	if f.SecurityDefiner {
		owner = named(body.as.role)
	}
	verbs := map[sqlcheck.Command]string{
		sqlcheck.Insert: "writes to", sqlcheck.Update: "changes", sqlcheck.Delete: "deletes from",
		sqlcheck.Truncate: "truncates", sqlcheck.Conflict: "changes",
	}
	verb := verbs[ref.Command]
	if verb == "" {
		verb = "reads"
	}
	g := finding.New("function-bypasses-rls", f.Origin, functionObject(f),
		"function %s %s %s with the rights of %s%s and is not confined to the session's tenant: %s reaches the rows of every tenant by it",
		functionObject(f), verb, object(ref.Relation), whose, owner, s)
	g.Evidence = []string{p.whyUnbound(body.as, ref.Relation)}
	if body.by != nil {
		g.Evidence = append(g.Evidence, "it calls "+functionObject(body.by)+", which does that")
	}
	g.Related = []finding.Related{{Position: ref.Position, Message: ref.Reason}}
	if ref.Moved != "" {
		g.Message = fmt.Sprintf("function %s makes rows of %s another tenant's with the rights of %s%s: %s writes to any tenant by it",
			functionObject(f), object(ref.Relation), whose, owner, s)
		g.Related[0].Message = "it sets the tenant to " + ref.Moved
	} else if told := parameter.FindString(ref.Value); ref.Verdict == sqlcheck.Pinned && !ref.Mixed && told != "" {
		name, _ := body.name(told)
		g.Message = fmt.Sprintf("function %s %s %s with the rights of %s%s for the tenant that the caller names by %s: %s may name any",
			functionObject(f), verb, object(ref.Relation), whose, owner, name, s)
	}
	switch {
	case body.guarded:
		g.Severity = finding.Warning
		g.Evidence = append(g.Evidence, "the body leaves under a condition that looks at the session, which may or may not be enough")
	case ref.Verdict == sqlcheck.Undecided:
		g.Severity = finding.Warning
	case ref.Moved == "…":
		g.Severity = finding.Warning
	case ref.Moved != "":
	case body.trigger && ref.Command == sqlcheck.Select, len(ref.ByKey) > 0 && ref.Command == sqlcheck.Select,
		ref.By == sqlcheck.Value && (body.trigger || !parameter.MatchString(ref.Value)),
		body.trigger && (ref.By == sqlcheck.Setting && len(ref.Told) > 0 || ref.By == sqlcheck.Parameter && body.rowField(ref.Value) == ""):
		g.Severity = finding.Warning
	}
	if !s.known() {
		g.Severity = min(g.Severity, finding.Warning)
	}
	g.Fix = &finding.Fix{
		Message: fmt.Sprintf("compare the tenant with the session's in each statement, as in %s, or let the function run with the rights of its caller", p.example(ref)),
	}
	return g
}

// example writes the condition that would confine a reference.
func (p *pass) example(ref *sqlcheck.Reference) string {
	t := p.classes.Get(ref.Relation)
	if t == nil || t.Column == "" {
		return "an EXISTS on the parent"
	}
	return fmt.Sprintf("%s = %s", quote(t.Column), p.currentTenant(t))
}
