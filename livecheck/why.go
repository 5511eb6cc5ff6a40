package livecheck

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

// why says why a plan reads past the tenant, and what mends it; the fix is nil where nothing but the
// reason is known.
func (j *judgement) why(d detour) (reason string, fix *finding.Fix) {
	s := d.scan
	indexes := leading(s.table)
	if len(indexes) == 0 {
		return "no valid index leads with " + s.table.Column,
			&finding.Fix{Message: "add an index that leads with the tenant", Code: j.leadingIndex(s)}
	}
	for _, condition := range []string{s.node.RecheckCond, s.node.Filter} {
		if form := obstacle(condition, s.node.Alias, s.table.Columns); form != "" {
			from := "the statement"
			if s.relation.RowSecurity {
				from = "a policy or the statement"
			}
			return fmt.Sprintf("%s %s, so that index %s does not serve", from, form, indexes[0]),
				&finding.Fix{Message: fmt.Sprintf("compare %s itself with one value of its type", s.table.Column)}
		}
	}
	if reason := j.leaks(s); reason != "" {
		return reason, &finding.Fix{Message: "compare by an operator that is LEAKPROOF, such as = on text, a number or a time, or narrow the rows by one more condition"}
	}
	if stale := j.planner.stale[s.relation.Name]; stale != "" {
		return stale + ", so the planner misjudges index " + indexes[0],
			&finding.Fix{Message: "renew the statistics", Code: fmt.Sprintf("ANALYZE %s.%s;", quote(s.relation.Schema), quote(s.relation.Name.Name))}
	}
	return "the planner expected it to be cheaper than index " + indexes[0], nil
}

// leadingIndex writes the index that would serve a scan: the tenant, then the columns that the plan
// compares with one value. Under row-level security an operator that is not LEAKPROOF uses no index.
func (j *judgement) leadingIndex(s *scan) string {
	columns := []string{quote(s.table.Column)}
	for _, f := range j.reach.read(s.node.IndexCond, s.node.RecheckCond, s.node.Filter) {
		c := quote(f.column.column)
		if f.column.alias != s.node.Alias || f.opaque || f.cast || slices.Contains(s.table.Columns, f.column.column) || slices.Contains(columns, c) {
			continue
		}
		if s.relation.RowSecurity && !j.planner.isLeakproof("=", s.relation.Column(f.column.column)) {
			continue
		}
		columns = append(columns, c)
	}
	on := root(j.schema, s.relation)
	concurrently := "CONCURRENTLY "
	if on.Kind == pgschema.PartitionedTable {
		concurrently = "" // not possible on a partitioned table
	}
	return fmt.Sprintf("CREATE INDEX %sON %s.%s (%s);", concurrently, quote(on.Schema), quote(on.Name.Name), strings.Join(columns, ", "))
}

// leaks says which condition of a scan row-level security keeps out of an index that holds its column:
// rows of other tenants must not reach an operator that could tell of them (PostgreSQL manual, 5.9).
func (j *judgement) leaks(s *scan) string {
	if !s.relation.RowSecurity || j.planner.exempt {
		return ""
	}
	for _, o := range comparisons(s.node.Filter, s.node.Alias) {
		column := s.relation.Column(o.column)
		if column == nil || slices.Contains(s.table.Columns, o.column) || j.planner.isLeakproof(o.operator, column) {
			continue
		}
		for _, i := range s.relation.Indexes {
			if !i.Invalid && slices.Contains(i.Columns, o.column) {
				return fmt.Sprintf("operator %s on %s is not LEAKPROOF, so under row-level security index %s does not serve the condition on %s",
					o.operator, column.Type, i.Name, o.column)
			}
		}
	}
	return ""
}

// isLeakproof reports whether an operator may see rows before the policies have been applied. What is
// not known counts as leakproof: nothing is then said about it.
func (p *planner) isLeakproof(operator string, column *pgschema.Column) bool {
	if column == nil || p == nil {
		return true
	}
	of, _, _ := strings.Cut(column.Type, "(")
	if of == "character varying" {
		of = "text" // compared as such
	}
	return p.leakproof[operator+" "+of]
}

// comparison of a column with something by an operator.
type columnComparison struct{ column, operator string }

// comparisons returns the conjuncts of a condition that compare a column of an alias by an operator.
func comparisons(condition, alias string) []columnComparison {
	var found []columnComparison
	for _, conjunct := range conjunctsOf(condition) {
		e := conjunct.GetAExpr()
		if e == nil || len(e.GetName()) == 0 {
			continue
		}
		operator := e.GetName()[len(e.GetName())-1].GetString_().GetSval()
		for _, side := range []*pgast.Node{e.GetLexpr(), e.GetRexpr()} {
			if of, _, ok := column(side); ok && of.alias == alias {
				found = append(found, columnComparison{of.column, operator})
			}
		}
	}
	return found
}

// obstacle says how a condition treats a tenant column so that no index on it serves; it is empty for
// one that compares the column itself.
func obstacle(condition, alias string, columns []string) string {
	ofTenant := func(t term) bool { return t.alias == alias && slices.Contains(columns, t.column) }
	found := ""
	for _, conjunct := range conjunctsOf(condition) {
		mentioned, _ := mentions(conjunct)
		i := slices.IndexFunc(mentioned, ofTenant)
		if i < 0 {
			continue
		}
		name := mentioned[i].column
		switch b := conjunct.GetBoolExpr(); {
		case b != nil && b.GetBoolop() == pgast.BoolExprType_OR_EXPR:
			found = "puts the condition on " + name + " into an OR"
		case conjunct.GetFuncCall() != nil:
			found = "hides the condition on " + name + " in a function"
		case conjunct.GetCaseExpr() != nil:
			found = "puts the condition on " + name + " into a CASE"
		case conjunct.GetAExpr() != nil:
			e := conjunct.GetAExpr()
			direct := func(side *pgast.Node) bool {
				t, cast, ok := column(side)
				return ok && !cast && ofTenant(t)
			}
			if direct(e.GetLexpr()) || direct(e.GetRexpr()) {
				return ""
			}
			found = "casts or computes with " + name
		}
	}
	return found
}

// conjunctsOf splits a condition of a plan at its top; nil for one that does not parse.
func conjunctsOf(condition string) []*pgast.Node {
	expr, err := parseCondition(condition)
	if err != nil || expr == nil {
		return nil
	}
	var split func(*pgast.Node) []*pgast.Node
	split = func(n *pgast.Node) []*pgast.Node {
		if b := n.GetBoolExpr(); b != nil && b.GetBoolop() == pgast.BoolExprType_AND_EXPR {
			var all []*pgast.Node
			for _, arg := range b.GetArgs() {
				all = append(all, split(arg)...)
			}
			return all
		}
		return []*pgast.Node{n}
	}
	return split(expr)
}
