package schemacheck

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/sqlcheck"
)

// way is how a session of one tenant reaches the rows of another by a command on a relation.
type way struct{ rule, reason, witness string }

// findWays enters the errors about isolation into the places they concern; the direct ways first, as they
// are the plainest witnesses. What concerns no place is kept beside the matrix.
func (j *judge) findWays() {
	j.policyWays()
	var errors []finding.Finding
	for _, f := range j.result.Findings {
		if f.Category == finding.Isolation && f.Severity == finding.Error {
			errors = append(errors, f)
		}
	}
	for _, enter := range []func(finding.Finding) bool{j.exempted, j.direct, j.around, j.telling, j.becoming} {
		errors = slices.DeleteFunc(errors, enter)
	}
	for _, f := range errors {
		j.beside = append(j.beside, Beside{j.role(), f.Rule, f.Object, f.Message})
	}
	for _, u := range j.result.Undecided {
		if u.Code == "function-body" {
			j.beside = append(j.beside, Beside{j.role(), "", u.Object, "undecided: " + u.Reason})
		}
	}
}

// enter keeps the first way to a place.
func (j *judge) enter(r *pgschema.Relation, command string, w way) {
	if at := (place{r, command}); j.ways[at] == nil {
		j.ways[at] = &w
	}
}

// policyWays enters what the policies let through.
func (j *judge) policyWays() {
	for t := range j.owned() {
		for _, l := range j.policyLeaks(t) {
			if l.verdict != sqlcheck.Unpinned {
				continue
			}
			for _, command := range l.commands {
				w := way{"policy-leaks", "policy " + l.policy.Name + ": " + l.admission.Reason, j.statement(t.Relation, command)}
				if l.admission.Unset {
					w.rule, w.witness = "policy-fails-open", "-- on a connection where no tenant is set\n"+w.witness
				} else if command == "update" && !slices.Contains(l.clauses, using) {
					w.witness = j.moving(t.Relation, tenantKey(t)[0])
				}
				j.enter(t.Relation, command, w)
			}
		}
	}
}

// direct enters an error about what statements that name a relation reach, and reports whether it is one.
func (j *judge) direct(f finding.Finding) bool {
	var commands []string
	switch f.Rule {
	case "policy-leaks", "policy-fails-open":
		return true
	case "rls-disabled", "rls-not-forced", "policy-without-rls", "partition-exposed":
		commands = dml
	case "grant-truncate":
		commands = []string{"truncate"}
	case "matview-exposes-tenants", "security-barrier-missing", "tenant-column-missing":
		commands = []string{"select"}
	case "search-path-falls-through":
		commands = []string{"insert", "update"}
	default:
		return false
	}
	r := j.relation(f.Object)
	if r == nil {
		return false
	}
	for _, command := range commands {
		if j.may(j.session, r, command) {
			j.enter(r, command, way{f.Rule, f.Message, j.statement(r, command)})
		}
	}
	return true
}

// telling enters an error about keys, by which a write tells of another tenant's row, and reports whether
// it is one.
func (j *judge) telling(f finding.Finding) bool {
	comment := "-- refused, by 23505 or 23P01, just where another tenant has the value\n"
	switch f.Rule {
	case "foreign-key-crosses-tenant":
		comment = "-- the row it refers to is another tenant's\n"
	case "unique-crosses-tenant":
	default:
		return false
	}
	r := j.relation(f.Object)
	if r == nil {
		return false
	}
	columns := keyOf(r, strings.TrimPrefix(f.Object, object(r)+"."))
	for _, command := range []string{"insert", "update"} {
		if slices.ContainsFunc(columns, func(c string) bool { return j.mayColumn(j.session, r, c, command) }) {
			j.enter(r, command, way{f.Rule, f.Message, comment + j.claiming(r, command, columns)})
		}
	}
	return true
}

// keyOf returns the columns of an index, constraint or list of columns by its name.
func keyOf(r *pgschema.Relation, name string) []string {
	for _, index := range r.Indexes {
		if index.Name == name {
			return keyColumns(r, index)
		}
	}
	for _, c := range r.Constraints {
		if c.Name == name {
			return keyColumns(r, &pgschema.Index{Columns: c.Columns})
		}
	}
	return strings.Split(name, ",")
}

