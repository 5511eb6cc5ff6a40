package schemacheck

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/sqlcheck"
)

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
	if _, other, ok := strings.Cut(strings.Join(f.Evidence, "\n"), "SET ROLE "); ok {
		other = strings.Trim(strings.TrimSuffix(other, ";"), `"`)
		return j.as(session{role: other}, strings.Join(f.Evidence, "\n")+"\n", f)
	}
	entered := false
	for t := range j.owned() {
		if owner := j.roles.owner(t.Relation); owner != "" && !j.roles.attributes(owner).Superuser {
			grant := fmt.Sprintf("GRANT %s TO %s;\n", quote(owner), quote(j.session.role))
			entered = j.as(session{role: owner}, fmt.Sprintf("%sSET ROLE %s;\n", grant, quote(owner)), f) || entered
			if j.roles.attributes(j.session.role).Inherit {
				j.inheriting(owner, grant, f)
			}
		}
	}
	return entered
}

// inheriting enters the role's own views of tables whose owner's rights it has beside its own once it is a member.
func (j *judge) inheriting(owner, grant string, f finding.Finding) {
	for _, view := range j.schema.Sorted() {
		reads := view.Kind == pgschema.View && j.listed(view) && slices.ContainsFunc(j.analyze(view).References, func(ref *sqlcheck.Reference) bool {
			return j.roles.owner(ref.Relation) == owner && j.reader(view, ref, j.session).role == j.session.role
		})
		for _, command := range dml {
			if reads && (command == "select" || writable(view)) && j.may(j.session, view, command) {
				j.enter(view, command, way{rule: f.Rule, reason: f.Message, witness: grant + j.statement(view, command)})
			}
		}
	}
}

// showsMore reports whether a command of another session on a view that does not check its caller is confined neither by
// the view's condition nor by the policies that bind its owner.
func (j *judge) showsMore(view *pgschema.Relation, other session, command string) bool {
	return slices.ContainsFunc(j.analyze(view).References, func(ref *sqlcheck.Reference) bool {
		return !j.fixed(statement(view.Query), ref) && !j.confined(j.reader(view, ref, other), ref.Relation, command)
	})
}

// as enters what another session may do to the tables, and to the views that check their caller or that it reaches others
// by, after the given statements.
func (j *judge) as(other session, start string, f finding.Finding) bool {
	entered := false
	enter := func(r *pgschema.Relation, command string) {
		if j.may(other, r, command) {
			entered = true
			j.enter(r, command, way{rule: f.Rule, reason: f.Message, witness: start + j.statement(r, command)})
		}
	}
	for t := range j.owned() {
		for _, command := range Commands {
			enter(t.Relation, command)
		}
	}
	for _, view := range j.schema.Sorted() {
		if view.Kind == pgschema.MaterializedView && start != "" && j.listed(view) && j.holdsRows(view) != nil {
			enter(view, "select")
		}
		if view.Kind != pgschema.View || !j.listed(view) {
			continue
		}
		for _, command := range dml {
			if (view.SecurityInvoker || start != "" && j.showsMore(view, other, command)) && (command == "select" || writable(view)) {
				enter(view, command)
			}
		}
	}
	return entered
}
