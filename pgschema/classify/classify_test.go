package classify_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/classify"
	"github.com/tenantvet/tenantvet/tenancy"
)

// schema builds a schema from lines such as
//
//	invoice: id! tenant_id! customer_id | id | customer_id -> customer(id) cascade
//
// the name, the columns (with ! those that are NOT NULL), the primary key and the foreign keys.
func schema(lines ...string) *pgschema.Schema {
	s := pgschema.New()
	for _, line := range lines {
		name, rest, _ := strings.Cut(line, ":")
		r := &pgschema.Relation{Name: pgschema.Name{Schema: "public", Name: name}, Kind: pgschema.Table}
		parts := append(strings.Split(rest, "|"), "")
		for _, column := range strings.Fields(parts[0]) {
			short := strings.TrimSuffix(column, "!")
			r.Columns = append(r.Columns, &pgschema.Column{Name: short, NotNull: short != column})
		}
		for i, part := range parts[1:] {
			switch from, to, foreign := strings.Cut(part, "->"); {
			case foreign:
				table, key, _ := strings.Cut(to, "(")
				key, action, _ := strings.Cut(key, ")")
				r.Constraints = append(r.Constraints, &pgschema.Constraint{
					Kind: pgschema.ForeignKey, Columns: strings.Fields(from), OnDelete: strings.TrimSpace(action),
					RefTable: pgschema.Name{Schema: "public", Name: strings.TrimSpace(table)}, RefColumns: strings.Fields(key),
				})
			case i == 0 && strings.TrimSpace(part) != "":
				r.Constraints = append(r.Constraints, &pgschema.Constraint{Kind: pgschema.PrimaryKey, Columns: strings.Fields(part)})
			}
		}
		s.Relations[r.Name] = r
	}
	return s
}

// classes writes the classes as "name: class detail", in order of name.
func classes(c *classify.Classes) []string {
	var lines []string
	for _, t := range c.Tables() {
		line := fmt.Sprintf("%s: %s", t.Relation.Name.Name, t.Class)
		switch {
		case t.Column != "":
			line += " " + strings.Join(t.Columns, " ")
		case t.Parent != nil:
			line += fmt.Sprintf(" of %s by %s", t.Parent.Relation.Name.Name, strings.Join(t.Via.Columns, ","))
		default:
			line += " (" + t.Reason + ")"
		}
		lines = append(lines, line)
	}
	return lines
}

