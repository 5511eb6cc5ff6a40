package sqlcheck

import (
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/classify"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// side is what an item of a FROM clause makes visible.
type side struct {
	items    []*instance
	segments []segment
}

func (s *scope) add(f side) {
	s.items = append(s.items, f.items...)
	s.segments = append(s.segments, f.segments...)
}

// from builds a FROM clause: its items are joined, and what joins them is known in ctx.
func (e *engine) from(items []*pgast.Node, s *scope, ctx *context) {
	for _, item := range items {
		s.add(e.fromItem(item, s, ctx))
	}
}

// fromItem builds one item. Scope s holds what stands to the left of it, which only LATERAL items and
// functions may refer to.
func (e *engine) fromItem(item *pgast.Node, s *scope, ctx *context) side {
	switch n := item.GetNode().(type) {
	case *pgast.Node_RangeVar:
		return visible(e.relation(n.RangeVar, s, ctx))
	case *pgast.Node_RangeSubselect:
		return visible(e.derived(n.RangeSubselect, s, ctx))
	case *pgast.Node_RangeFunction:
		return visible(e.rangeFunction(n.RangeFunction, s, ctx))
	case *pgast.Node_JoinExpr:
		return e.join(n.JoinExpr, s, ctx)
	case *pgast.Node_RangeTableSample:
		return e.fromItem(n.RangeTableSample.GetRelation(), s, ctx)
	case *pgast.Node_RangeTableFunc:
		e.visit(ctx, operand{item, s})
		i := &instance{home: ctx, open: true, alias: n.RangeTableFunc.GetAlias().GetAliasname()}
		return visible(i)
	}
	return visible(&instance{home: ctx, open: true})
}

func visible(i *instance) side {
	return side{items: []*instance{i}, segments: []segment{{inst: i}}}
}

// outside is the scope of an item that does not see its neighbours: the names of the levels around.
func (s *scope) outside() *scope {
	return &scope{parent: s.parent, with: s.with, at: s.at, arguments: s.arguments}
}

// derived is a subquery in FROM.
func (e *engine) derived(n *pgast.RangeSubselect, s *scope, ctx *context) *instance {
	names := s
	if !n.GetLateral() {
		names = s.outside()
	}
	sel := n.GetSubquery().GetSelectStmt()
	if sel == nil {
		return &instance{home: ctx, open: true, alias: n.GetAlias().GetAliasname()}
	}
	return e.table(e.joined(sel, names, ctx, false), n.GetAlias(), n.GetAlias().GetAliasname(), ctx)
}

// table makes an instance of a query's output.
func (e *engine) table(out *output, alias *pgast.Alias, name string, ctx *context) *instance {
	i := &instance{alias: name, home: ctx, open: out.open, returned: out.returned, columns: slices.Clone(out.columns)}
	if i.columns == nil {
		i.columns = []outColumn{}
	}
	rename(i.columns, alias)
	return i
}

// rename gives columns the names of an alias such as AS t (a, b).
func rename(columns []outColumn, alias *pgast.Alias) {
	for k, n := range alias.GetColnames() {
		if k < len(columns) {
			columns[k].name = n.GetString_().GetSval()
		}
	}
}

// relation is a name in FROM: of a WITH query, a view or a table.
func (e *engine) relation(n *pgast.RangeVar, s *scope, ctx *context) *instance {
	if n.GetSchemaname() == "" {
		if c := s.with.find(n.GetRelname()); c != nil {
			return e.table(e.cteOutput(c, s, ctx), n.GetAlias(), nameOf(n), ctx)
		}
	}
	rel := e.db.Schema.Lookup(n.GetSchemaname(), n.GetRelname())
	switch {
	case rel == nil:
		return e.unknownRelation(n, s, ctx)
	case rel.Query != nil && (rel.Kind == pgschema.View || rel.Kind == pgschema.MaterializedView):
		return e.view(rel, n, s, ctx)
	}
	i := e.stored(rel, n, s, ctx)
	e.referTo(i, Select, n, s)
	e.guard(i, Select, s, ctx)
	return i
}

// stored makes an instance of a table.
func (e *engine) stored(rel *pgschema.Relation, n *pgast.RangeVar, s *scope, ctx *context) *instance {
	i := &instance{alias: nameOf(n), rel: rel, table: e.db.Classes.Get(rel), home: ctx}
	if len(n.GetAlias().GetColnames()) > 0 {
		for _, c := range rel.Columns {
			i.columns = append(i.columns, outColumn{c.Name, binding{term: e.column(i, c.Name)}})
		}
		rename(i.columns, n.GetAlias())
	}
	return i
}

// referTo records a reference if the table belongs to a tenant.
func (e *engine) referTo(i *instance, command Command, n *pgast.RangeVar, s *scope) *site {
	if !belongs(i.table) {
		return nil
	}
	return e.refer(i, command, n, s)
}

// belongs reports whether rows of the table belong to a tenant.
func belongs(t *classify.Table) bool {
	return t != nil && (t.Class == classify.Tenant || t.Class == classify.Child || t.Class == classify.Registry && t.Column != "")
}

// catalogs hold PostgreSQL's own relations.
var catalogs = []string{"pg_catalog", "information_schema", "pg_toast"}

// unknownRelation is a name that the schema does not have: nothing is known of its rows.
func (e *engine) unknownRelation(n *pgast.RangeVar, s *scope, ctx *context) *instance {
	name, schema := n.GetRelname(), n.GetSchemaname()
	system := slices.Contains(catalogs, schema) || schema == "" && len(name) > 3 && name[:3] == "pg_"
	switch {
	case isHoleName(name):
		e.undecide(operand{nil, s}, n.GetLocation(), "", "relation-dynamic", "the name of a table is not known until run time")
	case !system:
		what := pgschema.Name{Schema: schema, Name: name}.String()
		e.undecide(operand{nil, s}, n.GetLocation(), what, "relation-unknown", "the schema has no relation "+what)
	}
	return &instance{alias: nameOf(n), schema: schema, home: ctx, open: true}
}

// view is read as its query (PostgreSQL manual, 41.2).
func (e *engine) view(rel *pgschema.Relation, n *pgast.RangeVar, s *scope, ctx *context) *instance {
	var out *output
	sel := rel.Query.Node.GetSelectStmt()
	if sel == nil {
		return e.unknownRelation(n, s, ctx)
	}
	place := e.placeOf(n.GetLocation(), s)
	e.expand(n, s, func() {
		e.expanding[len(e.expanding)-1].view = rel
		out = e.joined(sel, &scope{at: fixedAt(place), rights: s.rightsOf().ofView(rel)}, ctx, false)
	})
	if out == nil {
		return &instance{alias: nameOf(n), home: ctx, open: true}
	}
	// The view's own column names win over those of its query.
	i := e.table(out, nil, nameOf(n), ctx)
	for k, c := range rel.Columns {
		if k < len(i.columns) {
			i.columns[k].name = c.Name
		}
	}
	rename(i.columns, n.GetAlias())
	return i
}

// rangeFunction is a function in FROM. What a function of PostgreSQL makes of values from outside is
// one of these values; an SQL function is its body; of the rest nothing is known.
func (e *engine) rangeFunction(n *pgast.RangeFunction, s *scope, ctx *context) *instance {
	name := n.GetAlias().GetAliasname()
	i := &instance{alias: name, home: ctx, open: true, columns: []outColumn{}}
	for _, item := range n.GetFunctions() {
		node := item.GetList().GetItems()[0]
		call := node.GetFuncCall()
		if call == nil {
			e.visit(ctx, operand{node, s})
			continue
		}
		e.visitAll(ctx, call.GetArgs(), s)
		if _, function := functionName(call); i.alias == "" {
			i.alias = function
		}
		if body := e.functionTable(call, n, i.alias, s, ctx); body != nil && len(n.GetFunctions()) == 1 {
			return body
		}
		e.call(ctx, call, s)
		if f := e.function(call); f != nil {
			i.returned = f.Name.String()
			continue
		}
		e.externalColumns(i, call, n, s, ctx)
	}
	return i
}

// functionTable is an SQL function in FROM, as its body.
func (e *engine) functionTable(call *pgast.FuncCall, n *pgast.RangeFunction, alias string, s *scope, ctx *context) *instance {
	f := e.function(call)
	if f == nil || f.Language != "sql" {
		return nil
	}
	body, inner := e.functionBody(f, call, s)
	sel := body.GetSelectStmt()
	// A function that returns no set gives the first row of its query, which no condition restricts.
	if sel == nil || !returnsSet(f) && !isExpression(sel) || !e.spend() {
		return nil
	}
	var out *output
	e.expand(call, s, func() {
		e.expanding[len(e.expanding)-1].alias = alias
		out = e.joined(sel, inner, ctx, false)
	})
	if out == nil {
		return nil
	}
	i := e.table(out, nil, alias, ctx)
	for k, name := range tableColumns(f) {
		if k < len(i.columns) {
			i.columns[k].name = name
		}
	}
	rename(i.columns, n.GetAlias())
	i.open = true
	return i
}

// tableColumns are the names of the columns that RETURNS TABLE declares.
func tableColumns(f *pgschema.Function) []string {
	list, ok := strings.CutPrefix(f.Returns, "TABLE(")
	if !ok {
		return nil
	}
	var names []string
	for column := range strings.SplitSeq(strings.TrimSuffix(list, ")"), ", ") {
		name, _, _ := strings.Cut(column, " ")
		names = append(names, strings.Trim(name, `"`))
	}
	return names
}

// externalColumns gives the instance the columns of a function whose arguments are from outside.
func (e *engine) externalColumns(i *instance, call *pgast.FuncCall, n *pgast.RangeFunction, s *scope, ctx *context) {
	_, function := functionName(call)
	args := call.GetArgs()
	lists := args
	if function != "unnest" {
		lists = args[:min(1, len(args))]
	}
	var names []string
	for _, c := range n.GetAlias().GetColnames() {
		names = append(names, c.GetString_().GetSval())
	}
	for _, c := range n.GetColdeflist() {
		names = append(names, c.GetColumnDef().GetColname())
	}
	if len(names) == 0 {
		names = []string{i.alias}
	}
	if v, ok := e.composed(function, args, s); ok {
		v.list = true
		for k, name := range names {
			of := v
			if function == "unnest" && len(lists) == len(names) {
				if single, ok := e.external(operand{lists[k], s}); ok {
					of = single
					of.list = true
				}
			}
			t := e.column(i, name)
			i.columns = append(i.columns, outColumn{name, binding{term: t}})
			ctx.facts.among = append(ctx.facts.among, membership{term: t, of: []term{e.outside(of)}, null: true})
		}
		return
	}
	for _, name := range names {
		i.columns = append(i.columns, outColumn{name, binding{term: e.column(i, name)}})
	}
}
