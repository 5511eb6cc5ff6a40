package schemacheck

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/classify"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

var _ = register("policy-slow", checkPolicySlow)

// checkPolicySlow looks for policies that isolate but keep PostgreSQL from finding one tenant's rows by the
// index on the tenant: 60,000 rows took 10 to 400 ms instead of 0.5 (measured on PostgreSQL 15 to 18). What
// leaks is not also called slow.
func checkPolicySlow(p *pass) {
	for t := range p.owned() {
		if t.Class != classify.Tenant || !t.Relation.RowSecurity || len(p.policyLeaks(t)) > 0 {
			continue
		}
		for _, policy := range t.Relation.Policies {
			if policy.Using == nil || !policy.Permissive {
				continue
			}
			s := &slowness{p: p, table: t}
			s.look(policy.Using.Node)
			if s.why == "" {
				continue
			}
			f := finding.New("policy-slow", policy.Origin, object(t.Relation),
				"policy %s of %s %s: a query for one tenant reads the rows of all", policy.Name, object(t.Relation), s.why)
			f.Severity = s.severity
			f.Fix = &s.fix
			p.report(f)
		}
	}
}

// slowness is the first cause found in a policy expression.
type slowness struct {
	p        *pass
	table    *classify.Table
	why      string
	severity finding.Severity
	fix      finding.Fix
}

func (s *slowness) found(severity finding.Severity, fix, format string, args ...any) {
	if s.why == "" {
		s.why, s.severity, s.fix.Message = fmt.Sprintf(format, args...), severity, fix
	}
}

// look judges the conditions that a row must meet by their form.
func (s *slowness) look(node *pgast.Node) {
	switch {
	case !s.names(node):
	case node.GetBoolExpr() != nil:
		s.combined(node.GetBoolExpr())
	case node.GetSubLink() != nil:
		s.subquery(node.GetSubLink())
	case node.GetAExpr() != nil:
		s.comparison(node.GetAExpr())
	case node.GetFuncCall() != nil:
		s.predicate(node.GetFuncCall())
	case node.GetCaseExpr() != nil:
		s.found(finding.Warning, "choose the value by CASE instead of the condition: "+s.table.Column+" = CASE … END",
			"has the tenant's condition inside CASE, where no index serves it")
	case node.GetBooleanTest() != nil, node.GetCoalesceExpr() != nil:
		s.found(finding.Warning, "leave the comparison as it is: a condition that is NULL admits no row",
			"wraps the tenant's condition in IS TRUE or COALESCE, where no index serves it")
	}
}

// combined judges AND, of which one part that an index serves is enough, and OR, of which every part has to be.
func (s *slowness) combined(b *pgast.BoolExpr) {
	var parts []*slowness
	for _, arg := range b.Args {
		one := &slowness{p: s.p, table: s.table}
		one.look(arg)
		parts = append(parts, one)
	}
	switch b.Boolop {
	case pgast.BoolExprType_AND_EXPR:
		for i, one := range parts {
			if one.why == "" && s.names(b.Args[i]) {
				return
			}
		}
		if i := slices.IndexFunc(parts, func(one *slowness) bool { return one.why != "" }); i >= 0 {
			*s = *parts[i]
		}
	case pgast.BoolExprType_OR_EXPR:
		for i, one := range parts {
			if one.why != "" || !s.names(b.Args[i]) {
				s.found(finding.Info, "make a policy of its own for the exception, TO the role that has it",
					"joins the tenant's condition to another by OR")
			}
		}
	}
}

// subquery judges a condition that looks the tenant up: once for the statement is quick, for each row is not.
func (s *slowness) subquery(link *pgast.SubLink) {
	fix := "say " + quote(s.table.Column) + " = ANY (ARRAY(SELECT …)), whose rows are fetched once"
	switch link.SubLinkType {
	case pgast.SubLinkType_ANY_SUBLINK:
		if s.isTenant(link.GetTestexpr()) {
			s.found(finding.Info, fix, "compares %s with the rows of a subquery", s.table.Column)
		}
	case pgast.SubLinkType_EXISTS_SUBLINK:
		s.found(finding.Info, fix, "looks %s up in a subquery for each row", s.table.Column)
	}
}

