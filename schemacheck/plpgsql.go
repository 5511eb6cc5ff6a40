package schemacheck

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// readPlPgSQL reads the parser's JSON tree of a PL/pgSQL body.
func (r *routine) readPlPgSQL() {
	f := r.function
	var args []string
	for i, arg := range f.Args {
		name := ""
		if f.ArgNames != nil && f.ArgNames[i] != "" {
			name = quote(f.ArgNames[i]) + " "
		}
		args = append(args, name+arg)
	}
	returns := "RETURNS " + f.Returns
	if f.Procedure || f.Returns == "" {
		returns = "RETURNS void"
	}
	const tag = "$tenantvet$"
	text, err := pgast.PlPgSQL(fmt.Sprintf("CREATE FUNCTION %s(%s) %s LANGUAGE plpgsql AS %s%s%s",
		quoteName(f.Name), strings.Join(args, ", "), returns, tag, f.Body, tag))
	var tree []map[string]any
	if err == nil {
		err = json.Unmarshal([]byte(text), &tree)
	}
	if err != nil || len(tree) == 0 {
		r.opaque = "its PL/pgSQL body does not parse"
		return
	}
	function, _ := tree[0]["PLpgSQL_function"].(map[string]any)
	r.variables(function)
	r.catches = strings.Contains(text, `"exceptions"`)
	r.changed = func(argument int) bool { return len(assignments(function["action"], argument)) > 0 }
	r.outcome = (&flow{routine: r}).result([]any{function["action"]})
	r.block(function["action"], 1, true)
}

// variables adds the declared variables to the names; one that is set once, to what the session is, or declared with a
// literal, is a constant, and so is one that a trigger sets to what the row is.
func (r *routine) variables(function map[string]any) {
	datums, _ := function["datums"].([]any)
	for number, datum := range datums {
		for kind, value := range datum.(map[string]any) {
			fields, _ := value.(map[string]any)
			name, _ := fields["refname"].(string)
			r.datums = append(r.datums, name)
			if kind == "PLpgSQL_row" || name == "" || slices.Contains(r.names, name) || name == "new" || name == "old" {
				continue
			}
			set := assignments(function["action"], number)
			if value := fields["default_val"]; value != nil {
				set = append(set, asMap(value))
			}
			if len(set) == 1 && set[0] != nil {
				if node := r.assignedValue(set[0]); node != nil && (node.GetSubLink() != nil || r.session(node) || fields["default_val"] != nil && constantOf(node) != nil) {
					r.constants[name] = node
					continue
				}
			}
			if node := r.rowValue(set); node != nil {
				r.constants[name] = node
				continue
			}
			r.names = append(r.names, name)
		}
	}
}

// rowValue returns what a trigger's variable may hold that is only ever set to fields of NEW and OLD, constants and what the
// session is, or nil.
func (r *routine) rowValue(set []map[string]any) *pgast.Node {
	if !r.trigger || len(set) == 0 {
		return nil
	}
	var values []*pgast.Node
	for _, holder := range set {
		if holder == nil {
			return nil
		}
		node := r.assignedValue(holder)
		if node == nil || !r.ofRowAlone(node) {
			return nil
		}
		values = append(values, r.substitute(node))
	}
	if len(values) == 1 {
		return values[0]
	}
	return someOf(values)
}

// ofRowAlone reports whether an expression is made of fields of NEW and OLD, constants and what the session is.
func (r *routine) ofRowAlone(node *pgast.Node) bool {
	alone := true
	pgast.Walk(node, func(n any) bool {
		switch n := n.(type) {
		case *pgast.ColumnRef:
			first := n.Fields[0].GetString_().GetSval()
			alone = alone && (len(n.Fields) == 2 && (first == "new" || first == "old") || strings.HasPrefix(first, "tg_"))
		case *pgast.FuncCall:
			alone = alone && r.session(&pgast.Node{Node: &pgast.Node_FuncCall{FuncCall: n}})
			return false
		case *pgast.SubLink, *pgast.ParamRef:
			alone = false
		}
		return alone
	})
	return alone
}

