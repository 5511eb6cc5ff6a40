package schemacheck

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/pgschema"
)

// Witnesses: statements that one tenant would run. Where a value of the other tenant is needed, theirs
// has the letter b.

// statement writes a statement that reaches every row that nothing keeps from it, or for INSERT makes a row of
// another tenant.
func (j *judge) statement(r *pgschema.Relation, command string) string {
	name := quoteName(r.Name)
	switch command {
	case "insert":
		return j.insert(r, true, nil)
	case "update":
		set, _ := j.harmless(r)
		return fmt.Sprintf("UPDATE %s SET %s;", name, set)
	case "delete":
		return fmt.Sprintf("DELETE FROM %s;", name)
	case "truncate":
		return fmt.Sprintf("TRUNCATE %s;", name)
	}
	return fmt.Sprintf("SELECT * FROM %s;", name)
}

// harmless returns an assignment that says nothing about the tenant: a constant to a column in no key, so that no column
// is read, for which the SELECT policies would apply too; else, and then it reads, a column to itself.
func (j *judge) harmless(r *pgschema.Relation) (assignment string, reads bool) {
	if len(r.Columns) == 0 {
		return "id = id", true
	}
	t, name := j.classes.Get(r), ""
	for _, c := range r.Columns {
		if c.Generated != nil || c.Identity != 0 || t != nil && j.isTenantColumn(t, c.Name) || j.model.IsTenantColumn(c.Name) || !j.mayColumn(j.session, r, c.Name, "update") {
			continue
		}
		if name == "" {
			name = c.Name
		}
		if value := sample(c.Type, false); value != "NULL" && !keyed(r, c.Name) && (r.IsTable() || !isReference(c.Name)) {
			return quote(c.Name) + " = " + value, false
		}
	}
	if name == "" {
		name = r.Columns[0].Name
	}
	return quote(name) + " = " + quote(name), true
}

// keyed reports whether a column is in a constraint or unique index.
func keyed(r *pgschema.Relation, column string) bool {
	return slices.ContainsFunc(r.Constraints, func(c *pgschema.Constraint) bool {
		return c.Kind == pgschema.Check || slices.Contains(c.Columns, column)
	}) || slices.ContainsFunc(r.Indexes, func(i *pgschema.Index) bool {
		for _, e := range i.Exprs {
			if i.Unique && strings.Contains(e.Text, column) {
				return true
			}
		}
		return i.Unique && slices.Contains(i.Columns, column)
	})
}

// taking writes an UPDATE that gives every row to the tenant itself.
func (j *judge) taking(r *pgschema.Relation, column string) string {
	return fmt.Sprintf("UPDATE %s SET %s = %s;", quoteName(r.Name), quote(column), sample(typeOf(r, column), false))
}

// moving writes an UPDATE that sets a column to a value of the other tenant.
func (j *judge) moving(r *pgschema.Relation, column string) string {
	return fmt.Sprintf("UPDATE %s SET %s = %s;", quoteName(r.Name), quote(column), sample(typeOf(r, column), true))
}

func typeOf(r *pgschema.Relation, column string) string {
	if c := r.Column(column); c != nil {
		return c.Type
	}
	return ""
}

// writing writes a statement on a view by which a row of another tenant comes into its table.
func (j *judge) writing(view *pgschema.Relation, command string) string {
	if _, column := j.writesThrough(view); command == "update" {
		return j.moving(view, column)
	}
	return j.statement(view, command)
}

// claiming writes a statement that gives a row of the tenant's own a key of the other tenant.
func (j *judge) claiming(r *pgschema.Relation, command string, columns []string) string {
	if command == "insert" {
		return j.insert(r, false, columns)
	}
	for _, c := range columns {
		if t := j.classes.Get(r); j.mayColumn(j.session, r, c, command) && (t == nil || !j.isTenantColumn(t, c)) {
			return strings.TrimSuffix(j.moving(r, c), ";") + j.oneRow(r) + ";"
		}
	}
	return j.moving(r, columns[0])
}

