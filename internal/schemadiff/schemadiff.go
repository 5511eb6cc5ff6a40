// Package schemadiff compares two schemas of one database fact by fact, for tests that hold what replay builds
// against what a server says.
package schemadiff

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/pgschema"
)

// Between returns the facts that only one of two schemas has: the replayed one, or the live one of a server.
// Origins are left out, and of expressions it is compared that there is one, as a server prints them in its own
// way. The types of query columns that replay does not infer are not compared.
func Between(replayed, live *pgschema.Schema) []string {
	return difference(anyDay(dump(replayed, nil)), anyDay(dump(live, uninferred(replayed))))
}

// uninferred are the columns of queries whose types replay could not infer; it infers the plain ones only.
func uninferred(s *pgschema.Schema) map[column]bool {
	columns := map[column]bool{}
	for name, rel := range s.Relations {
		for i, c := range rel.Columns {
			if rel.Query != nil && c.Type == "" {
				columns[column{name, i}] = true
			}
		}
	}
	return columns
}

type column struct {
	relation pgschema.Name
	number   int
}

// day matches the date in the name of a partition that was made on the day of the run.
var day = regexp.MustCompile(`_20\d{6}`)

// anyDay takes the day of the run out of names, which in a replay is a fixed one.
func anyDay(lines []string) []string {
	for i, line := range lines {
		lines[i] = day.ReplaceAllString(line, "_day")
	}
	slices.Sort(lines)
	return lines
}

// dump writes everything a schema says, one fact a line, but the types of some columns.
func dump(s *pgschema.Schema, untyped map[column]bool) []string {
	d := &dumper{untyped: untyped}
	for name, ns := range s.Namespaces {
		d.line("schema %s owner %s", name, ns.Owner)
		d.grants("schema "+name, ns.Grants)
	}
	for _, rel := range s.Relations {
		if rel.Extension == "" && !rel.Temporary {
			d.relation(rel)
		}
	}
	for _, f := range s.Functions {
		if f.Extension == "" {
			d.function(f)
		}
	}
	for name, t := range s.Types {
		d.line("type %s kind %c owner %s labels %q base %s", name, t.Kind, t.Owner, t.Labels, t.Base)
		for _, a := range t.Attributes {
			d.line("type %s attribute %s %s", name, a.Name, a.Type)
		}
		d.grants("type "+name.String(), t.Grants)
	}
	for name, role := range s.Roles {
		if name != "postgres" {
			r := *role
			r.Origin = pgschema.Origin{}
			d.line("role %+v", r)
		}
	}
	for _, m := range s.Memberships {
		d.line("member %s of %s admin %t inherit %t set %t", m.Member, m.Role, m.Admin, m.Inherit, m.Set)
	}
	for _, p := range s.DefaultPrivileges {
		d.line("default of %q in %q on %s: %s to %q option %t", p.Role, p.Schema, p.Objects, p.Grant.Privilege, p.Grant.Grantee, p.Grant.GrantOption)
	}
	for _, x := range s.SettingDefaults {
		d.line("setting of %q: %s = %s", x.Role, x.Name, x.Value)
	}
	slices.Sort(d.lines)
	return d.lines
}

type dumper struct {
	untyped map[column]bool
	lines   []string
}

func (d *dumper) line(format string, args ...any) {
	d.lines = append(d.lines, fmt.Sprintf(format, args...))
}

func (d *dumper) grants(object string, grants []*pgschema.Grant) {
	for _, g := range grants {
		d.line("%s grants %s to %q option %t", object, g.Privilege, g.Grantee, g.GrantOption)
	}
}

func has(e *pgschema.Expr) string {
	switch {
	case e == nil:
		return "no"
	case e.Node == nil || e.Text == "":
		return "broken"
	}
	return "yes"
}