// comparison judges a comparison with the tenant column.
func (s *slowness) comparison(e *pgast.A_Expr) {
	if inner := isTrue(e); inner != nil {
		s.look(inner)
		return
	}
	column, value := e.Lexpr, e.Rexpr
	if !s.names(column) {
		column, value = value, column
	}
	c := s.table.Relation.Column(s.table.Column)
	switch {
	case c == nil || s.names(value):
	case e.Kind == pgast.A_Expr_Kind_AEXPR_NOT_DISTINCT:
		s.found(finding.Warning, "compare by =, as the setting must not be NULL", "compares %s by IS NOT DISTINCT FROM, which no index serves", c.Name)
	case s.isTenant(column):
		s.value(value)
	case column.GetTypeCast() != nil && s.isTenant(withoutCast(column)):
		if !isText(c.Type) {
			s.found(finding.Warning, "cast the setting instead, as in "+s.p.isolates(s.table, quoteName(s.table.Relation.Name)),
				"casts column %s, which has an index as %s only", c.Name, c.Type)
		}
	case withoutCast(column).GetFuncCall() != nil, withoutCast(column).GetCoalesceExpr() != nil:
		s.found(finding.Warning, "compare the column itself, as in "+s.p.isolates(s.table, quoteName(s.table.Relation.Name)),
			"computes something from column %s for each row, which has an index as it is only", c.Name)
	}
}

// isTrue returns the condition that an equation compares with true, or nil.
func isTrue(e *pgast.A_Expr) *pgast.Node {
	for _, sides := range [][2]*pgast.Node{{e.Lexpr, e.Rexpr}, {e.Rexpr, e.Lexpr}} {
		if e.Kind == pgast.A_Expr_Kind_AEXPR_OP && constantOf(sides[1]).GetBoolval().GetBoolval() {
			return sides[0]
		}
	}
	return nil
}

// value judges what the tenant column is compared with: a VOLATILE function, which PostgreSQL cannot see
// through, is called for each row. A subquery around it is run once.
func (s *slowness) value(value *pgast.Node) {
	pgast.Walk(value, func(n any) bool {
		if _, ok := n.(*pgast.SubLink); ok {
			return false
		}
		call, ok := n.(*pgast.FuncCall)
		if !ok {
			return true
		}
		for _, f := range s.p.called(call) {
			if f.Volatility == 'v' && !s.p.inlined(f) {
				s.found(finding.Warning, "mark it STABLE", "calls %s, which is VOLATILE, for each row", functionObject(f))
				if s.fix.Code == "" && !s.p.writes(f) {
					s.fix.Code = fmt.Sprintf("ALTER FUNCTION %s STABLE;", signature(f))
				}
			}
		}
		return true
	})
}

// predicate judges a function that is given the tenant column and decides.
func (s *slowness) predicate(call *pgast.FuncCall) {
	functions := s.p.called(call)
	if len(functions) != 1 {
		return
	}
	if f := functions[0]; s.p.inlined(f) {
		if result := s.p.resultOf(call); result != nil {
			s.look(result)
		}
	} else {
		s.found(finding.Warning, "compare the column in the policy, and let the function return the tenant, or an array of tenants for = ANY",
			"calls %s for each row", functionObject(f))
	}
}

// inlined reports whether PostgreSQL puts the body of a function in the place of a call: an SQL function that is one
// expression, and neither SECURITY DEFINER nor has settings of its own (inline_function in clauses.c).
func (p *pass) inlined(f *pgschema.Function) bool {
	sel := p.body(f).GetSelectStmt()
	return f.Language == "sql" && !f.SecurityDefiner && len(f.Settings) == 0 &&
		len(sel.GetTargetList()) == 1 && len(sel.GetFromClause()) == 0 && sel.GetWhereClause() == nil
}

// writes reports whether a statement of a function changes rows, which only a VOLATILE function may.
func (p *pass) writes(f *pgschema.Function) bool {
	return slices.ContainsFunc(p.routine(f).statements, func(stmt *pgast.Statement) bool { return stmt.Node.GetSelectStmt() == nil })
}

// names reports whether a condition speaks of the tenant column.
func (s *slowness) names(node *pgast.Node) bool {
	names := false
	pgast.Walk(node, func(n any) bool {
		if ref, ok := n.(*pgast.ColumnRef); ok {
			names = names || s.refers(ref)
		}
		return true
	})
	return names
}

func (s *slowness) isTenant(node *pgast.Node) bool {
	ref := node.GetColumnRef()
	return ref != nil && s.refers(ref)
}

func (s *slowness) refers(ref *pgast.ColumnRef) bool {
	n := len(ref.Fields)
	return n > 0 && ref.Fields[n-1].GetString_().GetSval() == s.table.Column
}

// isText reports whether PostgreSQL compares a type as text anyway.
func isText(t string) bool {
	return t == "text" || strings.HasPrefix(t, "character")
}
