package sqlcheck

import (
	"slices"
	"strings"
	"unicode"

	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// What follows from the session is as good as the session's tenant only while no constant can stand in its place.

// picks reports whether one of several values, of which a CASE, GREATEST or LEAST gives one, follows from the session
// and another is a constant: then rows of a fixed tenant may be meant.
func (e *engine) picks(values []*pgast.Node, s *scope) bool {
	session, constant := false, false
	for _, value := range values {
		if value == nil {
			continue
		}
		v, ok := e.external(operand{value, s})
		if !ok {
			return false
		}
		session = session || v.session
		constant = constant || v.source == Constant && !v.null && v.text != "''"
	}
	return session && constant
}

// results are the values that a CASE gives.
func results(n *pgast.CaseExpr) []*pgast.Node {
	values := []*pgast.Node{n.GetDefresult()}
	for _, when := range n.GetArgs() {
		values = append(values, when.GetCaseWhen().GetResult())
	}
	return values
}

// joining are functions that put their arguments together to one text or array.
var joining = map[string]bool{"concat": true, "concat_ws": true, "format": true, "array_append": true, "array_prepend": true, "array_cat": true}

// added returns the constants that an array holds besides what the session gives, as in
// string_to_array(current_setting('app.tenants') || ',7', ','). What has no letter or digit separates elements.
func (e *engine) added(o operand) (values []term) {
	pgast.Walk(o.node, func(message any) bool {
		var parts []*pgast.Node
		switch n := message.(type) {
		case *pgast.FuncCall:
			if _, name := functionName(n); joining[name] {
				parts = n.GetArgs()
			}
		case *pgast.A_Expr:
			if n.GetKind() == pgast.A_Expr_Kind_AEXPR_OP && operator(n) == "||" {
				parts = []*pgast.Node{n.GetLexpr(), n.GetRexpr()}
			}
		case *pgast.CaseExpr:
			parts = results(n)
		case *pgast.MinMaxExpr:
			parts = n.GetArgs()
		case *pgast.A_ArrayExpr:
			parts = n.GetElements()
		}
		for _, part := range parts {
			if part == nil {
				continue
			}
			v, ok := e.external(operand{part, o.scope})
			if ok && v.source == Constant && !v.null && strings.ContainsFunc(v.text, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) {
				if t := e.outside(v); !slices.Contains(values, t) {
					values = append(values, t)
				}
			}
		}
		return true
	})
	return values
}
