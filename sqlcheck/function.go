package sqlcheck

import (
	"slices"
	"strconv"
	"strings"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// functionName returns the schema, or "", and the name of a called function.
func functionName(call *pgast.FuncCall) (schema, name string) {
	parts := call.GetFuncname()
	if len(parts) == 0 {
		return "", ""
	}
	name = parts[len(parts)-1].GetString_().GetSval()
	if len(parts) > 1 {
		schema = parts[len(parts)-2].GetString_().GetSval()
	}
	return schema, name
}

// function finds the function of the schema that a call means; nil for one that PostgreSQL or an
// extension brings, or that the schema does not know. Overloads are told apart by the number of
// arguments, and by their types as far as these are plain.
func (e *engine) function(call *pgast.FuncCall) *pgschema.Function {
	schema, name := functionName(call)
	var found *pgschema.Function
	twin := false
	for _, f := range e.db.indexed().functions[name] {
		if schema != "" && f.Schema != schema {
			continue
		}
		if schema == "" && !slices.Contains(e.db.Schema.SearchPath, f.Schema) {
			continue
		}
		twin = twin || found != nil && f.Schema != found.Schema && f.Body != found.Body && slices.Equal(f.Args, found.Args)
		switch {
		case found == nil || len(f.Args) == len(call.GetArgs()) && len(found.Args) != len(f.Args):
			found = f
		case len(f.Args) == len(call.GetArgs()) && e.fits(f, call) > e.fits(found, call):
			found = f
		}
	}
	if twin { // which of them it is, a search path says that may be another when the call runs
		return &pgschema.Function{Name: found.Name, Args: found.Args, Returns: found.Returns, Language: "plpgsql"}
	}
	return found
}

// fits counts the arguments of a call whose type is known and is the one that a function declares.
func (e *engine) fits(f *pgschema.Function, call *pgast.FuncCall) int {
	fitting := 0
	for i, arg := range call.GetArgs() {
		if i < len(f.Args) && e.typeOf(arg) == f.Args[i] {
			fitting++
		}
	}
	return fitting
}

// typeOf returns the type of an expression where a cast says it, or where every column of its name has it.
func (e *engine) typeOf(n *pgast.Node) string {
	if cast := n.GetTypeCast(); cast != nil {
		return typeName(cast.GetTypeName())
	}
	name, ok := columnName(n.GetColumnRef())
	if !ok || len(name) == 0 {
		return ""
	}
	found := ""
	for _, rel := range e.db.Schema.Relations {
		if c := rel.Column(name[len(name)-1]); c != nil {
			if found != "" && c.Type != found {
				return ""
			}
			found = c.Type
		}
	}
	return found
}

// aggregates are PostgreSQL's aggregate functions that are not written with OVER, FILTER, * or WITHIN
// GROUP (manual, 9.21).
var aggregates = map[string]bool{
	"any_value": true, "array_agg": true, "avg": true, "bit_and": true, "bit_or": true, "bit_xor": true,
	"bool_and": true, "bool_or": true, "count": true, "every": true, "json_agg": true, "jsonb_agg": true,
	"json_object_agg": true, "jsonb_object_agg": true, "json_agg_strict": true, "jsonb_agg_strict": true,
	"max": true, "min": true, "range_agg": true, "range_intersect_agg": true, "string_agg": true, "sum": true,
	"xmlagg": true, "corr": true, "covar_pop": true, "covar_samp": true, "regr_avgx": true, "regr_avgy": true,
	"regr_count": true, "regr_intercept": true, "regr_r2": true, "regr_slope": true, "regr_sxx": true,
	"regr_sxy": true, "regr_syy": true, "stddev": true, "stddev_pop": true, "stddev_samp": true,
	"var_pop": true, "var_samp": true, "variance": true, "grouping": true,
}

func isAggregate(call *pgast.FuncCall) bool {
	if call.GetOver() != nil {
		return false
	}
	_, name := functionName(call)
	return aggregates[name] || call.GetAggStar() || call.GetAggDistinct() || call.GetAggFilter() != nil ||
		call.GetAggWithinGroup() || len(call.GetAggOrder()) > 0
}

// setReturning are functions of PostgreSQL whose result is a set of what is in their argument.
var setReturning = map[string]bool{
	"unnest": true, "generate_series": true, "regexp_split_to_table": true, "string_to_table": true,
	"regexp_matches": true, "json_array_elements": true, "jsonb_array_elements": true,
	"json_array_elements_text": true, "jsonb_array_elements_text": true, "json_each": true, "jsonb_each": true,
	"json_each_text": true, "jsonb_each_text": true, "json_object_keys": true, "jsonb_object_keys": true,
	"json_populate_recordset": true, "jsonb_populate_recordset": true, "json_to_recordset": true,
	"jsonb_to_recordset": true, "jsonb_path_query": true, "generate_subscripts": true,
}

// externalCall is a call whose value comes from its arguments alone.
func (e *engine) externalCall(call *pgast.FuncCall, o operand) (termInfo, bool) {
	schema, name := functionName(call)
	if isAggregate(call) || call.GetOver() != nil {
		return termInfo{}, false
	}
	if schema == "sqlc" {
		return sqlcMacro(name, call)
	}
	if is, known := e.isCurrentSetting(call); !known {
		return termInfo{}, false
	} else if is {
		return e.currentSetting(call, o)
	}
	if f := e.function(call); f != nil {
		return e.externalFunction(f, call, o)
	}
	v, ok := e.composed(name, call.GetArgs(), o.scope)
	v.list = v.list || setReturning[name]
	if volatile[name] {
		v.text += "#" + strconv.Itoa(int(call.GetLocation()))
	}
	return v, ok
}

// readsByText are functions of PostgreSQL and its extensions tablefunc, dblink and xml2 that run a query
// given as text or read the table, schema or cursor that an argument names (manual, 9.15.4 for XML).
var readsByText = map[string]bool{
	"query_to_xml": true, "query_to_xml_and_xmlschema": true, "table_to_xml": true, "table_to_xml_and_xmlschema": true,
	"schema_to_xml": true, "schema_to_xml_and_xmlschema": true, "database_to_xml": true, "database_to_xml_and_xmlschema": true,
	"cursor_to_xml": true, "ts_stat": true, "ts_rewrite": true, "crosstab": true, "crosstab2": true, "crosstab3": true,
	"crosstab4": true, "connectby": true, "dblink": true, "dblink_exec": true, "xpath_table": true,
}

// ReadsByText reports whether a function of PostgreSQL or an extension reads what its argument says, so that no name in
// the statement tells of it.
func ReadsByText(name string) bool { return readsByText[name] }

// volatile are functions of PostgreSQL whose calls give different values in one statement.
var volatile = map[string]bool{
	"random": true, "gen_random_uuid": true, "uuid_generate_v4": true, "uuid_generate_v1": true, "uuidv4": true,
	"uuidv7": true, "nextval": true, "clock_timestamp": true, "timeofday": true, "gen_random_bytes": true,
}

// sqlcMacro is sqlc.arg(x), sqlc.narg(x) or sqlc.slice(x): a parameter by name.
func sqlcMacro(name string, call *pgast.FuncCall) (termInfo, bool) {
	if len(call.GetArgs()) != 1 || name != "arg" && name != "narg" && name != "slice" {
		return termInfo{}, false
	}
	parameter := call.GetArgs()[0].GetAConst().GetSval().GetSval()
	if ref := call.GetArgs()[0].GetColumnRef(); ref != nil {
		parts, _ := columnName(ref)
		parameter = strings.Join(parts, ".")
	}
	return termInfo{source: Parameter, text: "@" + parameter, list: name == "slice"}, true
}

// isCurrentSetting reports whether a call is of PostgreSQL's current_setting. It is not known of a call without schema
// where the schema has a function of that name too: the search path decides then.
func (e *engine) isCurrentSetting(call *pgast.FuncCall) (is, known bool) {
	schema, name := functionName(call)
	if name != "current_setting" || len(call.GetArgs()) == 0 || schema != "" && schema != "pg_catalog" {
		return false, true
	}
	return true, schema != "" || len(e.db.indexed().functions[name]) == 0
}

func (e *engine) currentSetting(call *pgast.FuncCall, o operand) (termInfo, bool) {
	v, ok := e.external(operand{call.GetArgs()[0], o.scope})
	if !ok {
		return termInfo{}, false
	}
	setting := strings.Trim(v.text, "'")
	if f, ok := e.fold(o); ok {
		return termInfo{source: Constant, null: f.null, text: "''"}, true
	}
	source := Value
	if e.isTenantSetting(setting) {
		source = Setting
	}
	return termInfo{source: source, session: true, told: v.told, text: "current_setting('" + strings.ToLower(setting) + "')"}, true
}

// isTenantSetting reports whether a setting names the tenant: one of the model's, or any custom one
// where the model names none.
func (e *engine) isTenantSetting(name string) bool {
	if len(e.db.Model.Settings) == 0 {
		return strings.Contains(name, ".")
	}
	return e.db.Model.IsTenantSetting(name)
}

// externalFunction is a call of a function of the schema. An SQL function is its body; of another
// one only its text is known, and it must not name a table.
func (e *engine) externalFunction(f *pgschema.Function, call *pgast.FuncCall, o operand) (termInfo, bool) {
	if f.Language == "sql" {
		body, s := e.functionBody(f, call, o.scope)
		sel := body.GetSelectStmt()
		if !isExpression(sel) || !e.spend() {
			return termInfo{}, false
		}
		v, ok := e.external(operand{sel.GetTargetList()[0].GetResTarget().GetVal(), s})
		v.constant = false
		return v, ok
	}
	if e.readsTables(f) {
		return termInfo{}, false
	}
	v, ok := e.composed(f.Name.String(), call.GetArgs(), o.scope)
	v.list = returnsSet(f)
	return v, ok
}

func returnsSet(f *pgschema.Function) bool {
	returns := strings.ToLower(f.Returns)
	return strings.HasPrefix(returns, "setof ") || strings.HasPrefix(returns, "table")
}

// functionBody parses the body of an SQL function and opens a scope with its arguments. The node is
// nil when the body is not one statement.
func (e *engine) functionBody(f *pgschema.Function, call *pgast.FuncCall, s *scope) (*pgast.Node, *scope) {
	if setsTenant(f) {
		return nil, nil
	}
	body := e.bodies[f]
	if body == nil {
		body = &functionBody{}
		e.bodies[f] = body
		if len(f.BodyNodes) == 1 {
			body.node = f.BodyNodes[0].Node
		} else if len(f.BodyNodes) == 0 && f.Body != "" {
			if stmts, broken := pgast.Parse(pgast.NewSource("", f.Body)); len(stmts) == 1 && len(broken) == 0 {
				body.node = stmts[0].Node
			}
		}
	}
	a := &arguments{names: f.ArgNames}
	given, ok := inOrder(f, call.GetArgs())
	if !ok {
		return nil, nil
	}
	for i := range max(len(f.Args), len(given)) {
		value := operand{}
		if i < len(given) && given[i] != nil {
			value = operand{given[i], s}
		} else if d := f.Defaults[i]; d != nil {
			value = operand{d.Node, &scope{}}
		}
		a.values = append(a.values, value)
	}
	for len(a.names) < len(a.values) {
		a.names = append(slices.Clone(a.names), "")
	}
	place := e.placeOf(call.GetLocation(), s)
	inner := &scope{arguments: a, rights: s.rightsOf().ofFunction(f), at: fixedAt(place)}
	if sel := body.node.GetSelectStmt(); sel != nil || body.node == nil {
		return body.node, inner
	}
	// RETURN expression: the parser gives the statement, a migration the expression itself.
	if r := body.node.GetReturnStmt(); r != nil {
		return selectOf(r.GetReturnval()), inner
	}
	switch body.node.GetNode().(type) {
	case *pgast.Node_InsertStmt, *pgast.Node_UpdateStmt, *pgast.Node_DeleteStmt, *pgast.Node_MergeStmt:
		return nil, inner
	}
	return selectOf(body.node), inner
}

// setsTenant reports whether a function runs with a custom setting of its own, so that its body does not see the
// session's.
func setsTenant(f *pgschema.Function) bool {
	for name := range f.Settings {
		if strings.Contains(name, ".") {
			return true
		}
	}
	return false
}

// inOrder returns the arguments of a call by position, nil for one that has its default; false when one is named that
// the function does not have.
func inOrder(f *pgschema.Function, args []*pgast.Node) ([]*pgast.Node, bool) {
	given := make([]*pgast.Node, 0, len(args))
	for _, arg := range args {
		named := arg.GetNamedArgExpr()
		if named == nil {
			given = append(given, arg)
			continue
		}
		i := slices.Index(f.ArgNames, named.GetName())
		if i < 0 {
			return nil, false
		}
		for len(given) <= i {
			given = append(given, nil)
		}
		given[i] = named.GetArg()
	}
	return given, true
}

type functionBody struct{ node *pgast.Node }

// readsTables reports whether the text of a function that is not SQL may read a table: it names one
// of the schema's, or runs SQL that is built at run time.
func (e *engine) readsTables(f *pgschema.Function) bool {
	if f.Body == "" {
		return f.Language != "c" && f.Language != "internal"
	}
	for l := range pgast.Lexemes(f.Body) {
		switch l.Kind {
		case 'w':
			if l.Word == "execute" || e.isTableName(l.Word) {
				return true
			}
		case '"':
			if e.isTableName(strings.Trim(f.Body[l.Start:l.End], `"`)) {
				return true
			}
		}
	}
	return false
}

func (e *engine) isTableName(name string) bool {
	if e.tableNames == nil {
		e.tableNames = map[string]bool{}
		for n := range e.db.Schema.Relations {
			e.tableNames[n.Name] = true
		}
	}
	return e.tableNames[name]
}

// selectOf wraps an expression as SELECT expression.
func selectOf(value *pgast.Node) *pgast.Node {
	target := &pgast.Node{Node: &pgast.Node_ResTarget{ResTarget: &pgast.ResTarget{Val: value}}}
	return &pgast.Node{Node: &pgast.Node_SelectStmt{SelectStmt: &pgast.SelectStmt{
		TargetList: []*pgast.Node{target}, Op: pgast.SetOperation_SETOP_NONE,
	}}}
}
