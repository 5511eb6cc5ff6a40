package schemacheck

import (
	"fmt"
	"strings"

	"github.com/tenantvet/tenantvet/finding"

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

func (s *slowness) found(severity finding.Severity, fix finding.Fix, format string, args ...any) {
	if s.why == "" {
		s.why, s.severity, s.fix = fmt.Sprintf(format, args...), severity, fix
	}
}

// look judges the conditions that a row must meet: any one that an index serves is enough.
func (s *slowness) look(node *pgast.Node) {
	if b := node.GetBoolExpr(); b != nil && b.Boolop == pgast.BoolExprType_AND_EXPR {
		worst := *s
		for _, arg := range b.Args {
			one := slowness{p: s.p, table: s.table}
			if one.look(arg); one.why == "" && s.names(arg) {
				return
			}
			if worst.why == "" {
				worst = one
			}
		}
		*s = worst
		return
	}
	if b := node.GetBoolExpr(); b != nil && b.Boolop == pgast.BoolExprType_OR_EXPR {
		s.found(finding.Info, finding.Fix{Message: "make a policy of its own for the exception, TO the role that has it"},
			"joins the tenant's condition to another by OR")
		return
	}
	if link := node.GetSubLink(); link.GetSubLinkType() == pgast.SubLinkType_ANY_SUBLINK && s.isTenant(link.GetTestexpr()) {
		s.found(finding.Info, finding.Fix{Message: "say " + quote(s.table.Column) + " = ANY (ARRAY(SELECT …)), whose rows are fetched once"},
			"compares %s with the rows of a subquery", s.table.Column)
		return
	}
	if e := node.GetAExpr(); e != nil {
		s.compare(e.Lexpr, e.Rexpr)
		s.compare(e.Rexpr, e.Lexpr)
	}
}

// compare judges one side of a comparison against the other.
func (s *slowness) compare(column, value *pgast.Node) {
	if cast := column.GetTypeCast(); cast != nil && s.isTenant(withoutCast(column)) {
		if c := s.table.Relation.Column(s.table.Column); c != nil && !isText(c.Type) {
			s.found(finding.Warning, finding.Fix{Message: "cast the setting instead, as in " + s.p.isolates(s.table, quoteName(s.table.Relation.Name))},
				"casts column %s, which has an index as %s only", c.Name, c.Type)
		}
	}
	call := value.GetFuncCall()
	if call == nil || !s.isTenant(column) || len(call.Args) > 0 {
		return
	}
	for _, f := range s.p.called(call) {
		if f.Volatility == 'v' && f.Language == "plpgsql" {
			s.found(finding.Warning, finding.Fix{Message: "mark it STABLE", Code: fmt.Sprintf("ALTER FUNCTION %s STABLE;", signature(f))},
				"calls %s, which is VOLATILE, for each row", functionObject(f))
		}
	}
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
