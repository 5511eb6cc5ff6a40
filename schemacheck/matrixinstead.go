package schemacheck

import (
	"slices"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
	"github.com/tenantvet/tenantvet/sqlcheck"
)

// replaced reports whether a trigger or rule stands in for a command on a view.
func replaced(view *pgschema.Relation, command string) bool {
	return slices.ContainsFunc(view.Triggers, func(t *pgschema.Trigger) bool { return standsIn(t) && slices.Contains(t.Events, command) }) ||
		slices.ContainsFunc(view.Rules, func(rule *pgschema.Rule) bool { return rule.Event == command && rule.Instead })
}

func standsIn(t *pgschema.Trigger) bool { return t.Timing == "instead of" && !t.Disabled }

// insteadOf reports whether a function stands in for writing to a view. Nothing has checked the new row then, which is
// what the caller says it is.
func (p *pass) insteadOf(f *pgschema.Function) bool {
	for _, r := range p.schema.Relations {
		if slices.ContainsFunc(r.Triggers, func(t *pgschema.Trigger) bool { return standsIn(t) && t.Function == f.Name }) {
			return true
		}
	}
	return false
}

// handled answers for a command on a view for which triggers or rules stand in, or that PostgreSQL cannot write through.
// What a trigger function does with the rights of the caller is up to the tables that it writes; function-bypasses-rls
// and rule-bypasses-rls tell of the rest. The row that is updated or deleted is one that the view shows.
func (j *judge) handled(c *Cell, view *pgschema.Relation) {
	c.Verdict = NoAccess
	if c.Command != "insert" && replaced(view, c.Command) {
		if shown := j.cell(view, "select"); shown.Verdict == finding.Leaks || shown.Verdict == finding.Unknown || shown.Verdict == Suppressed {
			c.Verdict, c.Reason, c.Rule, c.Accepted, c.Witness = shown.Verdict, shown.Reason, shown.Rule, shown.Accepted, j.statement(view, c.Command)
			return
		}
	}
	objects := []string{}
	for _, t := range view.Triggers {
		if !standsIn(t) || !slices.Contains(t.Events, c.Command) {
			continue
		}
		i := slices.IndexFunc(j.schema.Functions, func(f *pgschema.Function) bool { return f.Name == t.Function && len(f.Args) == 0 })
		if i < 0 {
			c.Verdict, c.Reason = finding.Unknown, "trigger "+t.Name+" calls a function that is not known"
			return
		}
		c.Verdict, objects = finding.Isolated, append(objects, functionObject(j.schema.Functions[i]))
		if j.writesOpen(c, view, j.routine(j.schema.Functions[i]).statements) {
			return
		}
	}
	for _, rule := range view.Rules {
		if rule.Event == c.Command && rule.Instead {
			c.Verdict, objects = finding.Isolated, append(objects, object(view))
			if j.writesOpen(c, view, actions(rule)) {
				return
			}
		}
	}
	for _, u := range j.result.Undecided {
		if slices.Contains(objects, u.Object) {
			c.Verdict, c.Reason = finding.Unknown, u.Reason
		}
	}
	for _, f := range j.result.Findings {
		if slices.Contains(objects, f.Object) && (f.Rule == "function-bypasses-rls" || f.Rule == "rule-bypasses-rls") && f.Severity == finding.Error {
			(&way{rule: f.Rule, reason: f.Message, accepted: j.accepted[defectOf(f)]}).fill(c, j.statement(view, c.Command))
			return
		}
	}
	if reason := j.unclear(view, c.Command); reason != "" && c.Verdict == finding.Isolated {
		c.Verdict, c.Reason = finding.Unknown, reason
	}
}

// actions are the statements of a rule with a parameter in the place of each field of NEW and OLD.
func actions(rule *pgschema.Rule) (statements []*pgast.Statement) {
	for _, action := range rule.Actions {
		stmt := statement(action)
		stmt.Node = (&routine{}).rowToParameters(stmt.Node)
		statements = append(statements, stmt)
	}
	return statements
}

// writesOpen fills a cell with what statements in the place of writing to a view do to tables that the session could
// also name, where that leaks, and reports whether there is any such.
func (j *judge) writesOpen(c *Cell, view *pgschema.Relation, statements []*pgast.Statement) bool {
	for _, stmt := range statements {
		for _, ref := range sqlcheck.Analyze(j.database(), stmt).References {
			below := j.cell(ref.Relation, column(ref))
			if ref.Relation != view && !j.fixed(stmt, ref) && (below.Verdict == finding.Leaks || below.Verdict == finding.Unknown || below.Verdict == Suppressed) {
				c.Verdict, c.Reason, c.Rule, c.Accepted, c.Witness = below.Verdict, below.Reason, below.Rule, below.Accepted, j.statement(view, c.Command)
				return true
			}
		}
	}
	return false
}
