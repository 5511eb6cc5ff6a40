package schemacheck

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// routine is the body of a function as statements in which $n stand for its names.
type routine struct {
	statements []*pgast.Statement
	// names are what $1, $2, … stand for: the arguments, then variables and fields of NEW and OLD.
	names []string
	// arguments is the number of names that the caller gives values to.
	arguments int
	// returns are the expressions that the body may return, queries those of RETURN QUERY.
	returns, queries []*pgast.Node
	// assigned are the fields of NEW that the body sets to what the session is, on every path.
	assigned []string
	// leaves says that the body raises or returns under a condition; guarded that it also looks at the
	// session, or calls a function that is guarded.
	leaves, guarded bool
	// opaque is why the body cannot be read, or "".
	opaque string
	// injected is the argument whose text the body runs as SQL, or "".
	injected string
	// session reports whether an expression is made of what the session is.
	session func(*pgast.Node) bool
	// constants are variables that only ever hold what the session is, or one value of one query.
	constants map[string]*pgast.Node
	// argumentsByName leaves the names of arguments as they are.
	argumentsByName bool
	trigger         bool
	function        *pgschema.Function
}

// routine reads the body of a function once.
func (p *pass) routine(f *pgschema.Function) *routine {
	r, ok := p.routines[f]
	if !ok {
		r = &routine{function: f, names: slices.Clone(f.ArgNames), trigger: f.Returns == "trigger",
			session: p.isSessionValue, constants: map[string]*pgast.Node{}}
		for len(r.names) < len(f.Args) {
			r.names = append(r.names, "")
		}
		r.arguments = len(r.names)
		p.routines[f] = r
		r.read()
		r.guarded = p.isGuarded(r)
	}
	return r
}

// isGuarded reports whether a routine leaves under a condition and looks at what the session is, or
// calls a guarded function of the schema.
func (p *pass) isGuarded(r *routine) bool {
	guarded := false
	for _, stmt := range r.statements {
		pgast.Walk(stmt.Node, func(n any) bool {
			switch n := n.(type) {
			case *pgast.SQLValueFunction:
				guarded = guarded || r.leaves
			case *pgast.FuncCall:
				guarded = guarded || r.leaves && p.readsSession(n) ||
					slices.ContainsFunc(p.called(n), func(f *pgschema.Function) bool { return f != r.function && p.routine(f).guarded })
			}
			return true
		})
	}
	return guarded
}

// called returns the functions of the schema that a call may mean.
func (p *pass) called(call *pgast.FuncCall) []*pgschema.Function {
	names := call.GetFuncname()
	if len(names) == 0 {
		return nil
	}
	name, schema := names[len(names)-1].GetString_().GetSval(), ""
	if len(names) > 1 {
		schema = names[len(names)-2].GetString_().GetSval()
	}
	var found []*pgschema.Function
	for _, f := range p.schema.Functions {
		if f.Name.Name == name && (schema == "" || schema == f.Schema) {
			found = append(found, f)
		}
	}
	return found
}

func (r *routine) read() {
	f := r.function
	switch {
	case len(f.BodyNodes) > 0:
		for _, body := range f.BodyNodes {
			stmt := statement(body)
			if ret := stmt.Node.GetReturnStmt(); ret != nil {
				stmt.Node = selectExpr(ret.GetReturnval())
			}
			r.add(stmt)
		}
	case f.Language == "sql":
		source := pgast.NewEmbedded(f.BodyOrigin.File, f.Body, func(offset int) finding.Position {
			return r.line(1 + strings.Count(f.Body[:offset], "\n"))
		})
		statements, broken := pgast.Parse(source)
		if len(broken) > 0 {
			r.opaque = broken[0].Message
		}
		for _, stmt := range statements {
			r.add(stmt)
		}
	case f.Language == "plpgsql":
		r.readPlPgSQL()
	case f.Language != "c" && f.Language != "internal":
		r.opaque = "its language is " + f.Language
	}
}

// line returns the position of a line of the body, which count from 1.
func (r *routine) line(n int) finding.Position {
	at := r.function.BodyOrigin
	if n > 1 {
		at.Line, at.Column = at.Line+n-1, 1
	}
	return at
}

// add keeps a statement after putting $n in the place of the function's names.
func (r *routine) add(stmt *pgast.Statement) {
	stmt.Node = r.substitute(stmt.Node)
	r.statements = append(r.statements, stmt)
}

// substitute returns a copy of a tree with $n in the place of the function's names.
func (r *routine) substitute(node *pgast.Node) *pgast.Node {
	node = pgast.Clone(node)
	pgast.Rewrite(node, func(n *pgast.Node) bool {
		ref := n.GetColumnRef()
		if ref == nil {
			return true
		}
		if value := r.value(ref); value != nil {
			n.Node = value.Node
		}
		return false
	})
	return node
}

// value returns what a column reference stands for when it names a parameter, a variable, or a field
// of one; a name alone may also be a column, which PL/pgSQL refuses as ambiguous.
func (r *routine) value(ref *pgast.ColumnRef) *pgast.Node {
	var parts []string
	for _, field := range ref.Fields {
		if field.GetString_() == nil {
			return nil
		}
		parts = append(parts, field.GetString_().GetSval())
	}
	qualified := len(parts) == 2 && parts[0] == r.function.Name.Name
	if qualified {
		parts = parts[1:]
	}
	if node := r.constants[parts[0]]; node != nil && len(parts) == 1 {
		return node
	}
	i := slices.Index(r.names, parts[0])
	switch {
	case r.trigger && len(parts) == 2 && (parts[0] == "new" || parts[0] == "old"):
		name := strings.Join(parts, ".")
		if i = slices.Index(r.names, name); i < 0 {
			r.names = append(r.names, name)
			i = len(r.names) - 1
		}
	case i < 0 || parts[0] == "":
		return nil
	case r.argumentsByName && i < r.arguments && !qualified:
		return &pgast.Node{Node: &pgast.Node_ColumnRef{ColumnRef: &pgast.ColumnRef{Fields: []*pgast.Node{text(parts[0])}}}}
	}
	return &pgast.Node{Node: &pgast.Node_ParamRef{ParamRef: &pgast.ParamRef{Number: int32(i + 1)}}}
}

