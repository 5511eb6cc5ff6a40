package replay

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

func (e *evaluator) boolean(n *pgast.BoolExpr) value {
	if n.Boolop == pgast.BoolExprType_NOT_EXPR {
		return e.value(n.Args[0]).not()
	}
	and := n.Boolop == pgast.BoolExprType_AND_EXPR
	result := boolValue(and)
	for _, a := range n.Args {
		switch v := e.value(a); {
		case v.unknown:
			result = unknown
		case v.null:
			if !result.unknown {
				result = null
			}
		case v.isTrue() != and:
			return boolValue(!and) // decides, whatever the others are
		}
	}
	return result
}

func (e *evaluator) booleanTest(n *pgast.BooleanTest) value {
	v := e.value(n.Arg)
	if v.unknown {
		return unknown
	}
	switch n.Booltesttype {
	case pgast.BoolTestType_IS_TRUE:
		return boolValue(v.isTrue())
	case pgast.BoolTestType_IS_NOT_TRUE:
		return boolValue(!v.isTrue())
	case pgast.BoolTestType_IS_FALSE:
		return boolValue(!v.null && !v.isTrue())
	case pgast.BoolTestType_IS_NOT_FALSE:
		return boolValue(v.null || v.isTrue())
	}
	return boolValue(v.null == (n.Booltesttype == pgast.BoolTestType_IS_UNKNOWN))
}

func equal(a, b value) value {
	switch {
	case a.unknown || b.unknown || a.array || b.array || a.fields != nil || b.fields != nil:
		return unknown
	case a.null || b.null:
		return null
	}
	return boolValue(a.text == b.text)
}

func (e *evaluator) operator(n *pgast.A_Expr) value {
	_, op := qualified(n.Name)
	switch n.Kind {
	case pgast.A_Expr_Kind_AEXPR_OP:
		return compute(op, e.value(n.Lexpr), e.value(n.Rexpr))
	case pgast.A_Expr_Kind_AEXPR_IN:
		return e.in(e.value(n.Lexpr), n.Rexpr.GetList().GetItems(), op == "<>")
	case pgast.A_Expr_Kind_AEXPR_OP_ANY, pgast.A_Expr_Kind_AEXPR_OP_ALL:
		all := n.Kind == pgast.A_Expr_Kind_AEXPR_OP_ALL
		array := e.value(n.Rexpr)
		if array.unknown || !array.array {
			return unknown
		}
		result := boolValue(all)
		for _, x := range array.list {
			switch c := compute(op, e.value(n.Lexpr), x); {
			case c.unknown:
				result = unknown
			case c.isTrue() != all:
				return boolValue(!all)
			}
		}
		return result
	case pgast.A_Expr_Kind_AEXPR_LIKE, pgast.A_Expr_Kind_AEXPR_ILIKE:
		return like(e.value(n.Lexpr), e.value(n.Rexpr), strings.HasPrefix(op, "!"), n.Kind == pgast.A_Expr_Kind_AEXPR_ILIKE)
	case pgast.A_Expr_Kind_AEXPR_DISTINCT, pgast.A_Expr_Kind_AEXPR_NOT_DISTINCT:
		a, b := e.value(n.Lexpr), e.value(n.Rexpr)
		if a.unknown || b.unknown {
			return unknown
		}
		same := a.null && b.null || equal(a, b).isTrue()
		return boolValue(same == (n.Kind == pgast.A_Expr_Kind_AEXPR_NOT_DISTINCT))
	case pgast.A_Expr_Kind_AEXPR_NULLIF:
		a := e.value(n.Lexpr)
		if c := equal(a, e.value(n.Rexpr)); c.isTrue() {
			return null
		} else if c.unknown {
			return unknown
		}
		return a
	}
	return unknown
}

func (e *evaluator) in(v value, list []*pgast.Node, negated bool) value {
	result := boolValue(false)
	for _, node := range list {
		switch c := equal(v, e.value(node)); {
		case c.isTrue():
			return boolValue(!negated)
		case c.unknown, c.null:
			result = c
		}
	}
	if negated {
		return result.not()
	}
	return result
}

// compute applies a binary operator.
func compute(op string, a, b value) value {
	if a.unknown || b.unknown {
		return unknown
	}
	if op == "||" && (a.array || b.array) {
		return value{array: true, list: slices.Concat(elements(a), elements(b))}
	}
	if a.null || b.null {
		return null
	}
	switch op {
	case "||":
		return textValue(a.text + b.text)
	case "=":
		return equal(a, b)
	case "<>", "!=":
		return equal(a, b).not()
	case "~", "~*", "!~", "!~*":
		pattern := b.text
		if strings.HasSuffix(op, "*") {
			pattern = "(?i)" + pattern
		}
		re, err := regexp.Compile(pattern)
		if err != nil {
			return unknown
		}
		return boolValue(re.MatchString(a.text) != strings.HasPrefix(op, "!"))
	}
	if !a.time.IsZero() {
		return computeTime(op, a, b)
	}
	x, err1 := a.integer()
	y, err2 := b.integer()
	if err1 != nil || err2 != nil {
		return unknown
	}
	switch op {
	case "<":
		return boolValue(x < y)
	case "<=":
		return boolValue(x <= y)
	case ">":
		return boolValue(x > y)
	case ">=":
		return boolValue(x >= y)
	case "+":
		return textValue(strconv.Itoa(x + y))
	case "-":
		return textValue(strconv.Itoa(x - y))
	case "*":
		return textValue(strconv.Itoa(x * y))
	}
	return unknown
}

// computeTime applies an operator to a time and an interval, a number of days or another time.
func computeTime(op string, a, b value) value {
	switch op {
	case "+", "-":
		sign := 1
		if op == "-" {
			sign = -1
		}
		if days, err := b.integer(); err == nil {
			return timeValue(a.time.AddDate(0, 0, sign*days))
		}
		if b.time.IsZero() {
			return addInterval(a.time, b.text, sign)
		}
	case "<", "<=", ">", ">=":
		if !b.time.IsZero() {
			order := a.time.Compare(b.time)
			return boolValue(op == "<" && order < 0 || op == "<=" && order <= 0 || op == ">" && order > 0 || op == ">=" && order >= 0)
		}
	}
	return unknown
}

func elements(v value) []value {
	if v.array {
		return v.list
	}
	return []value{v}
}

// like matches a LIKE pattern.
func like(a, pattern value, negated, fold bool) value {
	if a.unknown || pattern.unknown {
		return unknown
	}
	if a.null || pattern.null {
		return null
	}
	var b strings.Builder
	b.WriteString("(?s)^")
	if fold {
		b.WriteString("(?i)")
	}
	escaped := false
	for _, c := range pattern.text {
		switch {
		case escaped:
			b.WriteString(regexp.QuoteMeta(string(c)))
			escaped = false
		case c == '\\':
			escaped = true
		case c == '%':
			b.WriteString(".*")
		case c == '_':
			b.WriteString(".")
		default:
			b.WriteString(regexp.QuoteMeta(string(c)))
		}
	}
	b.WriteString("$")
	re, err := regexp.Compile(b.String())
	if err != nil {
		return unknown
	}
	return boolValue(re.MatchString(a.text) != negated)
}