// assignments returns what a variable is set to, each as the holder of a PLpgSQL_expr; nil stands for what
// a query or loop puts into it.
func assignments(tree any, number int) []map[string]any {
	var found []map[string]any
	switch tree := tree.(type) {
	case []any:
		for _, item := range tree {
			found = append(found, assignments(item, number)...)
		}
	case map[string]any:
		if assign := asMap(tree["PLpgSQL_stmt_assign"]); assign != nil && numberOf(assign) == number {
			found = append(found, asMap(assign["expr"]))
		}
		if receives(tree, number) {
			found = append(found, nil)
		}
		if into, _ := tree["into"].(bool); into && receives(tree["target"], number) {
			return append(found, asMap(tree["sqlstmt"]))
		}
		for _, key := range slices.Sorted(keysOf(tree)) {
			found = append(found, assignments(tree[key], number)...)
		}
	}
	return found
}

// numberOf is the variable that a part of the tree is about. The parser leaves out the first one's, 0.
func numberOf(fields map[string]any) int {
	n, _ := fields["varno"].(float64)
	return int(n)
}

// receives reports whether a target, as that of INTO or of a loop, has a variable.
func receives(target any, number int) bool {
	row, _ := asMap(asMap(target)["PLpgSQL_row"])["fields"].([]any)
	return slices.ContainsFunc(row, func(field any) bool { return numberOf(asMap(field)) == number })
}

func encode(v any) string {
	text, _ := json.Marshal(v)
	return string(text)
}

// assignedValue parses what a variable is set to: an expression, "variable := expression", or a SELECT of
// one value without FROM.
func (r *routine) assignedValue(holder map[string]any) *pgast.Node {
	fields := asMap(holder["PLpgSQL_expr"])
	query, _ := fields["query"].(string)
	mode, _ := fields["parseMode"].(float64)
	switch {
	case mode == parseStatement:
		statements, broken := pgast.Parse(pgast.NewSource("", query))
		if len(statements) != 1 || len(broken) > 0 {
			return nil
		}
		sel := statements[0].Node.GetSelectStmt()
		if len(sel.GetTargetList()) != 1 {
			return nil
		}
		if len(sel.GetFromClause()) > 0 {
			return &pgast.Node{Node: &pgast.Node_SubLink{SubLink: &pgast.SubLink{
				SubLinkType: pgast.SubLinkType_EXPR_SUBLINK, Subselect: r.result(statements[0].Node),
			}}}
		}
		return sel.TargetList[0].GetResTarget().GetVal()
	case mode >= parseAssign:
		_, query = cutAssignment(query)
	}
	node, err := pgast.ParseExpr(query)
	if err != nil {
		return nil
	}
	return node
}

// cutAssignment splits "variable := expression".
func cutAssignment(text string) (target, value string) {
	target, value, ok := strings.Cut(text, ":=")
	if !ok {
		target, value, _ = strings.Cut(text, "=")
	}
	return strings.ToLower(strings.TrimSpace(target)), value
}

// expr parses the expression of a PLpgSQL_expr; nil when there is none.
func (r *routine) expr(holder map[string]any) *pgast.Node {
	fields, _ := holder["PLpgSQL_expr"].(map[string]any)
	query, _ := fields["query"].(string)
	if query == "" {
		return nil
	}
	node, err := pgast.ParseExpr(query)
	if err != nil {
		return nil
	}
	return node
}

// query parses the statement of a PLpgSQL_expr; nil when it does not parse.
func (r *routine) query(holder map[string]any) *pgast.Node {
	fields := asMap(holder["PLpgSQL_expr"])
	text, _ := fields["query"].(string)
	statements, broken := pgast.Parse(pgast.NewSource("", text))
	if len(statements) != 1 || len(broken) > 0 {
		return nil
	}
	return r.result(statements[0].Node)
}