// name returns what the n of "$n" stands for, and whether the caller chooses its value.
func (r *routine) name(parameter string) (string, bool) {
	n, err := strconv.Atoi(strings.TrimPrefix(parameter, "$"))
	if err != nil || n < 1 || n > len(r.names) {
		return parameter, true
	}
	return r.names[n-1], n <= r.arguments
}

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
	r.block(function["action"], 1, true)
}

// variables adds the declared variables to the names; one that is set once, to what the session is,
// is a constant.
func (r *routine) variables(function map[string]any) {
	datums, _ := function["datums"].([]any)
	for number, datum := range datums {
		for kind, value := range datum.(map[string]any) {
			fields, _ := value.(map[string]any)
			name, _ := fields["refname"].(string)
			if kind == "PLpgSQL_row" || name == "" || slices.Contains(r.names, name) || name == "new" || name == "old" {
				continue
			}
			set := assignments(function["action"], number)
			if value := fields["default_val"]; value != nil {
				set = append(set, asMap(value))
			}
			if len(set) == 1 && set[0] != nil {
				if node := r.assignedValue(set[0]); node != nil && (node.GetSubLink() != nil || r.session(node)) {
					r.constants[name] = node
					continue
				}
			}
			r.names = append(r.names, name)
		}
	}
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
		if n, ok := tree["varno"].(float64); ok && int(n) == number {
			found = append(found, asMap(tree["expr"]))
		}
		if into, _ := tree["into"].(bool); into && strings.Contains(encode(tree["target"]), fmt.Sprintf(`"varno":%d}`, number)) {
			return append(found, asMap(tree["sqlstmt"]))
		}
		for _, key := range slices.Sorted(keysOf(tree)) {
			found = append(found, assignments(tree[key], number)...)
		}
	}
	return found
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
			case "PLpgSQL_stmt_return":
				if node := r.expr(asMap(fields["expr"])); node != nil {
					r.returns = append(r.returns, r.result(node))
				}
			}
			below := always && !slices.Contains(conditional, key)
			r.block(value, line, below)
		}
	}
}

// conditional are the parts of the tree that do not run on every path.
var conditional = []string{
	"then_body", "else_body", "elsif_list", "exceptions", "case_when_list", "PLpgSQL_stmt_fors", "PLpgSQL_stmt_fori",
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
		if field, ok := strings.CutPrefix(target, "new."); ok && always && r.sessionSelect(stmt.Node) {
			r.assigned = append(r.assigned, field)
		}
		r.add(stmt)
	}
}

// sessionSelect reports whether a statement is SELECT of what the session is.
func (r *routine) sessionSelect(node *pgast.Node) bool {
	targets := node.GetSelectStmt().GetTargetList()
	return len(targets) == 1 && r.session(targets[0].GetResTarget().GetVal())
}

// guard notes an IF that leaves the function.
func (r *routine) guard(fields map[string]any) {
	text, _ := json.Marshal(fields)
	r.leaves = r.leaves || strings.Contains(string(text), "PLpgSQL_stmt_raise") || strings.Contains(string(text), "PLpgSQL_stmt_return")
}

// selectExpr wraps an expression as SELECT expression.
func selectExpr(value *pgast.Node) *pgast.Node {
	target := &pgast.Node{Node: &pgast.Node_ResTarget{ResTarget: &pgast.ResTarget{Val: value}}}
	return &pgast.Node{Node: &pgast.Node_SelectStmt{SelectStmt: &pgast.SelectStmt{
		TargetList: []*pgast.Node{target}, Op: pgast.SetOperation_SETOP_NONE,
	}}}
}

// isSessionValue reports whether an expression is made of nothing but literals and what the session
// is: a setting, its user, or a function that returns these.
func (p *pass) isSessionValue(node *pgast.Node) bool {
	reads, other := false, false
	pgast.Walk(node, func(n any) bool {
		switch n := n.(type) {
		case *pgast.SQLValueFunction:
			reads = true
		case *pgast.ColumnRef, *pgast.ParamRef, *pgast.RangeVar:
			other = true
		case *pgast.FuncCall:
			reads = reads || p.readsSession(n)
		}
		return true
	})
	return reads && !other
}

// readsSession reports whether a call returns what the session is: current_setting, a function of the
// auth schema of a platform, or a function of the schema whose body does.
func (p *pass) readsSession(call *pgast.FuncCall) bool {
	names := call.GetFuncname()
	if len(names) == 0 {
		return false
	}
	name := functionName(call)
	if name == "current_setting" || slices.Contains(sessionFunctions, name) || len(names) > 1 && names[0].GetString_().GetSval() == "auth" {
		return true
	}
	return slices.ContainsFunc(p.called(call), func(f *pgschema.Function) bool {
		body := strings.ToLower(f.Body)
		return strings.Contains(body, "current_setting(") || strings.Contains(body, "auth.uid(") || strings.Contains(body, "auth.jwt(")
	})
}
