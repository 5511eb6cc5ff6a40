package schemacheck

import (
	"fmt"
	"strings"

	"github.com/tenantvet/tenantvet/finding"
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
				j.enter(t.Relation, command, way{rule: f.Rule, reason: f.Message, witness: start + j.statement(t.Relation, command)})
			}
		}
	}
	return entered
}
