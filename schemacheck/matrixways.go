package schemacheck

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/classify"
	"github.com/tenantvet/tenantvet/sqlcheck"
)

// way is how a session of one tenant reaches the rows of another by a command on a relation.
type way struct {
	rule, reason, witness string
	accepted              string // the reason for which it is suppressed
}

// fill writes a way into a cell.
func (w *way) fill(c *Cell, witness string) {
	c.Verdict, c.Reason, c.Rule, c.Witness = finding.Leaks, w.reason, w.rule, witness
	if w.accepted != "" {
		c.Verdict, c.Accepted = Suppressed, w.accepted
	}
}

// defect identifies an error among the findings of several runs.
type defect struct {
	rule, object string
	at           finding.Position
}

func defectOf(f finding.Finding) defect { return defect{f.Rule, f.Object, f.Position} }

// acceptedAmong returns the reasons of the findings that are suppressed.
func acceptedAmong(findings []finding.Finding) map[defect]string {
	accepted := map[defect]string{}
	for _, f := range findings {
		if f.Suppressed != "" {
			accepted[defectOf(f)] = f.Suppressed
		}
	}
	return accepted
}

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
	for _, enter := range []func(finding.Finding) bool{j.exempted, j.direct, j.around, j.telling, j.becoming, j.spanned, j.defaulted} {
		errors = slices.DeleteFunc(errors, func(f finding.Finding) bool {
			j.accepting = j.accepted[defectOf(f)]
			return enter(f)
		})
	}
	for _, f := range errors {
		reason := f.Message
		if accepted := j.accepted[defectOf(f)]; accepted != "" {
			reason = "suppressed (" + accepted + "): " + reason
		}
		j.beside = append(j.beside, Beside{j.role(), f.Rule, f.Object, reason})
	}
	for _, u := range j.result.Undecided {
		if u.Code == "function-body" {
			j.beside = append(j.beside, Beside{j.role(), "", u.Object, "undecided: " + u.Reason})
		}
	}
}

// enter keeps the first way to a place that nobody accepts, or the first one.
func (j *judge) enter(r *pgschema.Relation, command string, w way) {
	w.accepted = j.accepting
	at := place{r, command}
	if old := j.ways[at]; old == nil || old.accepted != "" && w.accepted == "" {
		j.ways[at] = &w
	}
}

// policyWays enters what the policies let through.
func (j *judge) policyWays() {
	for t := range j.owned() {
		for _, l := range j.policyLeaks(t) {
			if l.verdict != sqlcheck.Unpinned || l.signed {
				continue
			}
			j.accepting = j.accepted[defect{l.rule, object(t.Relation), l.at()}]
			for _, command := range l.commands {
				w := way{rule: l.rule, reason: "policy " + l.policy.Name + ": " + l.admission.Reason, witness: j.statement(t.Relation, command)}
				if key := tenantKey(t)[0]; l.admission.Unset && !l.admission.Null && command == "update" && j.policies(j.session, t.Relation, command, withCheck).verdict == sqlcheck.Pinned {
					// The check refuses the new row, which tells that the old one is there.
					w.witness = fmt.Sprintf("%s\nWHERE %s = %s;", strings.TrimSuffix(w.witness, ";"), quote(key), sample(typeOf(t.Relation, key), true))
				}
				if l.admission.Unset {
					w.witness = "-- on a connection where no tenant is set\n" + w.witness
				} else if l.rule == "policy-bypass-setting" {
					w.witness = turnOn(l.opening) + w.witness
				} else if command == "update" && !slices.Contains(l.clauses, using) {
					w.witness = j.moving(t.Relation, tenantKey(t)[0])
				} else if key := tenantKey(t)[0]; command == "update" && j.mayColumn(j.session, t.Relation, key, command) && j.takes(t.Relation) {
					w.witness = j.taking(t.Relation, key)
				}
				j.enter(t.Relation, command, w)
			}
		}
	}
}

// takes reports whether an UPDATE reaches other tenants' rows by making them the session's own: the check refuses what it
// leaves as another's, or there is no column that it may write without reading it.
func (j *judge) takes(r *pgschema.Relation) bool {
	_, reads := j.harmless(r)
	return reads || j.policies(j.session, r, "update", withCheck).verdict == sqlcheck.Pinned
}

// direct enters an error about what statements that name a relation reach, and reports whether it is one.
func (j *judge) direct(f finding.Finding) bool {
	var commands []string
	switch f.Rule {
	case "policy-leaks", "policy-fails-open", "policy-bypass-setting", "policy-hardcoded-tenant", "policy-write-gap":
		return true
	case "child-table-unpinned":
		if r := j.relation(f.Object); r != nil && r.RowSecurity {
			return true // by a policy
		}
		commands = dml
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
	if t := j.classes.Get(r); t != nil && t.Class == classify.Registry && f.Rule == "rls-disabled" {
		commands = []string{"update", "delete"} // to read the list is less, and who adds to it adds a tenant
	}
	for _, command := range commands {
		if j.may(j.session, r, command) {
			w := way{rule: f.Rule, reason: f.Message, witness: j.statement(r, command)}
			if f.Rule == "security-barrier-missing" {
				w.witness = peeking(r)
			}
			j.enter(r, command, w)
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
	key := keyOf(r, strings.TrimPrefix(f.Object, object(r)+"."))
	for _, command := range []string{"insert", "update"} {
		columns := j.withSources(r, key, command)
		written := slices.DeleteFunc(slices.Clone(columns), func(c string) bool { return !j.mayColumn(j.session, r, c, command) })
		if len(written) > 0 {
			j.enter(r, command, way{rule: f.Rule, reason: f.Message, witness: comment + j.claiming(r, command, written)})
		}
		for view, shown := range j.viewsOf(r) {
			var names []string
			for _, c := range columns {
				if j.writesShown(j.session, view, shown[c], command) {
					names = append(names, shown[c])
				}
			}
			if len(names) > 0 {
				j.enter(view, command, way{rule: f.Rule, reason: f.Message, witness: comment + j.claiming(view, command, names)})
			}
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
