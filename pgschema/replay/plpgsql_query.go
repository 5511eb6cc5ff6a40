package replay

import (
	"slices"
	"strconv"

	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// rows answers a query from the schema; false when it reads data or is not plain.
func (f *frame) rows(query string) ([]string, [][]value, bool) {
	statements, broken := pgast.Parse(pgast.NewSource("", query))
	if len(broken) > 0 || len(statements) != 1 {
		return nil, nil, false
	}
	e := &evaluator{r: f.r, frame: f}
	return e.query(statements[0].Node.GetSelectStmt())
}

// maxRows bounds the rows that joins of catalogs are followed through.
const maxRows = 1 << 20

// queryResult is the answer to a WITH query.
type queryResult struct {
	columns []string
	rows    [][]value
}

// matching returns the combinations of rows that FROM and WHERE of a query give.
func (e *evaluator) matching(s *pgast.SelectStmt) ([][]boundRow, bool) {
	if !e.with(s.WithClause) {
		return nil, false
	}
	combinations, ok := e.from(s.FromClause)
	if !ok || s.WhereClause == nil {
		return combinations, ok
	}
	return e.filter(combinations, s.WhereClause)
}

// filter keeps the combinations for which a condition is true.
func (e *evaluator) filter(combinations [][]boundRow, condition *pgast.Node) ([][]boundRow, bool) {
	outer := e.rows
	defer func() { e.rows = outer }()
	var kept [][]boundRow
	for _, c := range combinations {
		e.rows = append(outer[:len(outer):len(outer)], c...)
		switch v := e.value(condition); {
		case v.unknown:
			return nil, false
		case v.isTrue():
			kept = append(kept, c)
		}
	}
	return kept, true
}

// with answers WITH queries.
func (e *evaluator) with(w *pgast.WithClause) bool {
	if w.GetRecursive() {
		return false
	}
	for _, node := range w.GetCtes() {
		cte := node.GetCommonTableExpr()
		columns, rows, ok := e.query(cte.GetCtequery().GetSelectStmt())
		if !ok {
			return false
		}
		columns = slices.Clone(columns)
		copy(columns, stringList(cte.Aliascolnames))
		if e.results == nil {
			e.results = map[string]queryResult{}
		}
		e.results[cte.Ctename] = queryResult{columns, rows}
	}
	return true
}

// query answers a SELECT over catalogs, VALUES and unnest.
func (e *evaluator) query(s *pgast.SelectStmt) ([]string, [][]value, bool) {
	if s == nil || s.Op != pgast.SetOperation_SETOP_NONE || len(s.GroupClause) > 0 || s.HavingClause != nil {
		return nil, nil, false
	}
	if len(s.ValuesLists) > 0 {
		return e.values(s)
	}
	combinations, ok := e.matching(s)
	if !ok {
		return nil, nil, false
	}
	outer := e.rows
	defer func() { e.rows = outer }()
	var columns []string
	var rows [][]value
	for _, combination := range combinations {
		e.rows = append(outer[:len(outer):len(outer)], combination...)
		names, row, ok := e.targets(s.TargetList)
		if !ok {
			return nil, nil, false
		}
		columns, rows = names, append(rows, row)
	}
	if name, ok := aggregate(s.TargetList); ok {
		return []string{name}, [][]value{{e.aggregate(s.TargetList[0].GetResTarget().GetVal().GetFuncCall(), rows)}}, true
	}
	if len(s.DistinctClause) > 0 {
		rows = distinct(rows)
	}
	if s.LimitCount != nil {
		if n, err := e.value(s.LimitCount).integer(); err == nil && n >= 0 && n < len(rows) {
			rows = rows[:n]
		}
	}
	return columns, rows, true
}

func distinct(rows [][]value) [][]value {
	seen := map[string]bool{}
	var out [][]value
	for _, row := range rows {
		key := ""
		for _, v := range row {
			key += strconv.Quote(v.text) + strconv.FormatBool(v.null)
		}
		if !seen[key] {
			seen[key] = true
			out = append(out, row)
		}
	}
	return out
}

// values answers VALUES.
func (e *evaluator) values(s *pgast.SelectStmt) ([]string, [][]value, bool) {
	var columns []string
	var rows [][]value
	for _, list := range s.ValuesLists {
		var row []value
		columns = columns[:0]
		for i, x := range list.GetList().GetItems() {
			columns = append(columns, "column"+strconv.Itoa(i+1))
			row = append(row, e.value(x))
		}
		rows = append(rows, row)
	}
	return columns, rows, true
}

// aggregates that a query without GROUP BY may consist of.
var aggregates = wordSet("count array_agg string_agg bool_or bool_and")

// aggregate reports whether a target list is one aggregate, and its column name.
func aggregate(targets []*pgast.Node) (string, bool) {
	if len(targets) != 1 {
		return "", false
	}
	_, name := qualified(targets[0].GetResTarget().GetVal().GetFuncCall().GetFuncname())
	if as := targets[0].GetResTarget().GetName(); as != "" && aggregates[name] {
		return as, true
	}
	return name, aggregates[name]
}

// aggregate computes an aggregate over the values of its first argument.
func (e *evaluator) aggregate(n *pgast.FuncCall, rows [][]value) value {
	_, name := qualified(n.Funcname)
	var list []value
	for _, row := range rows {
		if v := row[0]; v.unknown {
			return unknown
		} else if !v.null || name == "array_agg" {
			list = append(list, v)
		}
	}
	switch name {
	case "count":
		return textValue(strconv.Itoa(len(list)))
	case "array_agg":
		if len(list) == 0 {
			return null
		}
		return value{array: true, list: list}
	case "string_agg":
		if len(n.Args) == 2 && len(list) > 0 {
			return concat(e.value(n.Args[1]).text, list)
		}
		return null
	}
	return unknown
}

// targets evaluates a target list for the rows in sight. Of an aggregate it gives the argument.
func (e *evaluator) targets(list []*pgast.Node) ([]string, []value, bool) {
	var names []string
	var row []value
	for _, node := range list {
		target := node.GetResTarget()
		if ref := target.GetVal().GetColumnRef(); ref != nil && ref.Fields[len(ref.Fields)-1].GetAStar() != nil {
			for _, r := range e.rows {
				for _, name := range r.names() {
					names, row = append(names, name), append(row, r.fields[name])
				}
			}
			continue
		}
		name := target.GetName()
		if name == "" {
			name = figureName(target.GetVal())
		}
		names = append(names, name)
		call := target.GetVal().GetFuncCall()
		if _, function := qualified(call.GetFuncname()); call != nil && aggregates[function] {
			if call.AggStar || len(call.Args) == 0 {
				row = append(row, textValue("1"))
			} else {
				row = append(row, e.value(call.Args[0]))
			}
			continue
		}
		row = append(row, e.value(target.GetVal()))
	}
	return names, row, true
}

// from combines the rows of the tables in FROM.
func (e *evaluator) from(list []*pgast.Node) ([][]boundRow, bool) {
	combinations := [][]boundRow{nil}
	for _, node := range list {
		next, ok := e.source(node, combinations)
		if !ok {
			return nil, false
		}
		combinations = next
	}
	return combinations, true
}

// source extends each combination with the rows of one more element of FROM.
func (e *evaluator) source(node *pgast.Node, combinations [][]boundRow) ([][]boundRow, bool) {
	switch n := pgast.Unwrap(node).(type) {
	case *pgast.RangeVar:
		alias := n.Relname
		if n.Alias != nil {
			alias = n.Alias.Aliasname
		}
		if result, ok := e.results[n.Relname]; ok && n.Schemaname == "" {
			return product(combinations, alias, result.columns, named(result.columns, result.rows)), true
		}
		table, ok := e.r.catalogTable(n.Schemaname, n.Relname)
		if !ok || len(table)*len(combinations) > maxRows {
			return nil, false
		}
		return product(combinations, alias, nil, table), true
	case *pgast.JoinExpr:
		return e.join(n, combinations)
	case *pgast.RangeSubselect:
		columns, rows, ok := e.query(n.Subquery.GetSelectStmt())
		if !ok || len(rows)*len(combinations) > maxRows {
			return nil, false
		}
		names := slices.Clone(columns)
		copy(names, stringList(n.Alias.GetColnames()))
		return product(combinations, n.Alias.GetAliasname(), names, named(names, rows)), true
	case *pgast.RangeFunction:
		return e.unnest(n, combinations)
	}
	return nil, false
}

// named gives the values of rows their column names.
func named(names []string, rows [][]value) []map[string]value {
	table := make([]map[string]value, len(rows))
	for i, row := range rows {
		table[i] = map[string]value{}
		for j, v := range row {
			table[i][names[j]] = v
		}
	}
	return table
}

func product(combinations [][]boundRow, alias string, order []string, table []map[string]value) [][]boundRow {
	var out [][]boundRow
	for _, c := range combinations {
		for _, row := range table {
			out = append(out, append(c[:len(c):len(c)], boundRow{alias, order, row}))
		}
	}
	return out
}

// join combines with an inner join; an outer one is not followed.
func (e *evaluator) join(n *pgast.JoinExpr, combinations [][]boundRow) ([][]boundRow, bool) {
	if n.Jointype != pgast.JoinType_JOIN_INNER || n.IsNatural || len(n.UsingClause) > 0 {
		return nil, false
	}
	combinations, ok := e.source(n.Larg, combinations)
	if !ok {
		return nil, false
	}
	combinations, ok = e.source(n.Rarg, combinations)
	if !ok || n.Quals == nil {
		return combinations, ok
	}
	return e.filter(combinations, n.Quals)
}

// unnest answers unnest(array) and generate_series(a, b) in FROM.
func (e *evaluator) unnest(n *pgast.RangeFunction, combinations [][]boundRow) ([][]boundRow, bool) {
	if len(n.Functions) != 1 || n.Ordinality {
		return nil, false
	}
	items := n.Functions[0].GetList().GetItems()
	if len(items) == 0 || items[0].GetFuncCall() == nil {
		return nil, false
	}
	call := items[0].GetFuncCall()
	_, name := qualified(call.Funcname)
	alias, column := name, name
	if n.Alias != nil {
		alias, column = n.Alias.Aliasname, n.Alias.Aliasname
		if names := stringList(n.Alias.Colnames); len(names) > 0 {
			column = names[0]
		}
	}
	list, ok := e.series(name, call.Args)
	if !ok || len(list)*len(combinations) > maxRows {
		return nil, false
	}
	table := make([]map[string]value, len(list))
	for i, v := range list {
		table[i] = map[string]value{column: v}
	}
	return product(combinations, alias, nil, table), true
}

func (e *evaluator) series(name string, args []*pgast.Node) ([]value, bool) {
	switch {
	case name == "unnest" && len(args) == 1:
		array := e.value(args[0])
		return array.list, array.array && !array.unknown
	case name == "generate_series" && len(args) == 2:
		from, err1 := e.value(args[0]).integer()
		to, err2 := e.value(args[1]).integer()
		if err1 != nil || err2 != nil || to-from > maxRows {
			return nil, false
		}
		var list []value
		for i := from; i <= to; i++ {
			list = append(list, textValue(strconv.Itoa(i)))
		}
		return list, true
	}
	return nil, false
}

// sublink evaluates a subquery in an expression.
func (e *evaluator) sublink(n *pgast.SubLink) value {
	_, rows, ok := e.query(n.Subselect.GetSelectStmt())
	if !ok {
		return unknown
	}
	switch n.SubLinkType {
	case pgast.SubLinkType_EXISTS_SUBLINK:
		return boolValue(len(rows) > 0)
	case pgast.SubLinkType_EXPR_SUBLINK:
		if len(rows) == 0 {
			return null
		}
		return rows[0][0]
	case pgast.SubLinkType_ARRAY_SUBLINK:
		v := value{array: true}
		for _, row := range rows {
			v.list = append(v.list, row[0])
		}
		return v
	case pgast.SubLinkType_ANY_SUBLINK:
		left := e.value(n.Testexpr)
		result := boolValue(false)
		for _, row := range rows {
			switch c := equal(left, row[0]); {
			case c.isTrue():
				return c
			case c.unknown, c.null:
				result = c
			}
		}
		return result
	}
	return unknown
}
