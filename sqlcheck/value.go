package sqlcheck

import (
	"slices"
	"strconv"
	"strings"

	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// expressionKey identifies an expression in its scope: the parser's message, not the node around it.
type expressionKey struct {
	message any
	scope   *scope
}

// term returns the term of an expression. Casts that keep different values different do not count.
func (e *engine) term(o operand) term { return e.termOf(o, false) }

// comparedTerm returns the term of an expression that equals something, so it is not NULL: there
// NULLIF(x, y) is x.
func (e *engine) comparedTerm(o operand) term { return e.termOf(o, true) }

func (e *engine) termOf(o operand, compared bool) term {
	if v, ok := e.external(o); ok {
		return e.outside(v)
	}
	switch n := o.node.GetNode().(type) {
	case *pgast.Node_ColumnRef:
		name, ok := columnName(n.ColumnRef)
		if !ok {
			break
		}
		r := e.resolve(name, o.scope)
		switch {
		case r.term != noTerm:
			if same := e.generatedFrom(r.term); same != noTerm {
				return same
			}
			return r.term
		case r.node != nil && e.spend():
			return e.termOf(r.operand, compared)
		}
	case *pgast.Node_ParamRef:
		if a := o.scope.args(); a != nil && int(n.ParamRef.GetNumber()) <= len(a.values) && n.ParamRef.GetNumber() > 0 && e.spend() {
			return e.termOf(a.values[n.ParamRef.GetNumber()-1], compared)
		}
	case *pgast.Node_TypeCast:
		inner := e.termOf(operand{n.TypeCast.GetArg(), o.scope}, compared)
		if e.keepsValues(inner, n.TypeCast.GetTypeName()) {
			return inner
		}
	case *pgast.Node_CollateClause:
		return e.termOf(operand{n.CollateClause.GetArg(), o.scope}, compared)
	case *pgast.Node_AExpr:
		if compared && n.AExpr.GetKind() == pgast.A_Expr_Kind_AEXPR_NULLIF {
			return e.termOf(operand{n.AExpr.GetLexpr(), o.scope}, compared)
		}
	case *pgast.Node_AIndirection:
		if t := e.field(n.AIndirection, o.scope); t != noTerm {
			return t
		}
	case *pgast.Node_SubLink:
		if t := e.scalarTerm(e.scalar(n.SubLink, o.scope), compared); t != noTerm {
			return t
		}
	case *pgast.Node_FuncCall:
		if t := e.scalarTerm(e.built[expressionKey{n.FuncCall, o.scope}], compared); t != noTerm {
			return t
		}
		if t := e.injected(n.FuncCall, o.scope, compared); t != noTerm {
			return t
		}
	}
	return e.opaque(o)
}

// scalarTerm returns the term of the one column of a subquery. Where that is a column of the query around,
// the subquery is NULL instead when it has no row.
func (e *engine) scalarTerm(out *output, compared bool) term {
	if out == nil || len(out.columns) == 0 {
		return noTerm
	}
	t := e.bindingTerm(out.columns[0].binding)
	if i := e.info(t).inst; i != nil && !compared && !slices.Contains(out.local, i) {
		return noTerm
	}
	return t
}

func (e *engine) bindingTerm(b binding) term {
	if b.term != noTerm || b.node == nil {
		return b.term
	}
	return e.term(b.operand)
}

// opaque returns the term of an expression that nothing is known of, always the same one.
func (e *engine) opaque(o operand) term {
	key := expressionKey{o.node, o.scope}
	t, ok := e.opaques[key]
	if !ok {
		t = e.newTerm(termInfo{expression: o})
		e.opaques[key] = t
	}
	return t
}

// field is (relation).column.
func (e *engine) field(n *pgast.A_Indirection, s *scope) term {
	ref, fields := n.GetArg().GetColumnRef(), n.GetIndirection()
	if ref == nil || len(fields) != 1 || fields[0].GetString_() == nil {
		return noTerm
	}
	if name, ok := columnName(ref); ok {
		if r := e.resolve(name, s); r.row != nil {
			if b, ok := e.find(r.row, fields[0].GetString_().GetSval()); ok {
				return e.bindingTerm(b)
			}
		}
	}
	return noTerm
}

// integers are the names of the integer types, as the parser and as format_type write them.
var integers = []string{"int2", "int4", "int8", "smallint", "integer", "bigint"}

// uuidLength is how many characters the text of a uuid has.
const uuidLength = 36

// keepsValues reports whether a cast maps different values of the term to different values.
func (e *engine) keepsValues(t term, to *pgast.TypeName) bool {
	info := e.info(t)
	if info.inst == nil || len(to.GetArrayBounds()) > 0 {
		return false
	}
	from := ""
	if info.inst.rel != nil {
		if c := info.inst.rel.Column(info.column); c != nil {
			from = c.Type
		}
	}
	switch name := typeName(to); {
	case len(to.GetTypmods()) > 0:
		return from == "uuid" && len(to.GetTypmods()) == 1 && to.GetTypmods()[0].GetAConst().GetIval().GetIval() >= uuidLength
	case name == from:
		return true
	case name == "text" || name == "varchar":
		return true
	case name == "uuid":
		return from == "" || from == "text" || from == "citext" || strings.HasPrefix(from, "char")
	case slices.Contains(integers, name):
		return slices.Contains(integers, from)
	}
	return false
}

// typeName returns the last part of a type's name.
func typeName(t *pgast.TypeName) string {
	names := t.GetNames()
	if len(names) == 0 {
		return ""
	}
	return names[len(names)-1].GetString_().GetSval()
}

// constantText returns how a literal is written.
func constantText(c *pgast.A_Const) termInfo {
	info := termInfo{source: Constant}
	switch {
	case c.GetIsnull():
		info.null, info.text = true, "NULL"
	case c.GetSval() != nil:
		info.text = "'" + strings.ReplaceAll(c.GetSval().GetSval(), "'", "''") + "'"
	case c.GetIval() != nil:
		info.text, info.constant = strconv.Itoa(int(c.GetIval().GetIval())), true
	case c.GetFval() != nil:
		info.text = c.GetFval().GetFval()
	case c.GetBoolval() != nil:
		info.text = strconv.FormatBool(c.GetBoolval().GetBoolval())
	case c.GetBsval() != nil:
		info.text = c.GetBsval().GetBsval()
	default:
		// The parser leaves out the value of the literal 0.
		info.text, info.constant = "0", true
	}
	return info
}

// boolean returns the value of a literal TRUE or FALSE.
func boolean(n *pgast.Node) (value, ok bool) {
	for n.GetTypeCast() != nil && typeName(n.GetTypeCast().GetTypeName()) == "bool" {
		n = n.GetTypeCast().GetArg()
		if s := n.GetAConst().GetSval(); s != nil {
			switch strings.ToLower(s.GetSval()) {
			case "t", "true":
				return true, true
			case "f", "false":
				return false, true
			}
		}
	}
	if b := n.GetAConst().GetBoolval(); b != nil {
		return b.GetBoolval(), true
	}
	return false, false
}