func (d *dumper) relation(rel *pgschema.Relation) {
	name := "relation " + rel.Name.String()
	d.line("%s kind %c owner %s unlogged %t rls %t force %t", name, rel.Kind, rel.Owner, rel.Unlogged, rel.RowSecurity, rel.ForceRowSecurity)
	d.line("%s invoker %t barrier %t check %q", name, rel.SecurityInvoker, rel.SecurityBarrier, rel.CheckOption)
	if rel.PartitionOf != nil || rel.PartitionStrategy != "" {
		d.line("%s partition of %v by %s %q", name, rel.PartitionOf, rel.PartitionStrategy, rel.PartitionKey)
	}
	d.line("%s inherits %v", name, rel.Inherits)
	d.grants(name, rel.Grants)
	if len(rel.OwnerRevoked) > 0 {
		d.line("%s owner lacks %q", name, rel.OwnerRevoked)
	}
	if rel.Kind != pgschema.Sequence {
		for i, c := range rel.Columns {
			typ := c.Type
			if d.untyped[column{rel.Name, i}] {
				typ = ""
			}
			d.column(fmt.Sprintf("%s column %d %s", name, i, c.Name), c, typ)
		}
	}
	for _, con := range rel.Constraints {
		columns := con.Columns
		if con.Kind == pgschema.Check {
			columns = slices.Sorted(slices.Values(columns))
		}
		d.line("%s constraint %s kind %c columns %q deferrable %t notvalid %t noinherit %t nullsnotdistinct %t", name, con.Name, con.Kind,
			columns, con.Deferrable, con.NotValid, con.NoInherit, con.NullsNotDistinct)
		if con.Kind == pgschema.ForeignKey {
			d.line("%s constraint %s references %s %q delete %s update %s", name, con.Name, con.RefTable, con.RefColumns, con.OnDelete, con.OnUpdate)
		}
		d.line("%s constraint %s check %s", name, con.Name, has(con.Check))
	}
	for _, i := range rel.Indexes {
		exprs := 0
		for _, e := range i.Exprs {
			if has(e) == "yes" {
				exprs++
			}
		}
		d.line("%s index %s %s columns %q exprs %d options %v include %q unique %t primary %t constraint %q where %s nullsnotdistinct %t", name, i.Name,
			i.Method, i.Columns, exprs, i.Options, i.Include, i.Unique, i.Primary, i.Constraint, has(i.Where), i.NullsNotDistinct)
	}
	for _, p := range rel.Policies {
		d.line("%s policy %s for %s permissive %t to %q using %s check %s", name, p.Name, p.Command, p.Permissive,
			slices.Compact(slices.Sorted(slices.Values(p.Roles))), has(p.Using), has(p.Check))
	}
	for _, t := range rel.Triggers {
		d.line("%s trigger %s %s %s %q columns %q row %t when %s disabled %t", name, t.Name, t.Timing, t.Function, t.Events, t.Columns,
			t.ForRow, has(t.When), t.Disabled)
	}
	for _, rule := range rel.Rules {
		d.line("%s rule %s on %s instead %t actions %d", name, rule.Name, rule.Event, rule.Instead, len(rule.Actions))
	}
	if rel.Kind == pgschema.View || rel.Kind == pgschema.MaterializedView {
		d.line("%s query %s", name, has(rel.Query))
	}
}

func (d *dumper) column(name string, c *pgschema.Column, typ string) {
	d.line("%s type %s notnull %t default %s generated %s identity %q", name, typ, c.NotNull, has(c.Default), has(c.Generated), c.Identity)
	d.grants(name, c.Grants)
}

func (d *dumper) function(f *pgschema.Function) {
	name := fmt.Sprintf("function %s(%s)", f.Name, strings.Join(f.Args, ", "))
	d.line("%s names %q defaults %d variadic %t returns %q language %s procedure %t", name, f.ArgNames, len(f.Defaults), f.Variadic, f.Returns, f.Language, f.Procedure)
	d.line("%s definer %t leakproof %t volatility %c cost %v owner %s", name, f.SecurityDefiner, f.Leakproof, f.Volatility, f.Cost, f.Owner)
	d.line("%s body %q statements %d", name, f.Body, len(f.BodyNodes))
	for k, v := range f.Settings {
		d.line("%s set %s = %s", name, k, v)
	}
	d.grants(name, f.Grants)
}

// difference returns the lines that only one of two sorted lists has.
func difference(replayed, live []string) []string {
	var out []string
	for len(replayed) > 0 || len(live) > 0 {
		var order int
		switch {
		case len(replayed) == 0:
			order = 1
		case len(live) == 0:
			order = -1
		default:
			order = cmp.Compare(replayed[0], live[0])
		}
		switch order {
		case -1:
			out = append(out, "only replayed: "+replayed[0])
			replayed = replayed[1:]
		case 1:
			out = append(out, "only live:     "+live[0])
			live = live[1:]
		default:
			replayed, live = replayed[1:], live[1:]
		}
	}
	return out
}
