package sqlcheck

import (
	"strings"

	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// settingState is what the custom settings hold when a policy is evaluated.
type settingState int

const (
	// settingSet is a session that has set them.
	settingSet settingState = iota
	// settingNull is a fresh connection, settingEmpty one on which a transaction with SET LOCAL has
	// ended: the settings are then '' (measured on PostgreSQL 15 to 18).
	settingNull
	settingEmpty
)

// when says in which state something happens.
func (s settingState) when() string {
	switch s {
	case settingNull:
		return " while no tenant is set on a fresh connection, where the setting is NULL"
	case settingEmpty:
		return " while no tenant is set on a connection used before, where the setting is ''"
	}
	return ""
}

// folded is the value of an expression that is known at once.
type folded struct {
	null bool
	text string
}

func truth(b bool) (folded, bool) {
	if b {
		return folded{text: "true"}, true
	}
	return folded{text: "false"}, true
}

// fold evaluates an expression of literals and of custom settings that are not set. What raises an
// error counts as NULL: neither admits a row.
func (e *engine) fold(o operand) (folded, bool) {
	if e.settings == settingSet {
		return folded{}, false
	}
	switch n := o.node.GetNode().(type) {
	case *pgast.Node_AConst:
		info := constantText(n.AConst)
		return folded{info.null, strings.Trim(info.text, "'")}, true
	case *pgast.Node_TypeCast:
		v, ok := e.fold(operand{n.TypeCast.GetArg(), o.scope})
		if ok && v.text == "" && !textTypes[typeName(n.TypeCast.GetTypeName())] {
			v = folded{null: true}
		}
		return v, ok
	case *pgast.Node_FuncCall:
		return e.foldCall(n.FuncCall, o)
	case *pgast.Node_CoalesceExpr:
		for _, arg := range n.CoalesceExpr.GetArgs() {
			if v, ok := e.fold(operand{arg, o.scope}); !ok || !v.null {
				return v, ok
			}
		}
		return folded{null: true}, true
	case *pgast.Node_NullTest:
		v, ok := e.fold(operand{n.NullTest.GetArg(), o.scope})
		if !ok {
			return folded{}, false
		}
		return truth(v.null == (n.NullTest.GetNulltesttype() == pgast.NullTestType_IS_NULL))
	case *pgast.Node_AExpr:
		return e.foldOperator(n.AExpr, o.scope)
	case *pgast.Node_SubLink:
		sel := n.SubLink.GetSubselect().GetSelectStmt()
		if n.SubLink.GetSubLinkType() == pgast.SubLinkType_EXPR_SUBLINK && isExpression(sel) {
			return e.fold(operand{sel.GetTargetList()[0].GetResTarget().GetVal(), o.scope.inner()})
		}
	case *pgast.Node_ColumnRef:
		if name, ok := columnName(n.ColumnRef); ok {
			if r := e.resolve(name, o.scope); r.term == noTerm && r.node != nil && e.spend() {
				return e.fold(r.operand)
			}
		}
	case *pgast.Node_ParamRef:
		if a := o.scope.args(); a != nil && int(n.ParamRef.GetNumber()) <= len(a.values) && n.ParamRef.GetNumber() > 0 && e.spend() {
			return e.fold(a.values[n.ParamRef.GetNumber()-1])
		}
	}
	return folded{}, false
}

var textTypes = map[string]bool{"text": true, "varchar": true, "bpchar": true, "citext": true, "name": true}

// trimming are functions that give ” for ” and NULL for NULL.
var trimming = map[string]bool{"lower": true, "upper": true, "btrim": true, "trim": true, "ltrim": true, "rtrim": true}

func (e *engine) foldCall(call *pgast.FuncCall, o operand) (folded, bool) {
	_, name := functionName(call)
	args := call.GetArgs()
	is, known := e.isCurrentSetting(call)
	if !known {
		return folded{}, false
	}
	if is {
		setting, ok := e.external(operand{args[0], o.scope})
		if !ok || !strings.Contains(setting.text, ".") {
			return folded{}, false
		}
		return folded{null: e.settings == settingNull}, true
	}
	if f := e.function(call); f != nil && f.Language == "sql" && e.spend() {
		body, s := e.functionBody(f, call, o.scope)
		if sel := body.GetSelectStmt(); isExpression(sel) {
			return e.fold(operand{sel.GetTargetList()[0].GetResTarget().GetVal(), s})
		}
		return folded{}, false
	}
	if trimming[name] && len(args) > 0 {
		return e.fold(operand{args[0], o.scope})
	}
	return folded{}, false
}

func (e *engine) foldOperator(n *pgast.A_Expr, s *scope) (folded, bool) {
	l, ok := e.fold(operand{n.GetLexpr(), s})
	if !ok {
		return folded{}, false
	}
	if l.null && n.GetKind() == pgast.A_Expr_Kind_AEXPR_NULLIF {
		return l, true
	}
	r, ok := e.fold(operand{n.GetRexpr(), s})
	if !ok {
		return folded{}, false
	}
	switch kind, op := n.GetKind(), operator(n); {
	case kind == pgast.A_Expr_Kind_AEXPR_NULLIF:
		if l == r {
			return folded{null: true}, true
		}
		return l, true
	case kind == pgast.A_Expr_Kind_AEXPR_NOT_DISTINCT:
		return truth(l == r)
	case kind == pgast.A_Expr_Kind_AEXPR_DISTINCT:
		return truth(l != r)
	case kind != pgast.A_Expr_Kind_AEXPR_OP:
		return folded{}, false
	case l.null || r.null:
		return folded{null: true}, true
	case op == "=":
		return truth(l.text == r.text)
	case op == "<>" || op == "!=":
		return truth(l.text != r.text)
	}
	return folded{}, false
}
