package schemacheck

import (
	"slices"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/classify"
	"github.com/tenantvet/tenantvet/sqlcheck"
)

// around enters an error about a way to relations by something else, and reports whether it is one.
func (j *judge) around(f finding.Finding) bool {
	switch f.Rule {
	case "policy-volatile-context":
		return j.keptContexts(f)
	case "view-bypasses-rls":
		return j.viewWays(f)
	case "function-bypasses-rls":
		return j.functionWays(f)
	case "rule-bypasses-rls":
		return j.ruleEntries(f)
	}
	return false
}

// keptContexts enters the tables whose policies ask an IMMUTABLE function for the tenant.
func (j *judge) keptContexts(f finding.Finding) bool {
	entered := false
	for t := range j.owned() {
		for _, policy := range t.Relation.Policies {
			for _, command := range dml {
				expr := expression(policy, command, clausesOf[command][0])
				if g := j.immutableContext(expr); g == nil || functionObject(g) != f.Object || !j.may(j.session, t.Relation, command) {
					continue
				}
				entered = true
				statement := j.statement(t.Relation, command)
				j.enter(t.Relation, command, way{rule: f.Rule, reason: f.Message,
					witness: "PREPARE q AS " + statement + "\n-- executed often enough under another tenant before\nEXECUTE q;"})
			}
		}
	}
	return entered
}

// viewWays enters the commands of a view that reads or writes with its owner's rights.
func (j *judge) viewWays(f finding.Finding) bool {
	view := j.relation(f.Object)
	if view == nil {
		return false
	}
	around := false
	for _, command := range []string{"insert", "update", "delete"} {
		if j.writesAround(view, j.session, command) != nil {
			around = true
			witness := j.statement(view, command)
			if command != "delete" {
				witness = j.writing(view, command)
			}
			j.enter(view, command, way{rule: f.Rule, reason: f.Message, witness: witness})
		}
	}
	if around {
		return true // such a view shows the tenant's own rows only
	}
	for _, command := range dml {
		if j.may(j.session, view, command) && (command == "select" || writable(view)) {
			j.enter(view, command, way{rule: f.Rule, reason: f.Message, witness: j.statement(view, command)})
		}
	}
	return true
}

// functionWays enters what the statements of a SECURITY DEFINER function reach.
func (j *judge) functionWays(f finding.Finding) bool {
	entered := false
	for g, s := range j.definers() {
		if functionObject(g.function) != f.Object {
			continue
		}
		for ref, found := range j.definerWays(g, s) {
			if found.Severity == finding.Error {
				entered = true
				j.enterTree(ref, way{rule: f.Rule, reason: found.Message, witness: j.calling(g.function)})
			}
		}
	}
	return entered
}

// enterTree enters a way to the rows of a table and of its partitions and inheritance children.
func (j *judge) enterTree(ref *sqlcheck.Reference, w way) {
	j.enter(ref.Relation, column(ref), w)
	for _, part := range j.effects(j.session).parts[ref.Relation] {
		j.enter(part, column(ref), w)
	}
}

// unclear returns why a trigger or rule that a command sets off, by itself or by what it leads to, may reach other tenants'
// rows, where nobody can tell, or "".
func (j *judge) unclear(r *pgschema.Relation, command string) string {
	triggers, rules := map[string]string{}, map[string]string{}
	for _, u := range j.result.Undecided {
		switch u.Code {
		case "function-body":
			triggers[u.Object] = u.Reason
		case "rule":
			rules[u.Object] = u.Reason
		}
	}
	if len(triggers)+len(rules) == 0 || command == "select" {
		return ""
	}
	var reasons []string
	one := j.effects(j.session).of(r, command)
	for x := range one.found {
		for _, trigger := range one.firing(x) {
			if reason := triggers[trigger.Function.String()+"()"]; reason != "" {
				reasons = append(reasons, "trigger "+trigger.Name+": "+reason)
			}
		}
		if slices.ContainsFunc(x.relation.Rules, func(rule *pgschema.Rule) bool { return rule.Event == x.command }) && rules[object(x.relation)] != "" {
			reasons = append(reasons, rules[object(x.relation)])
		}
	}
	if len(reasons) == 0 {
		return ""
	}
	return slices.Min(reasons)
}

// ruleEntries enters what the statements of a table's rewrite rules reach.
func (j *judge) ruleEntries(f finding.Finding) bool {
	r, entered := j.relation(f.Object), false
	if r == nil {
		return false
	}
	for _, rule := range r.Rules {
		for ref, g := range j.ruleWays(r, rule, j.session) {
			if by, set := j.effects(j.session).first(r, rule.Event); g.Severity == finding.Error && set {
				entered = true
				j.enterTree(ref, way{rule: f.Rule, reason: g.Message, witness: j.leading(by)})
			}
		}
	}
	return entered
}

// column returns the command of the matrix under which a reference counts.
func column(ref *sqlcheck.Reference) string {
	switch ref.Command {
	case sqlcheck.Conflict:
		return "update"
	case sqlcheck.Copy:
		return "select"
	}
	return string(ref.Command)
}

// defaulted enters what a connection that begins with a tenant reaches before anybody has set one, and
// reports whether an error is about that.
func (j *judge) defaulted(f finding.Finding) bool {
	if f.Rule != "setting-default-tenant" {
		return false
	}
	entered := false
	for _, r := range j.schema.Sorted() {
		t := j.classes.Get(r)
		if !j.listed(r) || t != nil && t.Class == classify.Unclassified && r.IsTable() {
			continue
		}
		for _, command := range dml {
			if j.may(j.session, r, command) && (command == "select" || r.IsTable() || writable(r)) {
				entered = true
				j.enter(r, command, way{rule: f.Rule, reason: f.Message, witness: "-- on a fresh connection, where nobody has set a tenant\n" + j.statement(r, command)})
			}
		}
	}
	return entered
}
