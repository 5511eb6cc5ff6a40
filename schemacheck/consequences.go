package schemacheck

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
)

// Many findings stand where an object is created, though a later migration brought them about by taking
// something away. They then name that statement as well, so that a look at the newest migration alone
// shows what it does to older ones.

// removal reports what an event in the history of a relation took away that a finding is about, or "".
type removal func(p *pass, r *pgschema.Relation, e pgschema.Event) string

// consequences are the rules whose findings may be the consequence of a removal.
var consequences = map[string]removal{
	"app-role-owns-table":        detail("the table gets another owner here", "change owner"),
	"foreign-key-crosses-tenant": tenantReferenceRemoved,
	"function-bypasses-rls":      functionAltered,
	"function-search-path":       functionAltered,
	"index-tenant-only":          tenantIndexRemoved,
	"leakproof-function":         functionAltered,
	"partition-exposed":          detail(switchedOffHere, "disable row security"),
	"policy-leaks":               policyRemoved,
	"policy-role-mismatch":       policyRemoved,
	"policy-without-rls":         detail(switchedOffHere, "disable row security"),
	"policy-write-gap":           stampOrPolicyRemoved,
	"rls-disabled":               detail(switchedOffHere, "disable row security"),
	"rls-no-policy":              policyRemoved,
	"rls-not-forced":             detail("row-level security is no longer forced from here", "no force row security"),
	"security-barrier-missing":   viewOptionsChanged,
	"tenant-column-missing":      tenantColumnRemoved,
	"tenant-index-missing":       tenantIndexRemoved,
	"view-bypasses-rls":          viewOptionsChanged,
}

const switchedOffHere = "row-level security is switched off here"

// relate adds to each finding the last statement that brought it about.
func (p *pass) relate() {
	relations := map[string]*pgschema.Relation{}
	for _, r := range p.schema.Relations {
		relations[object(r)] = r
	}
	for i := range p.result.Findings {
		f := &p.result.Findings[i]
		removes := consequences[f.Rule]
		if removes == nil {
			continue
		}
		if r := concerned(f.Object, relations); r != nil {
			p.relateTo(f, r, removes)
			p.relateOwner(f, r)
		}
	}
}

// concerned returns the relation that an object is or belongs to; for a function a relation of its name, under
// which its history is kept. It is nil for an object of neither kind.
func concerned(name string, relations map[string]*pgschema.Relation) *pgschema.Relation {
	if function, _, ok := strings.Cut(name, "("); ok {
		schema, bare, _ := strings.Cut(function, ".")
		return &pgschema.Relation{Name: pgschema.Name{Schema: schema, Name: bare}}
	}
	if r := relations[name]; r != nil {
		return r
	}
	return relations[name[:max(strings.LastIndexByte(name, '.'), 0)]]
}

// relateTo adds the last statement on a relation that took away what a finding is about.
func (p *pass) relateTo(f *finding.Finding, r *pgschema.Relation, removes removal) {
	var related finding.Related
	for _, e := range p.history(r) {
		if what := removes(p, r, e); what != "" {
			related = finding.Related{Position: e.Stmt.Position(0), Message: what}
		}
	}
	at := related.Position
	if at.IsValid() && at != f.Position && !slices.ContainsFunc(f.Related, func(other finding.Related) bool { return other.Position == at }) {
		f.Related = append(f.Related, related)
	}
}

// relateOwner adds where a session became a member of the role that owns a table, to a finding about that.
func (p *pass) relateOwner(f *finding.Finding, r *pgschema.Relation) {
	if f.Rule != "app-role-owns-table" && f.Rule != "rls-not-forced" {
		return
	}
	owner := p.roles.owner(r)
	for _, s := range p.sessions {
		if at := p.membershipOrigin(s.role, owner); at.IsValid() && p.owns(s, r) {
			f.Related = append(f.Related, finding.Related{Position: at, Message: s.role + " becomes a member of " + owner + " here"})
		}
	}
}

// detail makes a removal of events with one of some details.
func detail(what string, wanted ...string) removal {
	return func(_ *pass, _ *pgschema.Relation, e pgschema.Event) string {
		if slices.Contains(wanted, e.Detail) {
			return what
		}
		return ""
	}
}

var (
	functionAltered    = detail("the function is altered here", "alter function")
	viewOptionsChanged = detail("the options of the view change here", "set rel options", "reset rel options", "replace rel options")
	triggersDisabled   = detail("triggers are switched off here", "disable trig", "disable trig all", "disable trig user")
)

func policyRemoved(_ *pass, r *pgschema.Relation, e pgschema.Event) string {
	policy, ok := e.Removed.(*pgschema.Policy)
	if !ok || policyNamed(r, policy.Name) != nil {
		return ""
	}
	return fmt.Sprintf("policy %s is dropped here", policy.Name)
}

// stampOrPolicyRemoved is about new rows, whose tenant a trigger may have set.
func stampOrPolicyRemoved(p *pass, r *pgschema.Relation, e pgschema.Event) string {
	if trigger, ok := e.Removed.(*pgschema.Trigger); ok {
		return fmt.Sprintf("trigger %s is dropped here", trigger.Name)
	}
	return cmp.Or(triggersDisabled(p, r, e), policyRemoved(p, r, e))
}

func tenantColumnRemoved(p *pass, _ *pgschema.Relation, e pgschema.Event) string {
	column, ok := e.Removed.(*pgschema.Column)
	if !ok || !p.model.IsTenantColumn(column.Name) {
		return ""
	}
	return fmt.Sprintf("column %s is dropped here", column.Name)
}

func tenantIndexRemoved(p *pass, r *pgschema.Relation, e pgschema.Event) string {
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
	if t := p.classes.Get(r); t == nil || len(columns) == 0 || !p.isTenantColumn(t, columns[0]) {
		return ""
	}
	return name + ", which leads with the tenant, is dropped here"
}

func tenantReferenceRemoved(p *pass, r *pgschema.Relation, e pgschema.Event) string {
	c, ok := e.Removed.(*pgschema.Constraint)
	if t := p.classes.Get(r); !ok || t == nil || p.target(c) == nil || !carriesTenant(t, c, p.target(c)) {
		return ""
	}
	return fmt.Sprintf("foreign key %s, which carries the tenant, is dropped here", c.Name)
}
