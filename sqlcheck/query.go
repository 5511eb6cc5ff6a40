package sqlcheck

import (
	"slices"

	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// output is the result of a query as the query around it sees it.
type output struct {
	columns []outColumn
	// open says that there are further columns which are not known, returned which function's result they are
	// part of.
	open     bool
	returned string
	// export is what is known of each row of a query that stands apart.
	export facts
	// inner is the context of such a query; equations put there restrict its rows.
	inner *context
	// local are the instances that stand for rows of the query.
	local []*instance
}

// joined builds a query whose rows are joined in ctx: a derived table, or a subquery of which a row
// must exist. The rows of a plain one are joined one by one; another one is a table of its own, of
// which only what it exports is known.
func (e *engine) joined(sel *pgast.SelectStmt, s *scope, ctx *context, exists bool) *output {
	if e.isPlain(sel, exists) {
		return e.level(sel, s.inner(), ctx).output()
	}
	out := e.separate(sel, s, ctx, !exists)
	ctx.facts.add(out.export)
	return out
}

// apart builds a query that is evaluated on its own for each row around it.
func (e *engine) apart(sel *pgast.SelectStmt, s *scope, ctx *context) *output {
	return e.separate(sel, s, ctx, false)
}

// separate builds a query in a context of its own below ctx. Its columns stand for copies of the
// relations inside, so that what is found out about them outside does not restrict the query; where
// linked is set, columns by which its rows may be filtered before rather than after are linked.
func (e *engine) separate(sel *pgast.SelectStmt, s *scope, ctx *context, linked bool) *output {
	if !e.spend() {
		return &output{open: true, inner: ctx.child()}
	}
	switch {
	case sel.GetOp() != pgast.SetOperation_SETOP_NONE && sel.GetOp() != pgast.SetOperation_SET_OPERATION_UNDEFINED:
		return e.setOperation(sel, s, ctx, linked)
	case len(sel.GetValuesLists()) > 0:
		return e.values(sel, s, ctx)
	}
	inner := ctx.child()
	return e.exported(e.level(sel, s.inner(), inner), ctx, linked)
}

// level is a SELECT without set operations.
type level struct {
	sel     *pgast.SelectStmt
	scope   *scope
	ctx     *context
	columns []outColumn
	open    bool
}

func (l *level) output() *output {
	return &output{columns: l.columns, open: l.open, returned: l.returned(), inner: l.ctx}
}

// returned names a function whose columns are among those of the level that are not known.
func (l *level) returned() string {
	for _, i := range l.scope.items {
		if l.open && i.open && i.returned != "" {
			return i.returned
		}
	}
	return ""
}

// level builds a SELECT in a context.
func (e *engine) level(sel *pgast.SelectStmt, s *scope, ctx *context) *level {
	e.spend()
	l := &level{sel: sel, scope: s, ctx: ctx}
	finish := e.with(sel.GetWithClause(), s, ctx)
	e.from(sel.GetFromClause(), s, ctx)
	e.condition(ctx, operand{sel.GetWhereClause(), s}, true)
	result := ctx
	if len(sel.GetGroupClause()) == 0 && aggregated(sel) || !e.isPlainGrouping(sel) {
		// There is a row of the result even where no row meets the condition; only the arguments of
		// aggregate functions stand for rows that do.
		result = ctx.parent.child()
		e.visitAggregates(ctx, sel, s)
	}
	e.having(sel, s, ctx, result)
	l.columns, l.open = e.targets(sel.GetTargetList(), s, result)
	e.visitAll(result, sel.GetDistinctClause(), s)
	e.visitAll(result, sel.GetGroupClause(), s)
	e.visitAll(result, sel.GetWindowClause(), s)
	e.visitAll(result, sel.GetSortClause(), s)
	e.visit(result, operand{sel.GetLimitCount(), s})
	e.visit(result, operand{sel.GetLimitOffset(), s})
	finish()
	return l
}

// visitAggregates builds the subqueries in the arguments of aggregate functions.
func (e *engine) visitAggregates(ctx *context, sel *pgast.SelectStmt, s *scope) {
	pgast.Walk(&pgast.SelectStmt{TargetList: sel.GetTargetList(), HavingClause: sel.GetHavingClause(), SortClause: sel.GetSortClause()}, func(message any) bool {
		switch m := message.(type) {
		case *pgast.SubLink:
			return false
		case *pgast.FuncCall:
			if isAggregate(m) {
				e.visitMessage(ctx, m, s)
				return false
			}
		}
		return true
	})
}

func (e *engine) visitAll(ctx *context, nodes []*pgast.Node, s *scope) {
	for _, n := range nodes {
		e.visit(ctx, operand{n, s})
	}
}

// having adds what HAVING says of the columns that the rows are grouped by; what it says of aggregates
// concerns no single row.
func (e *engine) having(sel *pgast.SelectStmt, s *scope, ctx, result *context) {
	if sel.GetHavingClause() == nil {
		return
	}
	own := result.child()
	e.condition(own, operand{sel.GetHavingClause(), s}, true)
	keys := e.keys(sel.GetGroupClause(), sel, s)
	if len(keys) == 0 {
		return
	}
	usable := func(t term) bool { return e.isOutside(t) || slices.Contains(keys, t) }
	for _, q := range own.facts.equal {
		if usable(q.a) && usable(q.b) {
			ctx.facts.equal = append(ctx.facts.equal, q)
		}
	}
	for _, m := range own.facts.among {
		if usable(m.term) {
			ctx.facts.among = append(ctx.facts.among, m)
		}
	}
}

// keys returns the terms of plain expressions in a list such as GROUP BY, and nothing when the list
// holds grouping sets, which replace keys by NULL. A number stands for an output column.
func (e *engine) keys(list []*pgast.Node, sel *pgast.SelectStmt, s *scope) []term {
	var terms []term
	for _, n := range list {
		if n.GetGroupingSet() != nil {
			return nil
		}
		if k := int(n.GetAConst().GetIval().GetIval()); k > 0 && k <= len(sel.GetTargetList()) {
			n = sel.GetTargetList()[k-1].GetResTarget().GetVal()
		}
		terms = append(terms, e.columnTerms([]*pgast.Node{n}, s)...)
	}
	return terms
}

// columnTerms returns the terms of the plain columns in a list.
func (e *engine) columnTerms(list []*pgast.Node, s *scope) []term {
	var terms []term
	for _, n := range list {
		if n.GetColumnRef() != nil {
			terms = append(terms, e.term(operand{n, s}))
		}
	}
	return terms
}

// targets builds the output columns of a target list.
func (e *engine) targets(list []*pgast.Node, s *scope, ctx *context) (columns []outColumn, open bool) {
	for _, n := range list {
		target := n.GetResTarget()
		value := operand{target.GetVal(), s}
		if ref := value.node.GetColumnRef(); ref != nil {
			if name, ok := columnName(ref); !ok {
				some, unknown := e.star(name, s)
				columns, open = append(columns, some...), open || unknown
				continue
			}
		}
		if p := value.node.GetParamRef(); len(list) == 1 && len(s.items) == 0 && isHole(int(p.GetNumber())) {
			e.undecide(value, p.GetLocation(), "", "query-dynamic", "a part of the statement is not known until run time")
			open = true
		}
		e.visit(ctx, value)
		columns = append(columns, outColumn{targetName(target), e.bind(value)})
	}
	return columns, open
}

// bind returns what an output column stands for.
func (e *engine) bind(o operand) binding {
	if ref := o.node.GetColumnRef(); ref != nil {
		if name, ok := columnName(ref); ok {
			if r := e.resolve(name, o.scope); r.found && r.row == nil {
				return r.binding
			}
		}
	}
	return binding{operand: o}
}

// targetName is the name PostgreSQL gives an output column (FigureColname in parse_target.c).
func targetName(t *pgast.ResTarget) string {
	if t.GetName() != "" {
		return t.GetName()
	}
	return figuredName(t.GetVal())
}

func figuredName(n *pgast.Node) string {
	switch n := n.GetNode().(type) {
	case *pgast.Node_ColumnRef:
		if name, ok := columnName(n.ColumnRef); ok && len(name) > 0 {
			return name[len(name)-1]
		}
	case *pgast.Node_AIndirection:
		parts := n.AIndirection.GetIndirection()
		for _, part := range slices.Backward(parts) {
			if part.GetString_() != nil {
				return part.GetString_().GetSval()
			}
		}
		return figuredName(n.AIndirection.GetArg())
	case *pgast.Node_FuncCall:
		_, name := functionName(n.FuncCall)
		return name
	case *pgast.Node_TypeCast:
		if name := figuredName(n.TypeCast.GetArg()); name != "?column?" {
			return name
		}
		return typeName(n.TypeCast.GetTypeName())
	case *pgast.Node_CollateClause:
		return figuredName(n.CollateClause.GetArg())
	case *pgast.Node_CaseExpr:
		if name := figuredName(n.CaseExpr.GetDefresult()); name != "?column?" {
			return name
		}
		return "case"
	case *pgast.Node_CoalesceExpr:
		return "coalesce"
	case *pgast.Node_SubLink:
		switch n.SubLink.GetSubLinkType() {
		case pgast.SubLinkType_EXISTS_SUBLINK:
			return "exists"
		case pgast.SubLinkType_ARRAY_SUBLINK:
			return "array"
		case pgast.SubLinkType_EXPR_SUBLINK:
			if targets := n.SubLink.GetSubselect().GetSelectStmt().GetTargetList(); len(targets) > 0 {
				return targetName(targets[0].GetResTarget())
			}
		}
	}
	return "?column?"
}

// values is a VALUES list: what stands in one column is a value from outside, or nothing is known.
func (e *engine) values(sel *pgast.SelectStmt, s *scope, ctx *context) *output {
	out := &output{inner: ctx.child()}
	inner := s.inner()
	finish := e.with(sel.GetWithClause(), inner, out.inner)
	defer finish()
	i := &instance{home: ctx}
	for _, row := range sel.GetValuesLists() {
		for k, value := range row.GetList().GetItems() {
			e.visit(out.inner, operand{value, inner})
			if k >= len(out.columns) {
				out.columns = append(out.columns, outColumn{valuesColumn(k), binding{operand: operand{value, inner}}})
			}
		}
	}
	if len(sel.GetValuesLists()) == 1 {
		return out
	}
	for k := range out.columns {
		name := out.columns[k].name
		t := e.column(i, name)
		out.columns[k].binding = binding{term: t}
		if of := e.valuesOf(sel, k, inner); of != nil {
			out.export.among = append(out.export.among, membership{term: t, of: of, null: true})
		}
	}
	return out
}

// valuesOf returns the outside values of a column of a VALUES list; nil when one is not from outside.
func (e *engine) valuesOf(sel *pgast.SelectStmt, k int, s *scope) []term {
	var of []term
	for _, row := range sel.GetValuesLists() {
		items := row.GetList().GetItems()
		if k >= len(items) {
			return nil
		}
		v, ok := e.external(operand{items[k], s})
		if !ok {
			return nil
		}
		if t := e.outside(v); !slices.Contains(of, t) {
			of = append(of, t)
		}
	}
	return of
}
