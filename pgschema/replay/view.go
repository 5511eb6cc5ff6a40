package replay

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// createView applies CREATE [OR REPLACE] VIEW. A replacement takes the options of the new statement
// alone, so one without WITH (security_invoker) is no longer an invoker view.
func (r *replayer) createView(n *pgast.ViewStmt) error {
	name, err := r.newName(n.View)
	if err != nil {
		return err
	}
	if r.readsTemporary(n.Query) {
		name.Schema = tempSchema // CREATE VIEW is then CREATE TEMP VIEW (PostgreSQL manual)
	}
	view := r.schema.Relations[name]
	switch {
	case view == nil && !r.relationTaken(name):
		view = &pgschema.Relation{Name: name, Kind: pgschema.View, Owner: r.now.role, Temporary: name.Schema == tempSchema}
		r.addRelation(view)
	case view == nil || view.Kind != pgschema.View || !n.Replace:
		return errorAt(n.View.Location, "relation %q exists already at this point", name)
	}
	view.Origin = r.here()
	view.SecurityInvoker, view.SecurityBarrier, view.CheckOption = false, false, ""
	for _, o := range n.Options {
		setViewOption(view, o.GetDefElem())
	}
	switch n.WithCheckOption {
	case pgast.ViewCheckOption_LOCAL_CHECK_OPTION:
		view.CheckOption = "local"
	case pgast.ViewCheckOption_CASCADED_CHECK_OPTION:
		view.CheckOption = "cascaded"
	}
	view.Query = r.expr(n.Query, r.queryText(n.View.Location))
	view.Columns = r.resultColumns(n.Query, stringList(n.Aliases))
	r.use(view, nil, view.Query)
	return nil
}

// readsTemporary reports whether a query reads a temporary relation.
func (r *replayer) readsTemporary(query *pgast.Node) bool {
	if !r.temporary {
		return false
	}
	found := false
	v := &resolver{r: r, table: func(_ *pgast.RangeVar, rel *pgschema.Relation) { found = found || rel.Temporary }}
	v.walk(query, nil)
	return found
}

// resultColumns are the columns of a query, with the names of an alias list.
func (r *replayer) resultColumns(query *pgast.Node, aliases []string) []*pgschema.Column {
	v := &resolver{r: r}
	columns := renamed(v.query(query, nil), aliases)
	for i, c := range columns {
		own := *c
		own.Origin, own.NotNull, own.NotNullOrigin = r.here(), false, pgschema.Origin{}
		own.Default, own.Generated, own.Identity, own.Grants = nil, nil, 0, nil
		columns[i] = &own
	}
	return columns
}

// queryText is the query behind AS, without WITH CHECK OPTION or WITH [NO] DATA.
func (r *replayer) queryText(location int32) string {
	text := toEnd(r.textFrom(location), "as")
	var ends []int // of the last lexemes
	var words []string
	for l := range pgast.Lexemes(text) {
		ends, words = append(ends, l.End), append(words, l.Word)
	}
	for _, tail := range []string{"with check option", "with local check option", "with cascaded check option", "with data", "with no data"} {
		t := strings.Fields(tail)
		if n := len(words) - len(t); n > 0 && slices.Equal(words[n:], t) {
			return text[:ends[n-1]]
		}
	}
	return text
}

// setViewOption applies one storage parameter of a view.
func setViewOption(view *pgschema.Relation, o *pgast.DefElem) {
	switch o.GetDefname() {
	case "security_invoker":
		view.SecurityInvoker = optionBool(o)
	case "security_barrier":
		view.SecurityBarrier = optionBool(o)
	case "check_option":
		view.CheckOption = strings.ToLower(optionText(o))
	}
}

// optionBool reads a boolean option; one without a value is true. PostgreSQL takes any unambiguous
// prefix of a word (parse_bool).
func optionBool(o *pgast.DefElem) bool {
	if o.GetArg() == nil {
		return true
	}
	if b := o.Arg.GetBoolean(); b != nil {
		return b.Boolval
	}
	value := strings.ToLower(optionText(o))
	if value == "" {
		return false
	}
	return strings.HasPrefix("true", value) || strings.HasPrefix("yes", value) || value == "on" || value == "1"
}

