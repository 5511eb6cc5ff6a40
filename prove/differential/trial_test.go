package differential

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/classify"
	"github.com/tenantvet/tenantvet/pgschema/replay"
	"github.com/tenantvet/tenantvet/prove"
	"github.com/tenantvet/tenantvet/schemacheck"
	"github.com/tenantvet/tenantvet/tenancy"
)

// trial is a schema on trial.
type trial struct {
	index      uint64
	major      int
	keyType    string
	statements []string
	features   map[string]bool
	// refusals are the server's words about the statements that it did not take.
	refusals []error

	// check and matrix are the static verdict on the schema, report is the one of the server.
	schema *pgschema.Schema
	check  finding.Result
	matrix *schemacheck.Matrix
	report *prove.Report
	// showList are the views that show other tenants only as far as the list of tenants does.
	showList map[string]bool
}

func newTrial(seed, index uint64) *trial {
	t := &trial{index: index, major: majors[index%uint64(len(majors))]}
	g := newGenerator(seed, index, t.major)
	t.statements, t.features, t.keyType = g.schema(), g.features, g.keyType
	return t
}

func (t *trial) text() string { return strings.Join(t.statements, "\n") }

func (t *trial) model() *tenancy.Model {
	return &tenancy.Model{
		Pattern: tenancy.SharedSchema, Columns: []string{"tenant_id"}, ColumnType: t.keyType, Settings: []string{"app.tenant_id"}, Registry: "tenant",
		Shared: []tenancy.SharedTable{{Name: "plan", Reason: "plans"}}, Enforcement: tenancy.EnforceRLS,
		Roles: tenancy.Roles{App: []string{"app"}, Owner: []string{"app_owner"}}, PGVersion: t.major,
	}
}

func (t *trial) replay() *pgschema.Schema {
	return replay.Replay([]replay.File{{Name: "schema.sql", Text: t.text(), Format: tenancy.Plain}}, replay.Options{PGVersion: t.major, Owner: "postgres"})
}

// judge asks for the static verdict.
func (t *trial) judge() {
	t.schema = t.replay()
	model := t.model()
	classes := classify.Of(t.schema, model)
	t.check = schemacheck.Check(t.schema, classes, model)
	t.check.Undecided = append(t.check.Undecided, t.schema.Undecided...)
	t.check.Skipped = append(t.check.Skipped, t.schema.Skipped...)
	t.matrix = schemacheck.Judge(t.schema, classes, model)
}

// columns are the columns of the static matrix under which the commands of prove count.
var columns = map[prove.Command][]string{
	prove.Select: {"select"}, prove.Insert: {"insert"}, prove.Update: {"update"}, prove.Move: {"update"}, prove.Delete: {"delete"},
	prove.Truncate: {"truncate"}, prove.Existence: {"insert", "update"}, prove.Reference: {"insert", "update"},
}

// unsound returns what prove refuted and the static verdict calls isolated.
func (t *trial) unsound() (found []string) {
	verdict := t.check.Verdict()
	for _, c := range t.report.Cells {
		if c.Verdict != prove.Refuted {
			continue
		}
		told := t.tells(c)
		switch {
		case !told:
			found = append(found, fmt.Sprintf("%s %s: %s", c.Object, c.Command, c.Reason))
		case verdict == finding.Isolated && !t.listOfTenants(c):
			found = append(found, fmt.Sprintf("the schema, though %s %s: %s", c.Object, c.Command, c.Reason))
		}
	}
	return found
}

