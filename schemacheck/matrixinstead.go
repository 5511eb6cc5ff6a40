package schemacheck

import (
	"slices"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
)

// handled answers for a command on a view that PostgreSQL cannot write through: triggers or rules stand in for it. What
// a trigger function does with the rights of the caller is up to the tables that it writes; function-bypasses-rls and
// rule-bypasses-rls tell of the rest.
func (j *judge) handled(c *Cell, view *pgschema.Relation) {
	c.Verdict = NoAccess
	objects := []string{}
	for _, t := range view.Triggers {
		if t.Timing != "instead of" || t.Disabled || !slices.Contains(t.Events, c.Command) {
			continue
		}
		i := slices.IndexFunc(j.schema.Functions, func(f *pgschema.Function) bool { return f.Name == t.Function && len(f.Args) == 0 })
		if i < 0 {
			c.Verdict, c.Reason = finding.Unknown, "trigger "+t.Name+" calls a function that is not known"
			return
		}
		c.Verdict, objects = finding.Isolated, append(objects, functionObject(j.schema.Functions[i]))
	}
	for _, rule := range view.Rules {
		if rule.Event == c.Command && rule.Instead {
			c.Verdict, objects = finding.Isolated, append(objects, object(view))
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
}