func TestOf(t *testing.T) {
	const orphan = "no tenant column, and no foreign key to a tenant table"
	model := &tenancy.Model{Columns: []string{"tenant_id"}}
	for name, c := range map[string]struct {
		model *tenancy.Model
		lines []string
		want  []string
	}{
		"column in any spelling": {
			model,
			[]string{"a: tenant_id", "b: tenantId", "c: TenantID", "d: tenant", "e: default_tenant_id"},
			[]string{"a: tenant tenant_id", "b: tenant tenantId", "c: tenant TenantID", "d: unclassified (" + orphan + ")", "e: unclassified (" + orphan + ")"},
		},
		"several columns, the model's order decides": {
			&tenancy.Model{Columns: []string{"project_id", "org_id"}},
			[]string{"a: org_id! project_id!", "b: org_id!", "c: org_id! project_id", "d: org_id project_id"},
			[]string{"a: tenant project_id org_id", "b: tenant org_id", "c: tenant org_id project_id", "d: tenant project_id org_id"},
		},
		"registry by foreign keys": {
			model,
			[]string{"accounts: id! | id", "a: tenant_id! | | tenant_id -> accounts(id)", "b: tenant_id! | | tenant_id -> accounts(id)", "tenant: id! | id", "c: tenant_id! | | tenant_id -> tenant(id)"},
			[]string{"a: tenant tenant_id", "accounts: registry id", "b: tenant tenant_id", "c: tenant tenant_id", "tenant: unclassified (" + orphan + ")"},
		},
		"registry by name": {
			&tenancy.Model{Columns: []string{"org_id"}},
			[]string{"organisations: id! | id", "a: org_id!"},
			[]string{"a: tenant org_id", "organisations: registry id"},
		},
		"registry of the model": {
			&tenancy.Model{Columns: []string{"tenant_id"}, Registry: "customers"},
			[]string{"customers: slug! id! | id", "a: tenant_id! | | tenant_id -> customers(slug)"},
			[]string{"a: tenant tenant_id", "customers: registry slug"},
		},
		"registries of enclosing concepts": {
			&tenancy.Model{Columns: []string{"project_id", "org_id"}},
			[]string{
				"orgs: id! | id", "projects: id! org_id! | id | org_id -> orgs(id)", "a: project_id! | | project_id -> projects(id)",
				"b: project_id! | | project_id -> projects(id)", "plan: owner! | | owner -> orgs(id)",
			},
			[]string{"a: tenant project_id", "b: tenant project_id", "orgs: registry id", "plan: tenant owner", "projects: registry id org_id"},
		},
		"a table above itself is no second registry": {
			&tenancy.Model{Columns: []string{"tenant_id", "org_id"}, Registry: "tenants"},
			[]string{"tenants: id! | id", "units: id! org_id! | id | org_id -> units(id)"},
			[]string{"tenants: registry id", "units: tenant org_id"},
		},
		"another name for the reference to the registry": {
			model,
			[]string{
				"tenants: id! | id", "a: tenant_id! | | tenant_id -> tenants(id)", "member: owner! | | owner -> tenants(id)",
				"maybe: owner | | owner -> tenants(id)", "transfer: source! target! | | source -> tenants(id) | target -> tenants(id)",
			},
			[]string{
				"a: tenant tenant_id", "maybe: unclassified (its foreign key to public.tenants may be NULL)", "member: tenant owner",
				"tenants: registry id", "transfer: unclassified (references the tenant registry by several columns: source, target)",
			},
		},
		"declared shared, before everything else": {
			&tenancy.Model{Columns: []string{"tenant_id"}, Shared: []tenancy.SharedTable{{Name: "a", Reason: "rates"}, {Name: "other.b", Reason: "x"}}},
			[]string{"a: tenant_id!", "b: tenant_id!"},
			[]string{"a: shared (rates)", "b: tenant tenant_id"},
		},
		"tables of tools": {
			model,
			[]string{"goose_db_version: id", "river_job: id", "schema_migrations: tenant_id"},
			[]string{"goose_db_version: shared (bookkeeping of a migration tool)", "river_job: shared (bookkeeping of a job queue)", "schema_migrations: tenant tenant_id"},
		},
		"children": {
			model,
			[]string{
				"a: id! tenant_id! | id", "child: id! a_id! | id | a_id -> a(id)", "grandchild: child_id! | | child_id -> child(id)",
				"optional: a_id | | a_id -> a(id)", "pair: x! y! | | x y -> a(tenant_id id)", "half: x! y | | x y -> a(tenant_id id)",
			},
			[]string{
				"a: tenant tenant_id", "child: child of a by a_id", "grandchild: child of child by child_id",
				"half: unclassified (its foreign key to public.a may be NULL)", "optional: unclassified (its foreign key to public.a may be NULL)",
				"pair: child of a by x,y",
			},
		},
		"the owning parent, even when it is farther": {
			model,
			[]string{
				"task: id! tenant_id! | id", "tag: id! tenant_id! | id", "step: id! task_id! | id | task_id -> task(id) cascade",
				"step_tag: tag_id! step_id! | | tag_id -> tag(id) restrict | step_id -> step(id) cascade",
			},
			[]string{"step: child of task by task_id", "step_tag: child of step by step_id", "tag: tenant tenant_id", "task: tenant tenant_id"},
		},
		"the parent in the primary key": {
			model,
			[]string{"a: id! tenant_id! | id", "b: id! tenant_id! | id", "c: a_id! b_id! n! | b_id n | a_id -> a(id) | b_id -> b(id)"},
			[]string{"a: tenant tenant_id", "b: tenant tenant_id", "c: child of b by b_id"},
		},
		"cycles": {
			model,
			[]string{
				"a: id! b_id! | id | b_id -> b(id)", "b: id! a_id! | id | a_id -> a(id)", "self: id! parent! | id | parent -> self(id)",
				"x: id! y_id! t_id! | id | y_id -> y(id) cascade | t_id -> t(id)", "y: id! x_id! | id | x_id -> x(id) cascade", "t: id! tenant_id! | id",
			},
			[]string{
				"a: unclassified (" + orphan + ")", "b: unclassified (" + orphan + ")", "self: unclassified (" + orphan + ")",
				"t: tenant tenant_id", "x: child of t by t_id", "y: child of x by x_id",
			},
		},
		"no tenancy": {
			&tenancy.Model{},
			[]string{"a: id! | id", "b: a_id! | | a_id -> a(id)"},
			[]string{"a: unclassified (" + orphan + ")", "b: unclassified (" + orphan + ")"},
		},
		"a broken foreign key": {
			model,
			[]string{"a: x! | | x -> nowhere(id)", "b: x! | | x -> a(id y)", "c: x! | | z -> a(id)"},
			[]string{"a: unclassified (" + orphan + ")", "b: unclassified (" + orphan + ")", "c: unclassified (" + orphan + ")"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, c.want, classes(classify.Of(schema(c.lines...), c.model)))
		})
	}
}

