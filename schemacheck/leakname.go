package schemacheck

import (
	"iter"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/classify"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
	"github.com/tenantvet/tenantvet/sqlcheck"
)

// nameLeaks gives each leak of a table the rule that tells of it. A leak has one name, that of what is to
// be changed.
func (p *pass) nameLeaks(leaks []*policyLeak) {
	readsConfined := !slices.ContainsFunc(leaks, func(l *policyLeak) bool { return slices.Contains(l.commands, "select") })
	for _, l := range leaks {
		l.rule = "policy-leaks"
		switch {
		case l.verdict == sqlcheck.Undecided:
		case l.admission.Unset || p.failsOpen(l):
			l.rule, l.admission.Unset = "policy-fails-open", true
		case p.opens(l, p.isSwitch):
			l.rule, l.signed = "policy-bypass-setting", p.isSigned(l.opening)
		case p.opens(l, func(n *pgast.Node) bool { return p.namesFixedTenant(l.table, n) }):
			l.rule = "policy-hardcoded-tenant"
		case readsConfined:
			l.rule = "policy-write-gap"
		case l.table.Class == classify.Child && !p.hasConfinedBranch(l):
			l.rule = "child-table-unpinned"
		}
	}
}

// leaksNamed yields the leaks of a table that a rule tells of.
func (p *pass) leaksNamed(t *classify.Table, rule string) iter.Seq[*policyLeak] {
	return func(yield func(*policyLeak) bool) {
		for _, l := range p.policyLeaks(t) {
			if l.rule == rule && !yield(l) {
				return
			}
		}
	}
}

// opens keeps the first condition of the given kind as the opening of a leak, and reports whether the expression
// would confine rows to the tenant if it and its like were never true, or always.
func (p *pass) opens(l *policyLeak, kind func(*pgast.Node) bool) bool {
	for _, value := range []bool{false, true} {
		l.opening = nil
		rewritten := p.rewritten(l, func(n *pgast.Node) bool {
			if !kind(n) {
				return true
			}
			if l.opening == nil {
				l.opening = &pgast.Node{Node: n.Node}
			}
			n.Node = boolean(value).Node
			return false
		})
		if l.opening != nil && p.confinesRows(l, rewritten) {
			return true
		}
	}
	return false
}

// rewritten returns the expression of a leak with what its functions return in their place, after a visit of each
// node, which may change it and says whether to go on below.
func (p *pass) rewritten(l *policyLeak, visit func(*pgast.Node) bool) *pgschema.Expr {
	special := *p.forRole(l.session, l.expr)
	special.Node = pgast.Clone(special.Node)
	calls := 0
	pgast.Rewrite(special.Node, func(n *pgast.Node) bool {
		if result := p.resultOf(n.GetFuncCall()); result != nil && calls < maxInlined {
			n.Node = result.Node
			calls++
		}
		return visit(n)
	})
	return &special
}

func (p *pass) confinesRows(l *policyLeak, expr *pgschema.Expr) bool {
	return sqlcheck.Admits(p.database(), l.table.Relation, expr).Verdict == sqlcheck.Pinned
}

// maxInlined bounds how many calls of an expression are replaced, as functions may call each other.
const maxInlined = 20

// resultOf returns the expression that a call stands for, with its arguments in place, where the function does
// nothing but return one; nil for any other.
func (p *pass) resultOf(call *pgast.FuncCall) *pgast.Node {
	functions := p.called(call)
	if len(functions) != 1 || len(functions[0].Args) != len(call.GetArgs()) {
		return nil
	}
	f := functions[0]
	sel := p.body(f).GetSelectStmt()
	if len(sel.GetTargetList()) != 1 || len(sel.GetFromClause()) > 0 || sel.GetWhereClause() != nil {
		return nil
	}
	// The target holds the node that is returned, so that an argument may stand in its place too.
	target := pgast.Clone(sel.TargetList[0])
	pgast.Rewrite(target, func(n *pgast.Node) bool {
		i := int(n.GetParamRef().GetNumber()) - 1
		if fields := n.GetColumnRef().GetFields(); len(fields) == 1 || len(fields) == 2 && fields[0].GetString_().GetSval() == f.Name.Name {
			i = slices.Index(f.ArgNames, fields[len(fields)-1].GetString_().GetSval())
		}
		if i < 0 || i >= len(call.Args) {
			return true
		}
		n.Node = pgast.Clone(call.Args[i]).Node
		return false
	})
	return target.GetResTarget().GetVal()
}

// isSwitch reports whether a condition depends on nothing but settings that any client can choose: on
// another setting than the tenant's, or on a special value of that one.
func (p *pass) isSwitch(n *pgast.Node) bool {
	if !p.isCondition(n) || !p.isSessionValue(n) {
		return false
	}
	return p.switchSetting(n) != ""
}