// oneRow picks a row of the tenant's own by the primary key.
func (j *judge) oneRow(r *pgschema.Relation) string {
	for _, index := range r.Indexes {
		if index.Primary && len(index.Columns) == 1 {
			return fmt.Sprintf("\nWHERE %s = %s", quote(index.Columns[0]), sample(typeOf(r, index.Columns[0]), false))
		}
	}
	return ""
}

// insert writes an INSERT with values for the tenant key and the columns that need one. Those named are
// given values of the other tenant; so is the tenant key when the row is to be another's.
func (j *judge) insert(r *pgschema.Relation, another bool, named []string) string {
	t := j.classes.Get(r)
	var columns, values []string
	for _, c := range r.Columns {
		key := t != nil && j.isTenantColumn(t, c.Name) || j.model.IsTenantColumn(c.Name)
		asked := slices.Contains(named, c.Name)
		if c.Generated != nil || c.Identity != 0 || r.IsTable() && !key && !asked && (!c.NotNull || c.Default != nil) {
			continue
		}
		value := sample(c.Type, asked && !key || key && another)
		switch bound := j.boundSample(r, c.Name); {
		case bound != "" && !key:
			value = bound
		case !key && !asked && c.Type == "uuid" && ownUser.MatchString(c.Name):
			value = sampleUser
		case !key && !asked && j.isNew(r, c.Name):
			value = freshSample(c.Type)
		}
		columns, values = append(columns, quote(c.Name)), append(values, value)
	}
	if len(columns) == 0 {
		return fmt.Sprintf("INSERT INTO %s DEFAULT VALUES;", quoteName(r.Name))
	}
	return fmt.Sprintf("INSERT INTO %s (%s)\nVALUES (%s);", quoteName(r.Name), strings.Join(columns, ", "), strings.Join(values, ", "))
}

// ownUser matches the columns that tell whose a row is; sampleUser is the user of the session in them.
var ownUser = regexp.MustCompile(`^(user|member|owner)_?(id|uuid)$`)

const sampleUser = "'00000000-0000-4000-8000-0000000000aa'"

// firstOfBound matches where the rows of a partition begin, or the values that they have.
var firstOfBound = regexp.MustCompile(`(?i)^FOR VALUES (?:FROM|IN) \((.*?)\)`)

// boundSample returns a value that a partition has a place for in a column of the key, or "".
func (j *judge) boundSample(r *pgschema.Relation, column string) string {
	if r.PartitionOf == nil || j.schema.Relations[*r.PartitionOf] == nil {
		return ""
	}
	parent := j.schema.Relations[*r.PartitionOf]
	match := firstOfBound.FindStringSubmatch(r.PartitionBound)
	i := slices.Index(parent.PartitionKey, column)
	if match == nil || i < 0 {
		return ""
	}
	values := strings.Split(match[1], ",")
	if parent.PartitionStrategy == "list" {
		i = 0
	}
	if i >= len(values) || strings.Contains(strings.ToUpper(values[i]), "VALUE") {
		return ""
	}
	return strings.TrimSpace(values[i])
}

// isNew reports whether a new row needs a value of its own in a column: one of a key that refers to no row.
func (j *judge) isNew(r *pgschema.Relation, column string) bool {
	if !r.IsTable() {
		return isReference(column)
	}
	refers := slices.ContainsFunc(r.Constraints, func(c *pgschema.Constraint) bool {
		return c.Kind == pgschema.ForeignKey && slices.Contains(c.Columns, column)
	})
	return !refers && keyed(r, column)
}

// peeking writes a SELECT whose own condition is cheaper than the view's, so that it is tested first and notes the rows
// that the view hides. Any role may keep a function in its temporary schema, and steer the planner.
func peeking(view *pgschema.Relation) string {
	return fmt.Sprintf(`SET enable_indexscan = off;
SET enable_bitmapscan = off;
CREATE FUNCTION pg_temp.peek(line text) RETURNS boolean LANGUAGE plpgsql STABLE COST 0.0001 AS $$
BEGIN PERFORM set_config('peek.lines', concat(current_setting('peek.lines', true), line, E'\n'), false); RETURN true; END $$;
SELECT count(*) FROM %s v WHERE pg_temp.peek(v::text);
SELECT current_setting('peek.lines');`, quoteName(view.Name))
}

