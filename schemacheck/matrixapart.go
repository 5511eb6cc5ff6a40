package schemacheck

import (
	"slices"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/classify"
)

// placed answers for a table that belongs to one tenant because of the schema or database that it is in: others reach
// it by a role that reaches the schemas of several.
func (j *judge) placed(c *Cell, r *pgschema.Relation) {
	if _, ofTenant := slices.BinarySearch(j.tenants, r.Schema); !ofTenant {
		c.Verdict = finding.Isolated // the database is one tenant's, or the migrations build the schema of one
		return
	}
	if !j.session.known() || j.session.assumed {
		c.Reason = "no GRANT says whether the role reaches the schemas of several tenants"
		return
	}
	for _, f := range j.result.Findings {
		if f.Rule == "role-spans-schemas" && f.Object == j.session.role && f.Severity < finding.Error {
			c.Verdict, c.Rule, c.Reason = Warned, f.Rule, f.Message
			return
		}
	}
	c.Verdict = finding.Isolated
}

// spanned enters the tables of other tenants' schemas that a tenant's own role reaches, and reports whether an error
// is about that.
func (j *judge) spanned(f finding.Finding) bool {
	if f.Rule != "role-spans-schemas" {
		return false
	}
	if f.Object != j.session.role {
		return slices.Contains(j.model.Roles.App, f.Object) // whose rows say so
	}
	entered := false
	own := ownSchema(j.session.role, distinctive(j.tenants))
	for _, r := range j.tablesOf(j.tenants) {
		if r.Schema == own || !j.roles.mayUse(j.session.role, r.Schema) {
			continue
		}
		for _, command := range Commands {
			if j.may(j.session, r, command) {
				entered = true
				j.enter(r, command, way{rule: f.Rule, reason: f.Message, witness: j.statement(r, command)})
			}
		}
	}
	return entered
}

// sameForAll reports whether a table that nobody classified is taken to hold the same for all tenants, as lists of
// countries and plans do: the role reads it and nothing more, and no column of it refers to anybody's row.
func (j *judge) sameForAll(t *classify.Table) bool {
	r := t.Relation
	if t.Class != classify.Unclassified || j.apart[t] || !j.session.known() || j.session.assumed || r.RowSecurity || len(r.Policies) > 0 || isPart(r) {
		return false
	}
	for _, command := range Commands {
		if j.ways[place{r, command}] != nil || command != "select" && j.may(j.session, r, command) {
			return false
		}
	}
	return !slices.ContainsFunc(r.Columns, func(c *pgschema.Column) bool {
		key := slices.ContainsFunc(r.Indexes, func(i *pgschema.Index) bool { return i.Primary && slices.Equal(i.Columns, []string{c.Name}) })
		return !key && isReference(c.Name) || user.MatchString(c.Name)
	})
}
