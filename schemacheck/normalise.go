package schemacheck

import (
	"slices"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// Different ways to write the same condition are brought to the one that the pin engine follows best.

// elements is what the name of a function gets when it stands for the elements of the array that the
// function returns.
const elements = " elements"

// sessionFunctions identify the session as current_user does.
var sessionFunctions = []string{"pg_backend_pid", "inet_client_addr", "inet_client_port", "txid_current", "pg_current_xact_id"}

// normalise rewrites a tree in place and reports whether it changed anything:
//
//	x = ANY (ARRAY (SELECT …))  →  x IN (SELECT …)
//	x = ANY (f())               →  x IN (SELECT f() elements), for a function that aggregates an array
//	x = f()                     →  x IN (SELECT f()), for a function that reads a table
//	(SELECT count(*) …) > 0     →  EXISTS (SELECT …)
//	pg_backend_pid()            →  session_user
func (p *pass) normalise(node *pgast.Node) bool {
	changed := false
	pgast.Rewrite(node, func(n *pgast.Node) bool {
		if call := n.GetFuncCall(); call != nil && len(call.Args) == 0 && slices.Contains(sessionFunctions, functionName(call)) {
			n.Node = &pgast.Node_SqlvalueFunction{SqlvalueFunction: &pgast.SQLValueFunction{Op: pgast.SQLValueFunctionOp_SVFOP_SESSION_USER}}
			changed = true
			return false
		}
		if counted := counted(n.GetAExpr()); counted != nil {
			n.Node, changed = counted.Node, true
			return true
		}
		e := n.GetAExpr()
		if e == nil || len(e.Name) != 1 || e.Name[0].GetString_().GetSval() != "=" {
			return true
		}
		if in := p.membership(e); in != nil {
			n.Node, changed = in.Node, true
		}
		return true
	})
	return changed
}

// counted returns the question whether there is a row that count(*) > 0 or count(*) >= 1 asks, or nil.
func counted(e *pgast.A_Expr) *pgast.Node {
	sub, least := e.GetLexpr().GetSubLink(), e.GetRexpr().GetAConst()
	sel := sub.GetSubselect().GetSelectStmt()
	if e.GetKind() != pgast.A_Expr_Kind_AEXPR_OP || least == nil || least.GetIsnull() || sub.GetSubLinkType() != pgast.SubLinkType_EXPR_SUBLINK ||
		len(sel.GetTargetList()) != 1 || sel.GetGroupClause() != nil || sel.GetHavingClause() != nil || sel.GetLimitCount() != nil || sel.GetLimitOffset() != nil ||
		sel.GetOp() != pgast.SetOperation_SETOP_NONE {
		return nil
	}
	call := sel.TargetList[0].GetResTarget().GetVal().GetFuncCall()
	number := least.GetIval().GetIval()
	more := operatorName(e) == ">" && number == 0 && (least.GetIval() != nil || least.Val == nil) || operatorName(e) == ">=" && number == 1
	if !more || functionName(call) != "count" || call.AggFilter != nil || call.Over != nil || !call.AggStar {
		return nil
	}
	rows := pgast.Clone(sub.Subselect)
	rows.GetSelectStmt().TargetList = nil
	return &pgast.Node{Node: &pgast.Node_SubLink{SubLink: &pgast.SubLink{SubLinkType: pgast.SubLinkType_EXISTS_SUBLINK, Subselect: rows}}}
}

// membership returns an equation as x IN (SELECT …), or nil.
func (p *pass) membership(e *pgast.A_Expr) *pgast.Node {
	right := withoutCast(e.Rexpr)
	switch e.Kind {
	case pgast.A_Expr_Kind_AEXPR_OP_ANY:
		if sub := right.GetSubLink(); sub != nil && sub.SubLinkType == pgast.SubLinkType_ARRAY_SUBLINK {
			return isIn(e.Lexpr, sub.Subselect)
		}
		if call := right.GetFuncCall(); call != nil && slices.ContainsFunc(p.called(call), func(f *pgschema.Function) bool { return p.aggregated(f) != nil }) {
			return isIn(e.Lexpr, selectExpr(callOfElements(call)))
		}
	case pgast.A_Expr_Kind_AEXPR_OP:
		left := e.Lexpr
		if right.GetFuncCall() == nil {
			left, right = e.Rexpr, withoutCast(e.Lexpr)
		}
		if call := right.GetFuncCall(); call != nil && left.GetFuncCall() == nil && slices.ContainsFunc(p.called(call), p.readsTable) {
			return isIn(left, selectExpr(right))
		}
	}
	return nil
}

func isIn(test, query *pgast.Node) *pgast.Node {
	return &pgast.Node{Node: &pgast.Node_SubLink{SubLink: &pgast.SubLink{
		SubLinkType: pgast.SubLinkType_ANY_SUBLINK, Testexpr: test, Subselect: query,
	}}}
}

func functionName(call *pgast.FuncCall) string {
	if len(call.Funcname) == 0 {
		return ""
	}
	return call.Funcname[len(call.Funcname)-1].GetString_().GetSval()
}

// callOfElements returns the call under the name that stands for the elements of its result.
func callOfElements(call *pgast.FuncCall) *pgast.Node {
	clone := pgast.Clone(&pgast.Node{Node: &pgast.Node_FuncCall{FuncCall: call}})
	names := clone.GetFuncCall().Funcname
	names[len(names)-1] = text(functionName(call) + elements)
	return clone
}

// body returns the SELECT that an SQL function, or a PL/pgSQL function that only returns something,
// consists of; nil when it is anything else.
func (p *pass) body(f *pgschema.Function) *pgast.Node {
	if node, ok := p.bodies[f]; ok {
		return node
	}
	p.bodies[f] = nil // a function that calls itself has no body while it is looked for
	node := p.reduce(f)
	if f.Language == "sql" {
		node = sqlBody(f)
	}
	p.bodies[f] = node
	return node
}

// sqlBody parses the body of an SQL function; nil when it is not one SELECT.
func sqlBody(f *pgschema.Function) *pgast.Node {
	switch {
	case len(f.BodyNodes) == 1 && f.BodyNodes[0].Node.GetReturnStmt() != nil:
		return selectExpr(f.BodyNodes[0].Node.GetReturnStmt().GetReturnval())
	case len(f.BodyNodes) == 1 && f.BodyNodes[0].Node.GetSelectStmt() != nil:
		return pgast.Clone(f.BodyNodes[0].Node)
	case len(f.BodyNodes) > 0:
		return nil
	}
	statements, broken := pgast.Parse(pgast.NewSource("", f.Body))
	if len(statements) != 1 || len(broken) > 0 || statements[0].Node.GetSelectStmt() == nil {
		return nil
	}
	return statements[0].Node
}

// readsTable reports whether a function is a SELECT with FROM.
func (p *pass) readsTable(f *pgschema.Function) bool {
	return len(p.body(f).GetSelectStmt().GetFromClause()) > 0
}

// aggregated returns the SELECT of the elements of the array that a function returns: SELECT
// array_agg(x) FROM … or SELECT ARRAY (SELECT …); nil for any other function.
func (p *pass) aggregated(f *pgschema.Function) *pgast.Node {
	body := p.body(f)
	sel := body.GetSelectStmt()
	if len(sel.GetTargetList()) != 1 || len(sel.GetGroupClause()) > 0 || sel.GetHavingClause() != nil {
		return nil
	}
	value := sel.TargetList[0].GetResTarget().GetVal()
	// COALESCE (array_agg(x), '{}') is as good.
	if c := value.GetCoalesceExpr(); c != nil {
		value = c.Args[0]
	}
	value = withoutCast(value)
	if sub := value.GetSubLink(); sub != nil && sub.SubLinkType == pgast.SubLinkType_ARRAY_SUBLINK && len(sel.FromClause) == 0 {
		return sub.Subselect
	}
	call := value.GetFuncCall()
	if call == nil || functionName(call) != "array_agg" || len(call.Args) != 1 || call.AggFilter != nil {
		return nil
	}
	clone := pgast.Clone(body)
	clone.GetSelectStmt().TargetList = selectExpr(call.Args[0]).GetSelectStmt().TargetList
	return clone
}

// engineFunctions returns the functions as the pin engine sees them: each that is one SELECT as an SQL
// function, and beside it the elements of the array it returns.
func (p *pass) engineFunctions() []*pgschema.Function {
	var functions []*pgschema.Function
	for _, f := range slices.Concat(p.schema.Functions, platformFunctions(p.schema)) {
		body := p.body(f)
		if body == nil {
			functions = append(functions, f)
			continue
		}
		functions = append(functions, p.asSQL(f, f.Name, body))
		if list := p.aggregated(f); list != nil {
			functions = append(functions, p.asSQL(f, pgschema.Name{Schema: f.Schema, Name: f.Name.Name + elements}, list))
		}
	}
	return functions
}

func (p *pass) asSQL(f *pgschema.Function, name pgschema.Name, body *pgast.Node) *pgschema.Function {
	sql := *f
	sql.Name, sql.Language, sql.Body = name, "sql", ""
	body = pgast.Clone(body)
	// function.argument, which no column can be meant by.
	pgast.Rewrite(body, func(n *pgast.Node) bool {
		fields := n.GetColumnRef().GetFields()
		if len(fields) != 2 || fields[0].GetString_().GetSval() != f.Name.Name {
			return true
		}
		if i := slices.Index(f.ArgNames, fields[1].GetString_().GetSval()); i >= 0 {
			n.Node = &pgast.Node_ParamRef{ParamRef: &pgast.ParamRef{Number: int32(i + 1)}}
		}
		return true
	})
	p.normalise(body)
	sql.BodyNodes = []*pgschema.Expr{{Node: body}}
	return &sql
}
