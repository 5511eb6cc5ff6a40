package replay

import (
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// user is an object whose definition names another, which DROP … CASCADE takes along. It ends to
// be one when its expression is replaced.
type user struct {
	// rel is the relation that holds the part; nil for a function.
	rel *pgschema.Relation
	// part is nil for a view, else a *Policy, *Constraint, *Column, *Index, *Trigger, *Rule or
	// *Function.
	part any
	// expr is the expression that names the object; nil for a foreign key, the type of a column and
	// the function of a trigger.
	expr *pgschema.Expr
}

// use enters what an expression names as used by a part of a relation (nil for the relation
// itself), and writes the schemas of its tables into the tree, so that a later search path does not
// change its meaning.
func (r *replayer) use(rel *pgschema.Relation, part any, e *pgschema.Expr) {
	if e == nil || e.Node == nil {
		return
	}
	seen := map[any]bool{}
	add := func(target any) {
		if !seen[target] {
			seen[target] = true
			r.users[target] = append(r.users[target], user{rel, part, e})
		}
	}
	v := &resolver{r: r}
	v.table = func(n *pgast.RangeVar, target *pgschema.Relation) {
		n.Schemaname = target.Schema
		add(target)
	}
	v.function = func(n *pgast.FuncCall) {
		f := r.calledFunction(n)
		if f != nil {
			add(f)
		}
		r.writeSchema(n, f)
		if seq := r.sequenceArgument(n); seq != nil {
			add(seq)
		}
	}
	v.typeName = func(n *pgast.TypeName) {
		schema, name := qualified(n.Names)
		if t := r.findType(schema, name); t != nil {
			add(t)
		}
	}
	v.walk(e.Node, partScope(rel, part))
}

// writeSchema writes the schema of a function into a call of it, where the name alone may come to mean another: two of
// the schema bear it, or PostgreSQL's own and one of the schema.
func (r *replayer) writeSchema(n *pgast.FuncCall, f *pgschema.Function) {
	if len(n.Funcname) != 1 {
		return
	}
	schema, name := qualified(n.Funcname)
	if f == nil && name != "current_setting" {
		return
	}
	bearers := 0
	for schema := range r.schema.Namespaces {
		bearers += len(r.functions[pgschema.Name{Schema: schema, Name: name}])
	}
	switch {
	case name == "current_setting" && bearers > 0 && (f == nil || !r.hidesCatalog(f.Schema)):
		schema = catalogSchema
	case f != nil && (bearers > 1 || r.hidesCatalog(f.Schema)):
		schema = f.Schema
	default:
		return
	}
	n.Funcname = append([]*pgast.Node{{Node: &pgast.Node_String_{String_: &pgast.String{Sval: schema}}}}, n.Funcname...)
}

// hidesCatalog reports whether a schema comes before PostgreSQL's own in the search path.
func (r *replayer) hidesCatalog(schema string) bool {
	catalog := slices.Index(r.now.path, catalogSchema)
	return catalog >= 0 && slices.Contains(r.now.path[:catalog], schema)
}

// partScope is the scope in which the expressions of a part are read.
func partScope(rel *pgschema.Relation, part any) *scope {
	switch part.(type) {
	case nil, *pgschema.Function:
		return nil
	case *pgschema.Trigger, *pgschema.Rule:
		return tableScope(rel, "new", "old")
	}
	return tableScope(rel)
}

// calledFunction is the function of the schema that a call certainly means.
func (r *replayer) calledFunction(n *pgast.FuncCall) *pgschema.Function {
	schema, name := qualified(n.Funcname)
	var found *pgschema.Function
	for _, f := range r.lookupFunctions(schema, name) {
		if f.Accepts(len(n.Args)) {
			if found != nil {
				return nil
			}
			found = f
		}
	}
	return found
}

// sequenceArgument is the sequence that nextval and its like name.
func (r *replayer) sequenceArgument(n *pgast.FuncCall) *pgschema.Relation {
	if _, name := qualified(n.Funcname); name != "nextval" || len(n.Args) == 0 {
		return nil
	}
	arg := n.Args[0]
	if cast := arg.GetTypeCast(); cast != nil {
		arg = cast.Arg
	}
	schema, name := splitQualified(arg.GetAConst().GetSval().GetSval())
	return r.find(schema, name)
}

// splitQualified reads a name as in a regclass constant.
func splitQualified(text string) (schema, name string) {
	var parts []string
	for l := range pgast.Lexemes(text) {
		switch l.Kind {
		case 'w':
			parts = append(parts, l.Word)
		case '"':
			parts = append(parts, strings.ReplaceAll(strings.Trim(text[l.Start:l.End], `"`), `""`, `"`))
		}
	}
	switch len(parts) {
	case 0:
		return "", ""
	case 1:
		return "", parts[0]
	}
	return parts[len(parts)-2], parts[len(parts)-1]
}

// usersOf calls yield for what uses an object now.
func (r *replayer) usersOf(target any) func(yield func(user) bool) {
	return func(yield func(user) bool) {
		for _, u := range slices.Clone(r.users[target]) {
			if r.inUse(u, target) && !yield(u) {
				return
			}
		}
	}
}

// inUse reports whether a user still has the definition that names the target.
func (r *replayer) inUse(u user, target any) bool {
	if f, ok := u.part.(*pgschema.Function); ok {
		return slices.Contains(r.functions[f.Name], f) && (u.expr == nil || slices.Contains(f.BodyNodes, u.expr))
	}
	if !r.alive(u.rel) {
		return false
	}
	switch p := u.part.(type) {
	case nil:
		return u.rel.Query == u.expr
	case *pgschema.Policy:
		return slices.Contains(u.rel.Policies, p) && (p.Using == u.expr || p.Check == u.expr)
	case *pgschema.Constraint:
		return slices.Contains(u.rel.Constraints, p)
	case *pgschema.Column:
		if u.expr == nil {
			typ, _ := target.(*pgschema.Type)
			return slices.Contains(u.rel.Columns, p) && r.typeOf[p] == typ
		}
		return slices.Contains(u.rel.Columns, p) && (p.Default == u.expr || p.Generated == u.expr)
	case *pgschema.Index:
		return slices.Contains(u.rel.Indexes, p)
	case *pgschema.Trigger:
		return slices.Contains(u.rel.Triggers, p)
	case *pgschema.Rule:
		return slices.Contains(u.rel.Rules, p)
	}
	return false
}

// columnsIn returns the columns of a table that an expression in its definition reads.
func (r *replayer) columnsIn(rel *pgschema.Relation, node *pgast.Node) []string {
	var names []string
	v := &resolver{r: r, column: func(_ *pgast.ColumnRef, of *pgschema.Relation, c *pgschema.Column) {
		if of == rel && !slices.Contains(names, c.Name) {
			names = append(names, c.Name)
		}
	}}
	v.walk(node, tableScope(rel))
	return names
}

// reads reports whether an expression reads a column.
func (r *replayer) reads(e *pgschema.Expr, sc *scope, rel *pgschema.Relation, name string) bool {
	if e == nil {
		return false
	}
	found := false
	v := &resolver{r: r,
		column: func(_ *pgast.ColumnRef, of *pgschema.Relation, c *pgschema.Column) {
			found = found || of == rel && c.Name == name
		},
		star: func(of *pgschema.Relation) { found = found || of == rel },
	}
	if e.Node.GetSelectStmt() != nil {
		v.query(e.Node, sc)
	} else {
		v.walk(e.Node, sc)
	}
	return found
}

// renameRelationIn writes a relation's new name into an expression that names it.
func renameRelationIn(e *pgschema.Expr, from, to pgschema.Name) {
	if e == nil {
		return
	}
	e.Node = pgast.Clone(e.Node)
	pgast.Walk(e.Node, func(m any) bool {
		switch n := m.(type) {
		case *pgast.RangeVar:
			if n.Relname == from.Name && n.Schemaname == from.Schema {
				if n.Alias == nil && from.Name != to.Name {
					// Columns are qualified with the old name, which stays valid inside as an alias.
					n.Alias = &pgast.Alias{Aliasname: from.Name}
				}
				n.Schemaname, n.Relname = to.Schema, to.Name
			}
		}
		return true
	})
}
