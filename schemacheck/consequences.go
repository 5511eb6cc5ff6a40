package schemacheck

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/classify"
)

// Many findings stand where an object is created, though a later migration brought them about by taking
// something away. They then name that statement as well, so that a look at the newest migration alone
// shows what it does to older ones.

// removal reports what an event of a table's history took away that a finding is about, or "".
type removal func(p *pass, t *classify.Table, e pgschema.Event) string

// consequences are the rules whose findings may be the consequence of a removal.
var consequences = map[string]removal{
	"app-role-owns-table":        detail("change owner", "the table gets another owner here"),
	"foreign-key-crosses-tenant": tenantReferenceRemoved,
	"index-tenant-only":          tenantIndexRemoved,
	"partition-exposed":          detail("disable row security", "row-level security is switched off here"),
	"policy-leaks":               policyRemoved,
	"policy-role-mismatch":       policyRemoved,
	"policy-without-rls":         detail("disable row security", "row-level security is switched off here"),
	"policy-write-gap":           policyRemoved,
	"rls-disabled":               detail("disable row security", "row-level security is switched off here"),
	"rls-no-policy":              policyRemoved,
	"rls-not-forced":             detail("no force row security", "row-level security is no longer forced from here"),
	"tenant-column-missing":      tenantColumnRemoved,
	"tenant-index-missing":       tenantIndexRemoved,
}

// relate adds to each finding the last statement that brought it about.
func (p *pass) relate() {
	tables := map[string]*classify.Table{}
	for _, t := range p.classes.Tables() {
		tables[object(t.Relation)] = t
	}
	for i := range p.result.Findings {
		f := &p.result.Findings[i]
		removes := consequences[f.Rule]
		if removes == nil {
			continue
		}
		if t := concerned(f.Object, tables); t != nil {
			p.relateTo(f, t, removes)
			p.relateOwner(f, t)
		}
	}
}

// concerned returns the table that an object is or belongs to, or nil.
func concerned(object string, tables map[string]*classify.Table) *classify.Table {
	if t := tables[object]; t != nil {
		return t
	}
	return tables[object[:max(strings.LastIndexByte(object, '.'), 0)]]
}

// relateTo adds the last of a table's statements that took away what a finding is about.
func (p *pass) relateTo(f *finding.Finding, t *classify.Table, removes removal) {
	var related finding.Related
	for _, e := range p.history(t.Relation) {
		if what := removes(p, t, e); what != "" {
			related = finding.Related{Position: e.Stmt.Position(0), Message: what}
		}
	}
	at := related.Position
	if at.IsValid() && at != f.Position && !slices.ContainsFunc(f.Related, func(r finding.Related) bool { return r.Position == at }) {
		f.Related = append(f.Related, related)
	}
}

// relateOwner adds where a session became a member of the role that owns a table, to a finding about that.
func (p *pass) relateOwner(f *finding.Finding, t *classify.Table) {
	if f.Rule != "app-role-owns-table" && f.Rule != "rls-not-forced" {
		return
	}
	owner := p.roles.owner(t.Relation)
	for _, s := range p.sessions {
		if at := p.membershipOrigin(s.role, owner); at.IsValid() && p.owns(s, t.Relation) {
			f.Related = append(f.Related, finding.Related{Position: at, Message: s.role + " becomes a member of " + owner + " here"})
		}
	}
}

// detail makes a removal of events with that detail.
func detail(want, what string) removal {
	return func(_ *pass, _ *classify.Table, e pgschema.Event) string {
		if e.Detail == want {
			return what
		}
		return ""
	}
}

func policyRemoved(_ *pass, t *classify.Table, e pgschema.Event) string {
	policy, ok := e.Removed.(*pgschema.Policy)
	if !ok || policyNamed(t.Relation, policy.Name) != nil {
		return ""
	}
	return fmt.Sprintf("policy %s is dropped here", policy.Name)
}

func tenantColumnRemoved(p *pass, _ *classify.Table, e pgschema.Event) string {
	column, ok := e.Removed.(*pgschema.Column)
	if !ok || !p.model.IsTenantColumn(column.Name) {
		return ""
	}
	return fmt.Sprintf("column %s is dropped here", column.Name)
}

func tenantIndexRemoved(p *pass, t *classify.Table, e pgschema.Event) string {
	var name string
	var columns []string
	switch removed := e.Removed.(type) {
	case *pgschema.Index:
		name, columns = "index "+removed.Name, removed.Columns
	case *pgschema.Constraint:
		if removed.Kind == pgschema.PrimaryKey || removed.Kind == pgschema.Unique {
			name, columns = "key "+removed.Name, removed.Columns
		}
	}
	if len(columns) == 0 || !p.isTenantColumn(t, columns[0]) {
		return ""
	}
	return name + ", which leads with the tenant, is dropped here"
}

func tenantReferenceRemoved(p *pass, t *classify.Table, e pgschema.Event) string {
	c, ok := e.Removed.(*pgschema.Constraint)
	if !ok || p.target(c) == nil || !carriesTenant(t, c, p.target(c)) {
		return ""
	}
	return fmt.Sprintf("foreign key %s, which carries the tenant, is dropped here", c.Name)
}