// relation returns the relation that a finding is about, itself or by one of its columns or keys.
func (j *judge) relation(name string) *pgschema.Relation {
	var found *pgschema.Relation
	for _, r := range j.schema.Sorted() {
		if own := object(r); name == own || strings.HasPrefix(name, own+".") && (found == nil || len(own) > len(object(found))) {
			found = r
		}
	}
	return found
}

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

// exempted enters what a role reaches whom no policy binds, and reports whether an error is about that.
func (j *judge) exempted(f finding.Finding) bool {
	if f.Rule != "role-bypasses-rls" || f.Object != j.session.role {
		return f.Rule == "role-bypasses-rls" // another role's rows say so
	}
	if j.roles.exempt(j.session.role) == "" {
		return false
	}
	return j.as(j.session, "", f)
}

// becoming enters what a role reaches after it has become another, and reports whether an error is about
// that.
func (j *judge) becoming(f finding.Finding) bool {
	if f.Rule != "role-bypasses-rls" {
		return false
	}
	if other, ok := strings.CutPrefix(strings.Join(f.Evidence, ""), "SET ROLE "); ok {
		other = strings.TrimSuffix(other, ";")
		return j.as(session{role: strings.Trim(other, `"`)}, "SET ROLE "+other+";\n", f)
	}
	entered := false
	for t := range j.owned() {
		if owner := j.roles.owner(t.Relation); owner != "" && !j.roles.attributes(owner).Superuser {
			start := fmt.Sprintf("GRANT %[1]s TO %[2]s;\nSET ROLE %[1]s;\n", quote(owner), quote(j.session.role))
			entered = j.as(session{role: owner}, start, f) || entered
		}
	}
	return entered
}

// as enters what another session may do to the tables, after the given statements.
func (j *judge) as(other session, start string, f finding.Finding) bool {
	entered := false
	for t := range j.owned() {
		for _, command := range Commands {
			if j.may(other, t.Relation, command) {
				entered = true
				j.enter(t.Relation, command, way{f.Rule, f.Message, start + j.statement(t.Relation, command)})
			}
		}
	}
	return entered
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
				j.enter(t.Relation, command, way{f.Rule, f.Message,
					"PREPARE q AS " + statement + "\n-- executed often enough under another tenant before\nEXECUTE q;"})
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
	for _, command := range []string{"insert", "update"} {
		if j.writesAround(view, j.session, command) != nil {
			around = true
			j.enter(view, command, way{f.Rule, f.Message, j.writing(view, command)})
		}
	}
	if around {
		return true // such a view shows the tenant's own rows only
	}
	for _, command := range dml {
		if j.may(j.session, view, command) && (command == "select" || writable(view)) {
			j.enter(view, command, way{f.Rule, f.Message, j.statement(view, command)})
		}
	}
	return true
}

// functionWays enters what the statements of a SECURITY DEFINER function reach.
func (j *judge) functionWays(f finding.Finding) bool {
	entered := false
	for g, s := range j.definers() {
		if functionObject(g) != f.Object {
			continue
		}
		for ref, found := range j.definerWays(g, s) {
			if found.Severity == finding.Error {
				entered = true
				j.enter(ref.Relation, column(ref), way{f.Rule, found.Message, j.calling(g)})
			}
		}
	}
	return entered
}

// ruleEntries enters what the statements of a table's rewrite rules reach.
func (j *judge) ruleEntries(f finding.Finding) bool {
	r, entered := j.relation(f.Object), false
	if r == nil {
		return false
	}
	for _, rule := range r.Rules {
		for ref, g := range j.ruleWays(r, rule, j.session) {
			if g.Severity == finding.Error && j.may(j.session, r, rule.Event) {
				entered = true
				j.enter(ref.Relation, column(ref), way{f.Rule, g.Message, j.firing(r, rule.Event)})
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
