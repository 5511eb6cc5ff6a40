package replay

import (
	"strings"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// functionTypes are the result types of the built-in functions that views and tables made from
// queries use most.
var functionTypes = map[string]string{
	"now": "timestamp with time zone", "clock_timestamp": "timestamp with time zone",
	"statement_timestamp": "timestamp with time zone", "transaction_timestamp": "timestamp with time zone",
	"count": "bigint", "row_number": "bigint", "rank": "bigint", "dense_rank": "bigint", "nextval": "bigint",
	"gen_random_uuid": "uuid", "uuid_generate_v4": "uuid", "uuidv7": "uuid", "uuidv4": "uuid",
	"lower": "text", "upper": "text", "concat": "text", "concat_ws": "text", "format": "text", "current_setting": "text",
	"string_agg": "text", "replace": "text", "substring": "text", "split_part": "text", "md5": "text", "btrim": "text",
	"ltrim": "text", "rtrim": "text", "to_char": "text", "left": "text", "right": "text", "quote_ident": "text",
	"length": "integer", "char_length": "integer", "cardinality": "integer", "array_length": "integer",
	"jsonb_build_object": "jsonb", "jsonb_agg": "jsonb", "jsonb_object_agg": "jsonb", "to_jsonb": "jsonb",
	"json_build_object": "json", "json_agg": "json", "json_object_agg": "json", "row_to_json": "json", "to_json": "json",
	"bool_or": "boolean", "bool_and": "boolean", "every": "boolean", "starts_with": "boolean",
	"extract": "numeric", "date_part": "double precision", "random": "double precision", "percentile_cont": "double precision",
}

// sameTypeFunctions return the type of their first argument.
var sameTypeFunctions = wordSet("max min lag lead first_value last_value nth_value abs mode any_value")

// typeOf is the type of an expression as far as it is plain, else "".
func (v *resolver) typeOf(node *pgast.Node, sc *scope) string {
	switch n := pgast.Unwrap(node).(type) {
	case *pgast.ColumnRef:
		if _, c := sc.lookup(stringList(n.Fields)); c != nil {
			return c.Type
		}
	case *pgast.TypeCast:
		return v.r.typeOfName(n.TypeName).text
	case *pgast.A_Const:
		return constType(n)
	case *pgast.FuncCall:
		return v.functionType(n, sc)
	case *pgast.CoalesceExpr:
		return v.firstType(n.Args, sc)
	case *pgast.MinMaxExpr:
		return v.firstType(n.Args, sc)
	case *pgast.CaseExpr:
		var results []*pgast.Node
		for _, w := range n.Args {
			results = append(results, w.GetCaseWhen().GetResult())
		}
		return v.firstType(append(results, n.Defresult), sc)
	case *pgast.CollateClause:
		return v.typeOf(n.Arg, sc)
	case *pgast.BoolExpr, *pgast.NullTest, *pgast.BooleanTest:
		return "boolean"
	case *pgast.SubLink:
		switch n.SubLinkType {
		case pgast.SubLinkType_EXISTS_SUBLINK, pgast.SubLinkType_ANY_SUBLINK, pgast.SubLinkType_ALL_SUBLINK:
			return "boolean"
		case pgast.SubLinkType_EXPR_SUBLINK:
			if columns := v.types().query(n.Subselect, sc); len(columns) == 1 {
				return columns[0].Type
			}
		}
	case *pgast.A_Expr:
		return v.operatorType(n)
	case *pgast.SQLValueFunction:
		return valueFunctionTypes[valueFunctionName(n.Op)]
	}
	return ""
}

var valueFunctionTypes = map[string]string{
	"current_date": "date", "current_timestamp": "timestamp with time zone", "localtimestamp": "timestamp without time zone",
	"current_user": "name", "session_user": "name", "user": "name", "current_role": "name", "current_schema": "name",
	"current_catalog": "name",
}

func constType(n *pgast.A_Const) string {
	switch v := n.GetVal().(type) {
	case *pgast.A_Const_Ival:
		return "integer"
	case *pgast.A_Const_Fval:
		if strings.ContainsAny(v.Fval.GetFval(), ".eE") {
			return "numeric"
		}
		return "bigint"
	case *pgast.A_Const_Boolval:
		return "boolean"
	case *pgast.A_Const_Sval:
		return "text"
	}
	return ""
}

// firstType is the first type other than that of a string constant, which adapts to the others.
func (v *resolver) firstType(nodes []*pgast.Node, sc *scope) string {
	fallback := ""
	for _, n := range nodes {
		t := v.typeOf(n, sc)
		if n.GetAConst() != nil {
			if fallback == "" {
				fallback = t
			}
			continue
		}
		return t
	}
	return fallback
}

func (v *resolver) functionType(n *pgast.FuncCall, sc *scope) string {
	schema, name := qualified(n.Funcname)
	if schema == "" || schema == catalogSchema {
		if t := functionTypes[name]; t != "" {
			return t
		}
		if sameTypeFunctions[name] && len(n.Args) > 0 {
			return v.typeOf(n.Args[0], sc)
		}
	}
	var found []*pgschema.Function
	for _, f := range v.r.lookupFunctions(schema, name) {
		if f.Accepts(len(n.Args)) {
			found = append(found, f)
		}
	}
	if len(found) == 1 {
		return strings.TrimPrefix(found[0].Returns, "SETOF ")
	}
	return ""
}

// operatorType knows the operators whose result does not depend on their operands.
func (v *resolver) operatorType(n *pgast.A_Expr) string {
	switch n.Kind {
	case pgast.A_Expr_Kind_AEXPR_OP:
		_, name := qualified(n.Name)
		switch name {
		case "=", "<>", "!=", "<", ">", "<=", ">=", "~", "~*", "!~", "!~*", "@>", "<@", "?", "?|", "?&", "@@":
			return "boolean"
		case "->>", "#>>":
			return "text"
		}
	case pgast.A_Expr_Kind_AEXPR_NULLIF:
		return ""
	default:
		return "boolean"
	}
	return ""
}