// result is substitute for what the function returns, which is judged with its arguments.
func (r *routine) result(node *pgast.Node) *pgast.Node {
	r.argumentsByName = true
	defer func() { r.argumentsByName = false }()
	return r.substitute(node)
}

func asMap(v any) map[string]any {
	m, _ := v.(map[string]any)
	return m
}

// Parse modes of a PLpgSQL_expr, RawParseMode in PostgreSQL's parser.h.
const (
	parseStatement  = 0
	parseExpression = 2
	parseAssign     = 3 // and above, by the number of the target's parts
)

// block walks a part of the tree in order. always says that the part runs on every path.
func (r *routine) block(part any, line int, always bool) {
	switch part := part.(type) {
	case []any:
		for _, item := range part {
			r.block(item, line, always)
		}
	case map[string]any:
		if n, ok := part["lineno"].(float64); ok {
			line = int(n)
		}
		for _, key := range slices.Sorted(keysOf(part)) {
			value := part[key]
			fields, _ := value.(map[string]any)
			switch key {
			case "PLpgSQL_expr":
				r.expression(fields, line, always)
				continue
			case "PLpgSQL_stmt_dynexecute", "PLpgSQL_stmt_dynfors":
				r.dynamic(fields["query"], fields["params"], line)
			case "PLpgSQL_stmt_return_query":
				if fields["dynquery"] != nil {
					r.dynamic(fields["dynquery"], fields["params"], line)
				} else if node := r.query(asMap(fields["query"])); node != nil {
					r.queries = append(r.queries, node)
				}
			case "PLpgSQL_stmt_if":
				r.guard(fields)
			case "PLpgSQL_stmt_exit":
				r.skips = true
			case "PLpgSQL_stmt_execsql":
				r.stampsOver(fields)
			case "PLpgSQL_stmt_return":
				r.skips = r.skips || !always && r.trigger && !keepsRow(fields)
				r.returnsOther(fields)
				if node := r.expr(asMap(fields["expr"])); node != nil {
					r.returns = append(r.returns, r.result(node))
				}
			}
			below := always && !slices.Contains(conditional, key) && fields["exceptions"] == nil
			r.block(value, line, below)
			if key == "PLpgSQL_stmt_if" && always && !r.skips && !r.catches {
				r.agreed(fields)
			}
		}
	}
}

// conditional are the parts of the tree that do not run on every path.
var conditional = []string{
	"then_body", "else_body", "elsif_list", "exceptions", "case_when_list", "else_stmts", "PLpgSQL_stmt_fors", "PLpgSQL_stmt_fori",
	"PLpgSQL_stmt_while", "PLpgSQL_stmt_foreach_a", "PLpgSQL_stmt_dynfors",
}

func keysOf(m map[string]any) func(func(string) bool) {
	return func(yield func(string) bool) {
		for key := range m {
			if !yield(key) {
				return
			}
		}
	}
}

// expression adds a PLpgSQL_expr as a statement.
func (r *routine) expression(fields map[string]any, line int, always bool) {
	query, _ := fields["query"].(string)
	mode, _ := fields["parseMode"].(float64)
	target := ""
	switch {
	case mode >= parseAssign:
		var value string
		target, value = cutAssignment(query)
		query = "SELECT " + value
	case mode == parseExpression:
		query = "SELECT " + query
	}
	at := r.line(line)
	statements, broken := pgast.Parse(pgast.NewEmbedded(at.File, query, func(int) finding.Position { return at }))
	if len(broken) > 0 && r.opaque == "" {
		r.opaque = broken[0].Message
	}
	for _, stmt := range statements {
		r.stamp(target, stmt.Node, always)
		r.add(stmt)
	}
}

// guard notes an IF that leaves the function.
func (r *routine) guard(fields map[string]any) {
	text, _ := json.Marshal(fields)
	r.leaves = r.leaves || strings.Contains(string(text), "PLpgSQL_stmt_raise") || strings.Contains(string(text), "PLpgSQL_stmt_return")
}