// tells reports whether the static verdict has a leak, or leaves open, where prove crossed: in the cell itself, or, for
// what has no cell, by the rule that is about it.
func (t *trial) tells(c prove.Cell) bool {
	switch c.Command {
	case prove.Existence:
		return t.finds("unique-crosses-tenant", c.Object+".")
	case prove.Reference:
		return t.finds("foreign-key-crosses-tenant", c.Object+".") || t.finds("grant-references", c.Object)
	case prove.Call:
		return t.finds("function-bypasses-rls", c.Object) || t.finds("function-set-not-local", c.Object) || t.readsOpen(c.Object) || t.callsOpen(c.Object) || t.begins(c) || t.setsOff(c.Reaches, finding.Warning) || t.showList[c.Object] ||
			slices.ContainsFunc(t.check.Undecided, func(u finding.Undecided) bool { return u.Object == c.Object })
	}
	if c.Kind == "view" && t.setsOff(c.Reaches, finding.Error) {
		return true
	}
	dragging := t.dragging(c.Reaches)
	return slices.ContainsFunc(t.matrix.Cells, func(cell schemacheck.Cell) bool {
		switch {
		case cell.Verdict != finding.Leaks && cell.Verdict != finding.Unknown && !(cell.Verdict == schemacheck.Warned && t.listOfTenants(c)):
			return false
		case cell.Relation == c.Object && slices.Contains(columns[c.Command], cell.Command):
			return true
		case cell.Relation == c.Reaches:
			// What a trigger or rule does is told where it does it; what a view lets through is its own to tell.
			return cell.Command != "select" && (c.Kind != "view" || slices.Contains(doors, cell.Rule) || slices.Contains(wide, cell.Rule) && slices.Contains(columns[c.Command], cell.Command))
		case slices.Contains(dragging, cell.Relation) && slices.Contains(doors, cell.Rule):
			return true
		}
		return cell.Relation == c.Object && cell.Command == "select" && t.follows(c.Object, c.Reaches)
	})
}

// dragging are the relations whose rows take rows of another along by its keys, when they are changed or go.
func (t *trial) dragging(relation string) []string {
	found := []string{relation}
	for i := 0; i < len(found); i++ {
		r := t.schema.Lookup("public", strings.TrimPrefix(found[i], "public."))
		if r == nil {
			continue
		}
		for _, c := range r.Constraints {
			acts := slices.ContainsFunc([]string{c.OnUpdate, c.OnDelete}, func(action string) bool {
				return slices.Contains([]string{"cascade", "set null", "set default"}, action)
			})
			if c.Kind == pgschema.ForeignKey && acts && !slices.Contains(found, c.RefTable.String()) {
				found = append(found, c.RefTable.String())
			}
		}
	}
	return found[1:]
}

// begins reports whether a cell is about sessions in which nobody has set a tenant, and these are told to begin with one.
func (t *trial) begins(c prove.Cell) bool {
	return strings.Contains(c.Reason, "without a tenant") && slices.ContainsFunc(t.check.Findings, func(f finding.Finding) bool {
		return f.Rule == "setting-default-tenant" && f.Severity == finding.Error
	})
}

// doors are the rules about what a statement sets off elsewhere.
var doors = []string{"function-bypasses-rls", "rule-bypasses-rls"}

// setsOff reports whether a trigger or rule is said to reach the rows of a relation, as an error or at least as a warning,
// whatever sets it off, or those that drag them along: a cell of it that leaks may name a plainer way.
func (t *trial) setsOff(relation string, least finding.Severity) bool {
	if relation == "" {
		return false
	}
	relations := append(t.dragging(relation), relation)
	return slices.ContainsFunc(t.check.Findings, func(f finding.Finding) bool {
		byTrigger := strings.HasPrefix(f.Object, "public.t_") || f.Rule == "rule-bypasses-rls"
		names := func(relation string) bool { return strings.Contains(f.Message, " "+relation+" ") }
		return byTrigger && f.Severity >= least && slices.Contains(doors, f.Rule) && slices.ContainsFunc(relations, names)
	})
}

// finds reports whether a rule that is about leaks says something of an object, or of what is part of it.
func (t *trial) finds(rule, object string) bool {
	return slices.ContainsFunc(t.check.Findings, func(f finding.Finding) bool {
		return f.Rule == rule && f.Severity > finding.Info && (f.Object == object || strings.HasSuffix(object, ".") && strings.HasPrefix(f.Object, object))
	})
}

// follows reports whether a rewrite rule of a table, or of the one that a view shows, works on another for each row that
// the session sees of the first: it reads these rows anew, whatever confines the command that sets it off.
func (t *trial) follows(object, on string) bool {
	_, shown, _ := strings.Cut(t.statement("CREATE VIEW "+strings.TrimPrefix(object, "public.")+" "), " FROM ")
	table, _, _ := strings.Cut(cmp.Or(strings.TrimSuffix(shown, ";"), strings.TrimPrefix(object, "public.")), " ")
	return slices.ContainsFunc(t.statements, func(text string) bool {
		_, action, found := strings.Cut(text, " TO "+table+" DO ALSO ")
		return strings.HasPrefix(text, "CREATE RULE ") && found && strings.Contains(action, " "+strings.TrimPrefix(on, "public.")+" ")
	})
}

