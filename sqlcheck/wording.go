package sqlcheck

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema/classify"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// named writes a reference as "public.invoice (i)", and says through which view it is reached.
func named(r *Reference) string {
	text := r.Relation.Name.String()
	if r.View != nil {
		return fmt.Sprintf("%s (through the view %s)", text, r.View.Name)
	}
	if r.Alias != r.Relation.Name.Name {
		text += " (" + r.Alias + ")"
	}
	return text
}

// doing says what a statement does with rows.
func doing(command Command) string {
	switch command {
	case Update:
		return "updates"
	case Delete:
		return "deletes"
	}
	return "reads"
}

// column is the tenant column of a reference as the statement would write it.
func column(r *Reference) string {
	if r.Table.Column == "" {
		return ""
	}
	return quote(r.Alias) + "." + quote(r.Table.Column)
}

// quote writes an identifier, in quotes where it needs them.
func quote(name string) string {
	plain := name != ""
	for i, c := range name {
		plain = plain && (c == '_' || c >= 'a' && c <= 'z' || i > 0 && c >= '0' && c <= '9')
	}
	if plain {
		return name
	}
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
}

// tenantValue is what a predicate would compare the tenant with: the column of a relation in sight that
// is pinned already, the value that pins one, or the next parameter.
func (c *subject) tenantValue(r *Reference) string {
	for _, other := range c.References {
		if other.Verdict == Pinned && !other.List && other.Table.Class == classify.Tenant && other.View == nil && c.sees(r, other) {
			return column(other)
		}
	}
	for _, other := range c.References {
		if other.Verdict == Pinned && !other.List && (other.By == Parameter || other.By == Setting) && other.Value != "" {
			return c.e.written(other.Value)
		}
	}
	text := c.e.stmt.Text()
	if strings.Contains(text, "sqlc.") {
		return "sqlc.arg('" + c.columnName(r) + "')"
	}
	if placeholders := c.e.stmt.Source.Parameters; len(placeholders) > 0 {
		first := placeholders[slices.Min(slices.Collect(maps.Keys(placeholders)))]
		if first == "?" {
			return first
		}
		return first[:1] + c.columnName(r)
	}
	return fmt.Sprintf("$%d", highestParameter(text)+1)
}

// written puts the placeholders of the statement as it was written into text that refers to them by
// number: a query of sqlc's that has @tenant_id may not have $1 too.
func (e *engine) written(text string) string {
	var b strings.Builder
	done := 0
	for l := range pgast.Lexemes(text) {
		if l.Kind != '$' {
			continue
		}
		n, err := strconv.Atoi(text[l.Start+1 : l.End])
		if placeholder, ok := e.stmt.Source.Parameters[n]; ok && err == nil {
			b.WriteString(text[done:l.Start] + placeholder)
			done = l.End
		}
	}
	return b.String() + text[done:]
}

// sees reports whether a condition on one reference may name the tenant column of another.
func (c *subject) sees(r, other *Reference) bool {
	if r.Alias == other.Alias {
		return false
	}
	found := c.e.resolve([]string{other.Alias, other.Table.Column}, r.site.scope)
	return found.found && c.e.info(found.term).inst == other.site.inst
}

func (c *subject) columnName(r *Reference) string {
	t := r.Table
	for t.Column == "" && t.Parent != nil {
		t = t.Parent
	}
	return t.Column
}

// predicate is the condition that would pin a reference.
func (c *subject) predicate(r *Reference) string {
	if r.Table.Class != classify.Child {
		return column(r) + " = " + c.tenantValue(r)
	}
	via, parent := r.Table.Via, r.Table.Parent
	p := *r
	p.Relation, p.Table, p.Alias = parent.Relation, parent, parent.Relation.Name.Name
	if p.Alias == r.Alias {
		p.Alias = "parent"
	}
	var on []string
	for k := range via.Columns {
		on = append(on, fmt.Sprintf("%s.%s = %s.%s", quote(p.Alias), quote(via.RefColumns[k]), quote(r.Alias), quote(via.Columns[k])))
	}
	from := parent.Relation.Name.String()
	if p.Alias != parent.Relation.Name.Name {
		from += " " + quote(p.Alias)
	}
	return fmt.Sprintf("EXISTS (SELECT 1 FROM %s WHERE %s AND %s)", from, strings.Join(on, " AND "), c.predicate(&p))
}

// pinFix is the fix that adds the predicate.
func (c *subject) pinFix(r *Reference) *finding.Fix {
	if r.View != nil {
		return &finding.Fix{Message: "restrict the view " + r.View.Name.String() + " where the statement uses it, or give it a predicate on the tenant"}
	}
	if r.Command == Copy {
		return &finding.Fix{
			Message: "copy a query that is restricted to one tenant",
			Code:    fmt.Sprintf("COPY (SELECT * FROM %s WHERE %s) TO STDOUT", r.Relation.Name, c.predicate(r)),
		}
	}
	return &finding.Fix{Message: "add to the condition that joins or filters " + r.Alias, Code: "AND " + c.predicate(r)}
}