func TestPartitionsAndHeirs(t *testing.T) {
	s := schema("a: tenant_id!", "a1: tenant_id!", "a11: tenant_id!", "child: id! p! | id | p -> parent(id)", "child_1: id! p!", "heir: id! p! x", "parent: id! tenant_id! | id", "own: tenant_id! id! p!")
	name := func(n string) *pgschema.Name { return &pgschema.Name{Schema: "public", Name: n} }
	s.Relations[*name("a1")].PartitionOf = name("a")
	s.Relations[*name("a11")].PartitionOf = name("a1")
	s.Relations[*name("child_1")].PartitionOf = name("child")
	s.Relations[*name("heir")].Inherits = []pgschema.Name{*name("child")}
	s.Relations[*name("own")].Inherits = []pgschema.Name{*name("child")}
	c := classify.Of(s, &tenancy.Model{Columns: []string{"tenant_id"}})
	assert.Equal(t, []string{
		"a: tenant tenant_id", "a1: tenant tenant_id", "a11: tenant tenant_id", "child: child of parent by p", "child_1: child of parent by p",
		"heir: child of parent by p", "own: tenant tenant_id", "parent: tenant tenant_id",
	}, classes(c))

	s.Relations[*name("a")].PartitionOf = name("a11") // no server allows this
	classify.Of(s, &tenancy.Model{Columns: []string{"tenant_id"}})
}

func TestOtherRelations(t *testing.T) {
	s := schema("a: tenant_id!", "v: tenant_id!", "tmp: tenant_id", "geo: id")
	for _, r := range slices.Collect(maps.Values(s.Relations)) {
		switch r.Name.Name {
		case "v":
			r.Kind = pgschema.View
		case "tmp":
			r.Temporary = true
		case "geo":
			r.Extension = "postgis"
		}
	}
	c := classify.Of(s, &tenancy.Model{Columns: []string{"tenant_id"}})
	assert.Equal(t, []string{
		"a: tenant tenant_id", "geo: shared (belongs to the extension postgis)", "tmp: shared (temporary table, which only its own session sees)",
	}, classes(c))
	assert.Nil(t, c.Get(s.Lookup("", "v")))
	assert.Nil(t, c.Get(nil))
	assert.Nil(t, (*classify.Classes)(nil).Get(s.Lookup("", "a")))
	assert.Empty(t, (*classify.Classes)(nil).Tables())
	assert.Equal(t, classify.Tenant, c.Get(s.Lookup("", "a")).Class)
}
