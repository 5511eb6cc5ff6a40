package schemacheck

import (
	"iter"
	"slices"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/classify"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
	"github.com/tenantvet/tenantvet/sqlcheck"
	"github.com/tenantvet/tenantvet/tenancy"
)

// pass is one run of the rules over one schema.
type pass struct {
	schema  *pgschema.Schema
	classes *classify.Classes
	model   *tenancy.Model
	roles   *roles
	// functions are those of the schema by name without schema.
	functions map[string][]*pgschema.Function
	// writableViews are the views by which their tables are written with the rights of their owners, in order.
	writableViews []*pgschema.Relation
	// sessions are the roles whose sessions serve one tenant at a time.
	sessions   []session
	special    map[question]*pgschema.Expr
	admissions map[question]sqlcheck.Admission
	leaks      map[*classify.Table][]*policyLeak
	analyses   map[*pgschema.Relation]*sqlcheck.Analysis
	unset      map[*pgast.Node][]*pgschema.Relation
	routines   map[*pgschema.Function]*routine
	reached    map[session]*effects
	followed   map[runIn][]body
	questions  map[asked]string
	bodies     map[*pgschema.Function]*pgast.Node
	reduced    *sqlcheck.Database
	events     map[pgschema.Name][]pgschema.Event
	order      map[*pgast.Statement]int
	resetsAny  bool
	result     finding.Result
}

func newPass(s *pgschema.Schema, classes *classify.Classes, m *tenancy.Model) *pass {
	p := &pass{
		schema: s, classes: classes, model: m, roles: newRoles(s, m), resetsAny: mayReset(s),
		special:    map[question]*pgschema.Expr{},
		admissions: map[question]sqlcheck.Admission{},
		leaks:      map[*classify.Table][]*policyLeak{},
		analyses:   map[*pgschema.Relation]*sqlcheck.Analysis{},
		unset:      map[*pgast.Node][]*pgschema.Relation{},
		routines:   map[*pgschema.Function]*routine{},
		bodies:     map[*pgschema.Function]*pgast.Node{},
		reached:    map[session]*effects{},
		followed:   map[runIn][]body{},
		questions:  map[asked]string{},
		functions:  map[string][]*pgschema.Function{},
	}
	for _, r := range s.Sorted() {
		if r.Kind == pgschema.View && !r.SecurityInvoker && r.Query != nil && writable(r) {
			p.writableViews = append(p.writableViews, r)
		}
	}
	for _, f := range s.Functions {
		p.functions[f.Name.Name] = append(p.functions[f.Name.Name], f)
	}
	p.sessions = p.findSessions()
	return p
}

func (p *pass) report(f finding.Finding) { p.result.Findings = append(p.result.Findings, f) }

func (p *pass) undecided(at finding.Position, object, code, reason string) {
	p.result.Undecided = append(p.result.Undecided,
		finding.Undecided{Position: at, Object: object, Code: code, Reason: reason})
}

// owned yields the tables whose rows belong to tenants: tenant and child tables and the registry,
// without what an extension owns.
func (p *pass) owned() iter.Seq[*classify.Table] {
	return func(yield func(*classify.Table) bool) {
		for _, t := range p.classes.Tables() {
			switch t.Class {
			case classify.Tenant, classify.Child, classify.Registry:
			default:
				continue
			}
			if t.Relation.Temporary || t.Relation.Extension != "" {
				continue
			}
			if !yield(t) {
				return
			}
		}
	}
}

// relyOnRLS reports whether row-level security is meant to keep the tenants apart: the model says so,
// or names the setting by which the tenant reaches the database, or the schema has a policy or a
// table with row-level security.
func (p *pass) relyOnRLS() bool {
	if !p.model.IsInferred("enforcement") {
		if p.model.Enforcement != tenancy.EnforcePredicate {
			return true
		}
	} else if !p.model.IsInferred("tenant.settings") && len(p.model.Settings) > 0 {
		return true
	}
	for _, r := range p.schema.Relations {
		if r.RowSecurity || len(r.Policies) > 0 {
			return true
		}
	}
	return false
}

// isPart reports whether a table is a partition or an inheritance child: what is wrong with the columns
// and indexes that it has from its parent is said there.
func isPart(r *pgschema.Relation) bool { return r.PartitionOf != nil || len(r.Inherits) > 0 }

// parents returns the tables a part belongs to, the nearest first.
func (p *pass) parents(r *pgschema.Relation) []*pgschema.Relation {
	var parents []*pgschema.Relation
	queue := []*pgschema.Relation{r}
	for ; len(queue) > 0; queue = queue[1:] {
		names := queue[0].Inherits
		if of := queue[0].PartitionOf; of != nil {
			names = append([]pgschema.Name{*of}, names...)
		}
		for _, name := range names {
			if parent := p.schema.Relations[name]; parent != nil && parent != r && !slices.Contains(parents, parent) {
				parents = append(parents, parent)
				queue = append(queue, parent)
			}
		}
	}
	return parents
}