// optionText is the value of an option as text.
func optionText(o *pgast.DefElem) string {
	switch v := pgast.Unwrap(o.GetArg()).(type) {
	case *pgast.String:
		return v.Sval
	case *pgast.Integer:
		return fmt.Sprint(v.Ival)
	case *pgast.Float:
		return v.Fval
	case *pgast.Boolean:
		return fmt.Sprint(v.Boolval)
	case *pgast.A_Const:
		return constText(v)
	case *pgast.TypeName:
		_, name := qualified(v.Names)
		return name
	case *pgast.List:
		return strings.Join(stringList(v.Items), ".")
	}
	return ""
}

// alterOptions applies SET and RESET of storage parameters, of which those of views matter.
func (r *replayer) alterOptions(rel *pgschema.Relation, cmd *pgast.AlterTableCmd) error {
	if rel.Kind != pgschema.View {
		return nil
	}
	for _, node := range cmd.Def.GetList().GetItems() {
		o := node.GetDefElem()
		if cmd.Subtype != pgast.AlterTableType_AT_ResetRelOptions {
			setViewOption(rel, o)
			continue
		}
		switch o.GetDefname() {
		case "security_invoker":
			rel.SecurityInvoker = false
		case "security_barrier":
			rel.SecurityBarrier = false
		case "check_option":
			rel.CheckOption = ""
		}
	}
	return nil
}

// createTableAs applies CREATE TABLE AS and CREATE MATERIALIZED VIEW.
func (r *replayer) createTableAs(n *pgast.CreateTableAsStmt) error {
	if n.Objtype == pgast.ObjectType_OBJECT_MATVIEW {
		return r.createFromQuery(n.Into, n.Query, pgschema.MaterializedView, n.IfNotExists)
	}
	return r.createFromQuery(n.Into, n.Query, pgschema.Table, n.IfNotExists)
}

// createFromQuery makes a relation with the result columns of a query.
func (r *replayer) createFromQuery(into *pgast.IntoClause, query *pgast.Node, kind pgschema.Kind, ifNotExists bool) error {
	name, err := r.newName(into.GetRel())
	if err != nil {
		return err
	}
	if r.relationTaken(name) && !r.replacesTemporary(name) {
		if ifNotExists {
			return nil
		}
		return errorAt(into.Rel.Location, "relation %q exists already at this point", name)
	}
	rel := &pgschema.Relation{
		Name: name, Kind: kind, Owner: r.now.role, Origin: r.here(),
		Temporary: name.Schema == tempSchema, Unlogged: into.Rel.Relpersistence == "u",
		Query: r.expr(query, r.queryText(into.Rel.Location)),
	}
	if query.GetSelectStmt() != nil {
		rel.Columns = r.resultColumns(query, stringList(into.ColNames))
	} else {
		r.undecided(into.Rel.Location, "unknown-columns", "the columns of %s come from a statement that is not a SELECT", name)
	}
	if kind == pgschema.Table && into.SkipData {
		rel.Query = nil // WITH NO DATA takes the columns alone
	}
	r.addRelation(rel)
	if kind == pgschema.MaterializedView {
		r.use(rel, nil, rel.Query)
	}
	return nil
}

// selectInto applies SELECT … INTO table.
func (r *replayer) selectInto(n *pgast.SelectStmt) error {
	into := n.IntoClause
	n.IntoClause = nil
	query := &pgast.Node{Node: &pgast.Node_SelectStmt{SelectStmt: n}}
	err := r.createFromQuery(into, query, pgschema.Table, false)
	if rel := r.find(into.GetRel().GetSchemaname(), into.GetRel().GetRelname()); rel != nil && rel.Query != nil && rel.Query.Node == query {
		rel.Query.Text = r.stmt.Text()
	}
	return err
}
