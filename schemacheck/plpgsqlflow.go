package schemacheck

import (
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// maxPaths bounds how many ways through a PL/pgSQL body are followed.
const maxPaths = 64

// exceptionLevel is the level of RAISE that ends a function, ERROR in PostgreSQL's elog.h.
const exceptionLevel = 21

// flow follows the ways through a PL/pgSQL body that only decides and returns.
type flow struct {
	routine *routine
	paths   int
}

// result returns what a body returns as one expression, a CASE for each IF; nil for a body that does anything else. A
// way that raises, or that ends without RETURN, gives NULL: neither admits a row.
func (f *flow) result(statements []any) *pgast.Node {
	if f.paths++; f.paths > maxPaths {
		return nil
	}
	for k, item := range statements {
		rest := statements[k+1:]
		for kind, value := range asMap(item) {
			fields := asMap(value)
			switch kind {
			case "PLpgSQL_stmt_return":
				if node := f.routine.expr(asMap(fields["expr"])); node != nil {
					return f.routine.result(node)
				}
				return nil
			case "PLpgSQL_stmt_raise":
				if level, _ := fields["elog_level"].(float64); level >= exceptionLevel {
					return null()
				}
			case "PLpgSQL_stmt_if":
				return f.choose(fields, "else_body", "elsif_list", rest)
			case "PLpgSQL_stmt_case":
				if fields["t_expr"] != nil {
					return nil
				}
				return f.choose(fields, "else_stmts", "case_when_list", rest)
			case "PLpgSQL_stmt_block":
				if fields["exceptions"] != nil {
					return nil
				}
				return f.result(concat(fields["body"], rest))
			case "PLpgSQL_stmt_assign", "PLpgSQL_stmt_execsql":
				if !f.routine.setsConstant(fields) {
					return nil
				}
			default:
				return nil
			}
		}
	}
	return null()
}

// choose returns IF or CASE, each branch followed by the statements behind it, as an expression.
func (f *flow) choose(fields map[string]any, otherwise, branches string, rest []any) *pgast.Node {
	c := &pgast.CaseExpr{}
	when := func(holder any, body any) bool {
		cond := f.routine.expr(asMap(holder))
		result := f.result(concat(body, rest))
		if cond == nil || result == nil {
			return false
		}
		c.Args = append(c.Args, &pgast.Node{Node: &pgast.Node_CaseWhen{CaseWhen: &pgast.CaseWhen{Expr: f.routine.result(cond), Result: result}}})
		return true
	}
	if fields["cond"] != nil && !when(fields["cond"], fields["then_body"]) {
		return nil
	}
	list, _ := fields[branches].([]any)
	for _, item := range list {
		for _, branch := range asMap(item) {
			b := asMap(branch)
			holder := b["cond"]
			if holder == nil {
				holder = b["expr"]
			}
			if !when(holder, b["stmts"]) {
				return nil
			}
		}
	}
	if c.Defresult = f.result(concat(fields[otherwise], rest)); c.Defresult == nil {
		return nil
	}
	return &pgast.Node{Node: &pgast.Node_CaseExpr{CaseExpr: c}}
}

// concat is a body and the statements behind it.
func concat(body any, rest []any) []any {
	list, _ := body.([]any)
	return append(append([]any{}, list...), rest...)
}

func null() *pgast.Node {
	return &pgast.Node{Node: &pgast.Node_AConst{AConst: &pgast.A_Const{Isnull: true}}}
}

// setsConstant reports whether a statement only gives a variable the one value it ever has, which stands in its place.
func (r *routine) setsConstant(fields map[string]any) bool {
	if number, ok := fields["varno"].(float64); ok {
		return r.constants[r.datums[int(number)]] != nil
	}
	into, _ := fields["into"].(bool)
	row := asMap(asMap(fields["target"])["PLpgSQL_row"])
	targets, _ := row["fields"].([]any)
	if !into || len(targets) != 1 {
		return false
	}
	name, _ := asMap(targets[0])["name"].(string)
	return r.constants[name] != nil
}