// calling writes a call of a function, or for a trigger's a write that fires it.
func (j *judge) calling(f *pgschema.Function) string {
	if f.Returns == "trigger" {
		return j.firingFunction(f)
	}
	var args []string
	for i, sqlType := range f.Args {
		if f.Defaults[i] != nil {
			break
		}
		value, name := sample(sqlType, true), ""
		if i < len(f.ArgNames) {
			name = strings.TrimLeft(f.ArgNames[i], "_")
		}
		if body := j.routine(f); body.injected != "" && i < len(f.ArgNames) && body.injected == f.ArgNames[i] {
			value = j.injection(body)
		}
		if value == "2" && name != "" && !j.model.IsTenantColumn(name) && !isReference(name) {
			value = "0" // a count or a limit
		}
		args = append(args, value)
	}
	verb := "SELECT * FROM"
	if f.Procedure {
		verb = "CALL"
	}
	return fmt.Sprintf("%s %s(%s);", verb, quoteName(f.Name), strings.Join(args, ", "))
}

// firingFunction writes what the session runs for a trigger function to fire.
func (j *judge) firingFunction(f *pgschema.Function) string {
	e := j.effects(j.session)
	for _, x := range slices.SortedFunc(maps.Keys(e.fired), func(a, b run) int { return strings.Compare(a.as.role, b.as.role) }) {
		if x.function != f || !f.SecurityDefiner && x.as == j.session {
			continue
		}
		by := e.fired[x]
		for _, trigger := range e.triggers(by.relation) {
			if trigger.Function == f.Name && slices.Contains(trigger.Events, by.command) && !trigger.Disabled {
				return fmt.Sprintf("-- fires trigger %s\n%s", trigger.Name, j.leading(by))
			}
		}
	}
	return ""
}

// leading writes what the session runs that leads to an effect.
func (j *judge) leading(x effect) string {
	origin, f := j.effects(j.session).origin(x)
	if f != nil {
		return j.calling(f)
	}
	return j.firing(origin.relation, origin.command)
}

// injection writes the argument that makes a body run what its caller says.
func (j *judge) injection(body *routine) string {
	before := strings.TrimSpace(body.before)
	switch {
	case strings.Count(before, "'")%2 == 1:
		return "''' OR true --'"
	case before == "":
		for t := range j.owned() {
			return "'SELECT * FROM " + strings.ReplaceAll(quoteName(t.Relation.Name), "'", "''") + "'"
		}
	}
	return "'true'"
}

// firing writes a statement on the tenant's own rows.
func (j *judge) firing(r *pgschema.Relation, command string) string {
	if command == "insert" {
		return j.insert(r, false, nil)
	}
	return j.statement(r, command)
}

// sample writes a value of a type: of the tenant itself, or of another one.
func sample(sqlType string, other bool) string {
	if other {
		return sampleOf(sqlType, "b", "2")
	}
	return sampleOf(sqlType, "a", "1")
}

// freshSample writes a value that no row has yet.
func freshSample(sqlType string) string { return sampleOf(sqlType, "c", "3") }

func sampleOf(sqlType, letter, number string) string {
	switch base, _, _ := strings.Cut(sqlType, "("); base {
	case "uuid":
		return "'00000000-0000-4000-8000-00000000000" + letter + "'"
	case "smallint", "integer", "bigint", "numeric", "real", "double precision", "oid", "money":
		return number
	case "boolean":
		return "true"
	case "json", "jsonb":
		return "'{}'"
	case "date", "timestamp without time zone", "timestamp with time zone":
		return "now()"
	case "interval":
		return "'1 day'"
	case "bytea":
		return `'\x00'`
	case "text", "character varying", "character", "citext", "name":
		return "'" + letter + "'"
	case "daterange", "tsrange", "tstzrange":
		return fmt.Sprintf("'[200%[1]s-01-01,200%[1]s-01-02)'", number)
	case "int4range", "int8range", "numrange":
		return fmt.Sprintf("'[%[1]s,%[1]s]'", number)
	}
	if strings.HasSuffix(sqlType, "[]") {
		return "'{}'"
	}
	return "NULL"
}