// statement returns the statement with a beginning, or "".
func (t *trial) statement(start string) string {
	i := slices.IndexFunc(t.statements, func(text string) bool { return strings.HasPrefix(text, start) })
	if i < 0 {
		return ""
	}
	return t.statements[i]
}

// bodies returns the statement that makes a function, and that of the one which it calls, with its name; "" where it calls none.
func (t *trial) bodies(function string) (outer, name, inner string) {
	called, _, _ := strings.Cut(strings.TrimPrefix(function, "public."), "(")
	outer = t.statement("CREATE FUNCTION "+called+"(") + t.statement("CREATE PROCEDURE "+called+"(")
	if _, rest, calls := strings.Cut(outer, "inner_"); calls {
		number, _, _ := strings.Cut(rest, "(")
		name = "inner_" + number + "("
		inner = t.statement("CREATE FUNCTION " + name)
	}
	return outer, name, inner
}

// callsOpen reports whether a function calls one that the session may call as well and that is told of, so that it gives
// nothing more.
func (t *trial) callsOpen(function string) bool {
	_, name, _ := t.bodies(function)
	return name != "" && slices.ContainsFunc(t.check.Findings, func(f finding.Finding) bool {
		return f.Rule == "function-bypasses-rls" && strings.HasPrefix(f.Object, "public."+name)
	})
}

// readsOpen reports whether a function works on a table that is open to the session as a whole, so that it gives nothing more.
func (t *trial) readsOpen(function string) bool {
	outer, _, inner := t.bodies(function)
	body := outer + inner
	return body != "" && slices.ContainsFunc(t.matrix.Cells, func(cell schemacheck.Cell) bool {
		if cell.Verdict != finding.Leaks || !slices.Contains(wide, cell.Rule) {
			return false
		}
		verb := map[string]string{"select": " FROM ", "delete": "DELETE FROM ", "update": "UPDATE "}[cell.Command]
		return verb != "" && strings.Contains(body, verb+strings.TrimPrefix(cell.Relation, "public."))
	})
}

// wide are the rules about tables whose rows are all open.
var wide = []string{"rls-disabled", "policy-without-rls", "rls-not-forced", "app-role-owns-table", "role-bypasses-rls", "partition-exposed", "child-table-unpinned"}

// indirect are the rules about ways to a relation by something else, where prove enters what it crosses.
var indirect = []string{"function-bypasses-rls", "rule-bypasses-rls", "role-bypasses-rls", "setting-default-tenant"}

// witnessed reports whether the witness of a leaking cell crosses on the server.
func (t *trial) witnessed(cell schemacheck.Cell) bool {
	return slices.ContainsFunc(t.report.Tried, func(c prove.Tried) bool {
		return c.Crossed && c.Object == cell.Relation && c.Command == cell.Command
	})
}

// alarms returns the leaking cells of the static matrix that prove contradicts.
func (t *trial) alarms() (found []schemacheck.Cell) {
	for _, cell := range t.matrix.Cells {
		if cell.Verdict == finding.Leaks && t.measured(cell) == prove.Proved {
			found = append(found, cell)
		}
	}
	return found
}

// measured returns what prove says about a cell of the static matrix.
func (t *trial) measured(cell schemacheck.Cell) prove.Verdict {
	if t.witnessed(cell) {
		return prove.Refuted
	}
	verdict := prove.NotTried
	for _, c := range t.report.Cells {
		here := c.Object == cell.Relation && slices.Contains(columns[c.Command], cell.Command)
		around := slices.Contains(indirect, cell.Rule) && (c.Command == prove.Call || c.Reaches == cell.Relation)
		switch {
		case here && c.Verdict == prove.Refuted, around && c.Verdict == prove.Refuted:
			return prove.Refuted
		case here && c.Command != prove.Existence && c.Command != prove.Reference && weight[c.Verdict] > weight[verdict]:
			verdict = c.Verdict
		}
	}
	return verdict
}

var weight = map[prove.Verdict]int{prove.Vacuous: 1, prove.Proved: 2}

// kindOf names a group of cells that are wrong for the same reason, as far as one can tell.
func kindOf(cell schemacheck.Cell) string {
	return cmp.Or(cell.Rule, "-") + " " + cell.Command
}