// switchSetting names the setting which a condition depends on, be it by a function; "" when it only asks whether
// there is a tenant.
func (p *pass) switchSetting(n *pgast.Node) string {
	setting, special := "", false
	pgast.Walk(n, func(n any) bool {
		switch n := n.(type) {
		case *pgast.FuncCall:
			if functionName(n) == "current_setting" && len(n.Args) > 0 {
				if name := constantOf(n.Args[0]).GetSval().GetSval(); setting == "" || p.model.IsTenantSetting(setting) {
					setting = name
				}
				return false
			}
			if p.readsSession(n) && !slices.Contains(sessionFunctions, functionName(n)) {
				setting = "what " + dotted(n.Funcname) + "() reads"
			}
		case *pgast.A_Const:
			special = special || n.GetSval().GetSval() != ""
		}
		return true
	})
	if p.model.IsTenantSetting(setting) && !special {
		return ""
	}
	return setting
}

// dotted writes the parts of a name as in a statement.
func dotted(names []*pgast.Node) string {
	parts := make([]string, len(names))
	for i, name := range names {
		parts[i] = name.GetString_().GetSval()
	}
	return strings.Join(parts, ".")
}

// comparisons are the operators whose result is a truth value.
var comparisons = []string{"=", "<>", "!=", "<", ">", "<=", ">=", "~", "~*", "!~", "~~", "~~*"}

// isCondition reports whether an expression is a truth value by its form.
func (p *pass) isCondition(n *pgast.Node) bool {
	switch {
	case n.GetBoolExpr() != nil, n.GetNullTest() != nil, n.GetBooleanTest() != nil:
		return true
	case n.GetAExpr() != nil:
		e := n.GetAExpr()
		return e.Kind != pgast.A_Expr_Kind_AEXPR_NULLIF && len(e.Name) > 0 &&
			slices.Contains(comparisons, e.Name[len(e.Name)-1].GetString_().GetSval())
	case n.GetTypeCast() != nil:
		return typeName(n.GetTypeCast()) == "bool"
	case n.GetCoalesceExpr() != nil:
		return p.isCondition(n.GetCoalesceExpr().Args[0])
	case n.GetFuncCall() != nil:
		return slices.ContainsFunc(p.called(n.GetFuncCall()), func(f *pgschema.Function) bool { return f.Returns == "boolean" })
	}
	return false
}

// namesFixedTenant reports whether a condition compares the tenant column of a table, or of any where that is
// nil, with a literal.
func (p *pass) namesFixedTenant(t *classify.Table, n *pgast.Node) bool {
	e := n.GetAExpr()
	if e == nil || len(e.Name) != 1 || e.Name[0].GetString_().GetSval() != "=" {
		return false
	}
	return p.refersToTenant(t, e.Lexpr) && hasLiteral(e.Rexpr) || p.refersToTenant(t, e.Rexpr) && hasLiteral(e.Lexpr)
}

// refersToTenant reports whether an expression is a tenant column, whatever it is cast to.
func (p *pass) refersToTenant(t *classify.Table, n *pgast.Node) bool {
	fields := withoutCast(n).GetColumnRef().GetFields()
	if len(fields) == 0 {
		return false
	}
	name := fields[len(fields)-1].GetString_().GetSval()
	return t != nil && p.isTenantColumn(t, name) || p.model.IsTenantColumn(name)
}

// hasLiteral reports whether a value, or one of a list of values, is a literal that may be somebody's id: not
// NULL, ”, 0 or the nil UUID.
func hasLiteral(n *pgast.Node) bool {
	items := []*pgast.Node{withoutCast(n)}
	if list := items[0].GetList(); list != nil {
		items = list.Items
	} else if array := items[0].GetAArrayExpr(); array != nil {
		items = array.Elements
	}
	return slices.ContainsFunc(items, func(item *pgast.Node) bool {
		c := constantOf(item)
		return c.GetIval().GetIval() != 0 || strings.Trim(c.GetSval().GetSval(), "0-") != ""
	})
}

// hasConfinedBranch reports whether an alternative of the expression confines the rows.
func (p *pass) hasConfinedBranch(l *policyLeak) bool {
	or := l.expr.Node.GetBoolExpr()
	if or == nil || or.Boolop != pgast.BoolExprType_OR_EXPR {
		return false
	}
	return slices.ContainsFunc(or.Args, func(arg *pgast.Node) bool {
		branch := *l.expr
		branch.Node = arg
		return sqlcheck.Admits(p.database(), l.table.Relation, p.forRole(l.session, &branch)).Verdict == sqlcheck.Pinned
	})
}
