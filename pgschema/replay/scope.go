package replay

import (
	"slices"
	"strconv"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// resolver walks an expression or query and resolves its names as PostgreSQL does when it stores
// one: tables along the search path, columns in the innermost query that has them. The callbacks
// may be nil.
type resolver struct {
	r        *replayer
	table    func(*pgast.RangeVar, *pgschema.Relation)
	column   func(*pgast.ColumnRef, *pgschema.Relation, *pgschema.Column)
	star     func(*pgschema.Relation)
	function func(*pgast.FuncCall)
	typeName func(*pgast.TypeName)

	// results are the columns of the queries that were asked for their types, which is done beside the
	// walk: without them, each level of nesting would double the work.
	results map[*pgast.SelectStmt][]*pgschema.Column
	// typesOnly says that there are no callbacks to call a second time.
	typesOnly bool
}

// types is a resolver without callbacks that shares the results of v.
func (v *resolver) types() *resolver {
	if v.results == nil {
		v.results = map[*pgast.SelectStmt][]*pgschema.Column{}
	}
	return &resolver{r: v.r, results: v.results, typesOnly: true}
}

// scope is what the names in a query can mean.
type scope struct {
	outer   *scope
	sources []source
	star    []*pgschema.Column // what * stands for, in order
	tables  map[string][]*pgschema.Column
}

// source is an element of FROM; rel is nil unless it is a relation.
type source struct {
	alias   string
	rel     *pgschema.Relation
	columns []*pgschema.Column
}

// tableScope is the scope of an expression that stands in the definition of a table.
func tableScope(rel *pgschema.Relation, aliases ...string) *scope {
	sc := &scope{}
	for _, alias := range append(aliases, rel.Name.Name) {
		sc.sources = append(sc.sources, source{alias, rel, rel.Columns})
	}
	return sc
}

// cte finds a WITH query by name.
func (sc *scope) cte(name string) ([]*pgschema.Column, bool) {
	for ; sc != nil; sc = sc.outer {
		if columns, ok := sc.tables[name]; ok {
			return columns, true
		}
	}
	return nil, false
}

// lookup resolves a column reference.
func (sc *scope) lookup(names []string) (*pgschema.Relation, *pgschema.Column) {
	if len(names) == 0 {
		return nil, nil
	}
	name, qualifier := names[len(names)-1], ""
	if len(names) > 1 {
		qualifier = names[len(names)-2]
	}
	for ; sc != nil; sc = sc.outer {
		for _, s := range sc.sources {
			if qualifier != "" && s.alias != qualifier {
				continue
			}
			if i := slices.IndexFunc(s.columns, func(c *pgschema.Column) bool { return c.Name == name }); i >= 0 {
				return s.rel, s.columns[i]
			}
		}
	}
	return nil, nil
}

// walk resolves the names in an expression.
func (v *resolver) walk(message any, sc *scope) {
	switch n := pgast.Unwrap(message).(type) {
	case nil:
	case *pgast.SelectStmt, *pgast.InsertStmt, *pgast.UpdateStmt, *pgast.DeleteStmt, *pgast.MergeStmt:
		v.query(n, sc)
	case *pgast.ColumnRef:
		if rel, c := sc.lookup(stringList(n.Fields)); c != nil && rel != nil && v.column != nil {
			v.column(n, rel, c)
		}
	case *pgast.FuncCall:
		if v.function != nil {
			v.function(n)
		}
		v.children(n, sc)
	case *pgast.TypeName:
		if v.typeName != nil {
			v.typeName(n)
		}
	default:
		v.children(n, sc)
	}
}

func (v *resolver) children(message any, sc *scope) {
	pgast.Children(message, func(child any) { v.walk(child, sc) })
}

// query resolves the names in a statement and returns its result columns.
func (v *resolver) query(message any, outer *scope) []*pgschema.Column {
	sc := &scope{outer: outer}
	switch n := pgast.Unwrap(message).(type) {
	case *pgast.SelectStmt:
		if columns, known := v.results[n]; known && v.typesOnly {
			return columns
		}
		columns := v.selectStmt(n, sc)
		if v.results != nil {
			v.results[n] = columns
		}
		return columns
	case *pgast.InsertStmt:
		v.with(n.WithClause, sc)
		if n.SelectStmt != nil {
			v.query(n.SelectStmt, sc)
		}
		v.from(n.Relation, sc)
		if len(sc.sources) > 0 {
			sc.sources = append(sc.sources, source{"excluded", sc.sources[0].rel, sc.sources[0].columns})
		}
		v.walk(n.OnConflictClause, sc)
		return v.targets(n.ReturningList, sc)
	case *pgast.UpdateStmt:
		v.with(n.WithClause, sc)
		v.fromList(append([]*pgast.Node{rangeVarNode(n.Relation)}, n.FromClause...), sc)
		v.list(n.TargetList, sc)
		v.walk(n.WhereClause, sc)
		return v.targets(n.ReturningList, sc)
	case *pgast.DeleteStmt:
		v.with(n.WithClause, sc)
		v.fromList(append([]*pgast.Node{rangeVarNode(n.Relation)}, n.UsingClause...), sc)
		v.walk(n.WhereClause, sc)
		return v.targets(n.ReturningList, sc)
	case *pgast.MergeStmt:
		v.with(n.WithClause, sc)
		v.fromList([]*pgast.Node{rangeVarNode(n.Relation), n.SourceRelation}, sc)
		v.walk(n.JoinCondition, sc)
		v.list(n.MergeWhenClauses, sc)
	}
	return nil
}

func rangeVarNode(v *pgast.RangeVar) *pgast.Node {
	return &pgast.Node{Node: &pgast.Node_RangeVar{RangeVar: v}}
}

func (v *resolver) list(nodes []*pgast.Node, sc *scope) {
	for _, n := range nodes {
		v.walk(n, sc)
	}
}

func (v *resolver) selectStmt(n *pgast.SelectStmt, sc *scope) []*pgschema.Column {
	v.with(n.WithClause, sc)
	if n.Op != pgast.SetOperation_SETOP_NONE && n.Op != pgast.SetOperation_SET_OPERATION_UNDEFINED {
		columns := v.query(n.Larg, sc)
		v.query(n.Rarg, sc)
		return columns
	}
	if len(n.ValuesLists) > 0 {
		v.list(n.ValuesLists, sc)
		var columns []*pgschema.Column
		for i, e := range n.ValuesLists[0].GetList().GetItems() {
			columns = append(columns, &pgschema.Column{Name: "column" + strconv.Itoa(i+1), Type: v.typeOf(e, sc)})
		}
		return columns
	}
	v.fromList(n.FromClause, sc)
	for _, nodes := range [][]*pgast.Node{n.DistinctClause, n.GroupClause, n.WindowClause, n.SortClause} {
		v.list(nodes, sc)
	}
	v.walk(n.WhereClause, sc)
	v.walk(n.HavingClause, sc)
	v.walk(n.LimitCount, sc)
	v.walk(n.LimitOffset, sc)
	return v.targets(n.TargetList, sc)
}

// with enters the WITH queries into the scope.
func (v *resolver) with(w *pgast.WithClause, sc *scope) {
	if w == nil {
		return
	}
	sc.tables = map[string][]*pgschema.Column{}
	for _, node := range w.Ctes {
		cte := node.GetCommonTableExpr()
		if s := cte.GetCtequery().GetSelectStmt(); w.Recursive && s.GetLarg() != nil {
			// The first arm alone says what the columns are.
			sc.tables[cte.Ctename] = renamed(v.types().query(leftmost(s), sc), stringList(cte.Aliascolnames))
		}
		sc.tables[cte.GetCtename()] = renamed(v.query(cte.GetCtequery(), sc), stringList(cte.GetAliascolnames()))
	}
}

// renamed gives columns the names of an alias list.
func renamed(columns []*pgschema.Column, names []string) []*pgschema.Column {
	if len(names) == 0 {
		return columns
	}
	out := slices.Clone(columns)
	for i, name := range names {
		if i < len(out) {
			c := *out[i]
			c.Name = name
			out[i] = &c
		} else {
			out = append(out, &pgschema.Column{Name: name})
		}
	}
	return out
}

func (v *resolver) fromList(nodes []*pgast.Node, sc *scope) {
	for _, n := range nodes {
		sc.star = append(sc.star, v.from(n, sc)...)
	}
}

// from enters an element of FROM into the scope and returns the columns it adds to *.
func (v *resolver) from(message any, sc *scope) []*pgschema.Column {
	switch n := pgast.Unwrap(message).(type) {
	case *pgast.RangeVar:
		if n == nil {
			return nil
		}
		return v.fromTable(n, sc)
	case *pgast.JoinExpr:
		return v.fromJoin(n, sc)
	case *pgast.RangeSubselect:
		outer := sc
		if !n.Lateral {
			outer = &scope{outer: sc.outer, tables: sc.tables}
		}
		return sc.add(n.Alias, "", nil, v.query(n.Subquery, outer))
	case *pgast.RangeFunction:
		return v.fromFunction(n, sc)
	case *pgast.RangeTableSample:
		v.list(n.Args, sc)
		return v.from(n.Relation, sc)
	case nil:
	default:
		v.children(n, sc)
	}
	return nil
}

// add enters a source under its alias.
func (sc *scope) add(alias *pgast.Alias, name string, rel *pgschema.Relation, columns []*pgschema.Column) []*pgschema.Column {
	if alias != nil {
		name = alias.Aliasname
		if len(alias.Colnames) > 0 {
			// A renamed column is no longer found by the table's own name for it.
			columns = renamed(columns, stringList(alias.Colnames))
		}
	}
	sc.sources = append(sc.sources, source{name, rel, columns})
	return columns
}

func (v *resolver) fromTable(n *pgast.RangeVar, sc *scope) []*pgschema.Column {
	if n.Schemaname == "" {
		if columns, ok := sc.cte(n.Relname); ok {
			return sc.add(n.Alias, n.Relname, nil, columns)
		}
	}
	rel := v.r.find(n.Schemaname, n.Relname)
	if rel == nil {
		return sc.add(n.Alias, n.Relname, nil, nil)
	}
	if v.table != nil {
		v.table(n, rel)
	}
	return sc.add(n.Alias, n.Relname, rel, rel.Columns)
}

func (v *resolver) fromJoin(n *pgast.JoinExpr, sc *scope) []*pgschema.Column {
	before := len(sc.sources)
	left, right := v.from(n.Larg, sc), v.from(n.Rarg, sc)
	using := stringList(n.UsingClause)
	if n.IsNatural {
		for _, c := range left {
			if hasColumn(right, c.Name) {
				using = append(using, c.Name)
			}
		}
	}
	v.joined(using, sc.sources[before:])
	v.walk(n.Quals, sc)
	var columns []*pgschema.Column
	for _, name := range using {
		if i := slices.IndexFunc(left, func(c *pgschema.Column) bool { return c.Name == name }); i >= 0 {
			columns = append(columns, left[i])
		}
	}
	for _, c := range slices.Concat(left, right) {
		if !slices.Contains(using, c.Name) {
			columns = append(columns, c)
		}
	}
	if n.Alias != nil {
		sc.sources = sc.sources[:before]
		return sc.add(n.Alias, "", nil, columns)
	}
	return columns
}

// joined tells that the columns of USING are read.
func (v *resolver) joined(using []string, sources []source) {
	if v.column == nil {
		return
	}
	for _, s := range sources {
		for _, c := range s.columns {
			if s.rel != nil && slices.Contains(using, c.Name) {
				v.column(nil, s.rel, c)
			}
		}
	}
}

func hasColumn(columns []*pgschema.Column, name string) bool {
	return slices.ContainsFunc(columns, func(c *pgschema.Column) bool { return c.Name == name })
}

func (v *resolver) fromFunction(n *pgast.RangeFunction, sc *scope) []*pgschema.Column {
	v.list(n.Functions, sc)
	var columns []*pgschema.Column
	name := ""
	for _, f := range n.Functions {
		if items := f.GetList().GetItems(); len(items) > 0 {
			_, name = qualified(items[0].GetFuncCall().GetFuncname())
			if n.Alias != nil {
				columns = append(columns, &pgschema.Column{Name: n.Alias.Aliasname, Type: v.typeOf(items[0], sc)})
			} else {
				columns = append(columns, &pgschema.Column{Name: name, Type: v.typeOf(items[0], sc)})
			}
		}
	}
	if len(n.Coldeflist) > 0 {
		columns = nil
		for _, d := range n.Coldeflist {
			def := d.GetColumnDef()
			columns = append(columns, &pgschema.Column{Name: def.GetColname(), Type: v.r.typeOfName(def.GetTypeName()).text})
		}
	}
	if n.Ordinality {
		columns = append(columns, &pgschema.Column{Name: "ordinality", Type: "bigint"})
	}
	return sc.add(n.Alias, name, nil, columns)
}

// maxTargets is how many columns a query may return (MaxTupleAttributeNumber in PostgreSQL's
// htup_details.h).
const maxTargets = 1664

// targets resolves a target list and returns the result columns. More than PostgreSQL allows are not
// kept: stars over stars double them.
func (v *resolver) targets(list []*pgast.Node, sc *scope) []*pgschema.Column {
	var columns []*pgschema.Column
	for _, node := range list {
		target := node.GetResTarget()
		value := target.GetVal()
		if ref := value.GetColumnRef(); ref != nil && len(ref.Fields) > 0 && ref.Fields[len(ref.Fields)-1].GetAStar() != nil {
			columns = append(columns, v.expand(ref, sc)...)
			continue
		}
		v.walk(value, sc)
		c := &pgschema.Column{Name: target.GetName(), Type: v.typeOf(value, sc)}
		if c.Name == "" {
			if c.Name = figureName(value); c.Name == "" {
				c.Name = "?column?"
			}
		}
		columns = append(columns, c)
	}
	return columns[:min(len(columns), maxTargets)]
}

// expand returns the columns of * or alias.*.
func (v *resolver) expand(ref *pgast.ColumnRef, sc *scope) []*pgschema.Column {
	names := stringList(ref.Fields)
	var columns []*pgschema.Column
	for _, s := range sc.sources {
		if len(names) > 0 && s.alias != names[len(names)-1] {
			continue
		}
		if s.rel != nil && v.star != nil {
			v.star(s.rel)
		}
		columns = s.columns
	}
	if len(names) == 0 {
		columns = sc.star
	}
	out := make([]*pgschema.Column, len(columns))
	for i, c := range columns {
		out[i] = &pgschema.Column{Name: c.Name, Type: c.Type}
	}
	return out
}
