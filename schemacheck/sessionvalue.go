package schemacheck

import (
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

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
	for _, f := range p.functions[name] {
		if schema == "" || schema == f.Schema {
			found = append(found, f)
		}
	}
	return found
}

// sessionSelect reports whether a statement is SELECT of what the session is.
func (r *routine) sessionSelect(node *pgast.Node) bool {
	targets := node.GetSelectStmt().GetTargetList()
	return len(targets) == 1 && r.session(targets[0].GetResTarget().GetVal())
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
