package drift

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/pgschema"
)

var relationKinds = map[pgschema.Kind]string{
	pgschema.Table: kindTable, pgschema.PartitionedTable: kindTable, pgschema.ForeignTable: "foreign table",
	pgschema.View: "view", pgschema.MaterializedView: "materialized view", pgschema.Sequence: kindSequence,
}

func (l *list) relation(r *pgschema.Relation) {
	name, kind := l.name(r.Name), relationKinds[r.Kind]
	switch {
	case r.PartitionOf != nil:
		kind = kindPartition
	case r.Kind == pgschema.Sequence:
		l.add(kind, "", name)
		l.grants(name, r.Grants)
		return
	}
	if r.IsTable() {
		l.add(kind, "", name, onOff("row-level security", r.RowSecurity), onOff("forced row-level security", r.ForceRowSecurity),
			l.partitioning(r), l.owner(r.Owner))
		l.columns(name, r)
	} else {
		l.add(kind, "", name, onOff("security_invoker", r.SecurityInvoker), onOff("security_barrier", r.SecurityBarrier),
			"check option "+or(r.CheckOption, "none"), "AS "+l.query(r.Query), l.owner(r.Owner))
	}
	for _, c := range r.Constraints {
		l.add("constraint", name, l.part(c.Name), l.constraint(c)...)
	}
	for _, i := range r.Indexes {
		if i.Constraint == "" {
			l.add("index", name, l.part(i.Name), l.index(i)...)
		}
	}
	for _, p := range r.Policies {
		mode := "RESTRICTIVE"
		if p.Permissive {
			mode = "PERMISSIVE"
		}
		l.add(kindPolicy, name, l.part(p.Name), fmt.Sprintf("%s FOR %s TO %s", mode, strings.ToUpper(p.Command), l.roles(p.Roles)),
			"USING "+l.text(p.Using), "WITH CHECK "+l.text(p.Check))
	}
	for _, t := range r.Triggers {
		l.add("trigger", name, l.part(t.Name), l.trigger(t)...)
	}
	for _, rule := range r.Rules {
		l.add("rule", name, l.part(rule.Name), l.rule(rule)...)
	}
	l.grants(name, r.Grants)
}

func (l *list) partitioning(r *pgschema.Relation) string {
	var parts []string
	if r.PartitionStrategy != "" {
		parts = append(parts, fmt.Sprintf("PARTITION BY %s (%s)", r.PartitionStrategy, strings.Join(r.PartitionKey, ", ")))
	}
	if r.PartitionOf != nil {
		parts = append(parts, "PARTITION OF "+l.name(*r.PartitionOf))
	}
	for _, parent := range r.Inherits {
		parts = append(parts, "INHERITS "+l.name(parent))
	}
	if parts == nil {
		return "no parts"
	}
	return strings.Join(parts, " ")
}

// columns lists the columns by name: their numbers differ as soon as one was ever dropped.
func (l *list) columns(relation string, r *pgschema.Relation) {
	for _, c := range r.Columns {
		value := "no default"
		switch {
		case c.Generated != nil:
			value = "GENERATED " + l.text(c.Generated)
		case c.Identity == 'a':
			value = "IDENTITY ALWAYS"
		case c.Identity == 'd':
			value = "IDENTITY BY DEFAULT"
		case c.Default != nil:
			value = "DEFAULT " + l.text(c.Default)
		}
		nullable := "nullable"
		if c.NotNull {
			nullable = "NOT NULL"
		}
		l.add(kindColumn, relation, c.Name, "type "+l.ownless(c.Type), nullable, value)
		for _, g := range l.byGrantee(c.Grants) {
			l.add(kindGrant, relation, g.grantee+" (column "+c.Name+")", g.privileges)
		}
	}
}

func (l *list) constraint(c *pgschema.Constraint) []string {
	columns := strings.Join(c.Columns, ", ")
	var text string
	switch c.Kind {
	case pgschema.PrimaryKey:
		text = "PRIMARY KEY (" + columns + ")"
	case pgschema.Unique:
		text = "UNIQUE (" + columns + ")"
		if c.NullsNotDistinct {
			text = "UNIQUE NULLS NOT DISTINCT (" + columns + ")"
		}
	case pgschema.ForeignKey:
		text = fmt.Sprintf("FOREIGN KEY (%s) REFERENCES %s (%s) ON DELETE %s ON UPDATE %s", columns, l.name(c.RefTable),
			strings.Join(c.RefColumns, ", "), strings.ToUpper(c.OnDelete), strings.ToUpper(c.OnUpdate))
	case pgschema.Check:
		text = "CHECK (" + l.text(c.Check) + ")"
	case pgschema.Exclusion:
		text = "EXCLUDE (" + columns + ")"
	}
	options := ""
	for _, o := range []struct {
		on   bool
		name string
	}{{c.Deferrable, "DEFERRABLE"}, {c.NoInherit, "NO INHERIT"}} {
		if o.on {
			options += " " + o.name
		}
	}
	valid := "valid"
	if c.NotValid {
		valid = "NOT VALID"
	}
	return []string{text + options, valid}
}

func (l *list) index(i *pgschema.Index) []string {
	keys := slices.Clone(i.Columns)
	for n := range keys {
		if e := i.Exprs[n]; e != nil {
			keys[n] = "(" + l.text(e) + ")"
		}
		if o := i.Options[n]; o != "" {
			keys[n] += " " + l.ownless(o)
		}
	}
	text := fmt.Sprintf("%s (%s)", i.Method, strings.Join(keys, ", "))
	if i.Unique {
		text = "UNIQUE " + text
	}
	if i.NullsNotDistinct {
		text += " NULLS NOT DISTINCT"
	}
	if len(i.Include) > 0 {
		text += " INCLUDE (" + strings.Join(i.Include, ", ") + ")"
	}
	where, valid := "all rows", "valid"
	if i.Where != nil {
		where = "WHERE " + l.text(i.Where)
	}
	if i.Invalid {
		valid = "INVALID"
	}
	return []string{text, where, valid}
}

func (l *list) trigger(t *pgschema.Trigger) []string {
	events := strings.ToUpper(strings.Join(t.Events, " OR "))
	if len(t.Columns) > 0 {
		events += " OF " + strings.Join(slices.Sorted(slices.Values(t.Columns)), ", ")
	}
	each := "STATEMENT"
	if t.ForRow {
		each = "ROW"
	}
	when := "always"
	if t.When != nil {
		when = "WHEN " + l.text(t.When)
	}
	return []string{fmt.Sprintf("%s %s FOR EACH %s EXECUTE FUNCTION %s", strings.ToUpper(t.Timing), events, each, l.name(t.Function)),
		when, onOff("trigger", !t.Disabled)}
}

func (l *list) rule(r *pgschema.Rule) []string {
	do := "ALSO"
	if r.Instead {
		do = "INSTEAD"
	}
	actions := make([]string, len(r.Actions))
	for i, a := range r.Actions {
		actions[i] = l.statement(a)
	}
	return []string{fmt.Sprintf("ON %s DO %s", strings.ToUpper(r.Event), do), "WHERE " + l.condition(r.Where), strings.Join(actions, "; ")}
}

func onOff(what string, on bool) string {
	if on {
		return what + " on"
	}
	return what + " off"
}

func or(text, fallback string) string {
	if text == "" {
		return fallback
	}
	return text
}
