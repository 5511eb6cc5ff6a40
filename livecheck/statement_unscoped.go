package livecheck

import (
	"fmt"
	"slices"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/classify"
	"github.com/tenantvet/tenantvet/sqlcheck"
)

// unscoped reports the tables whose rows the plan reads for every tenant, each once. A scan is
// confined when either the plan or the text shows it: the plan knows the policies, the text the
// conditions that a plan no longer shows where they were.
func (j *judgement) unscoped() {
	seen := map[*pgschema.Relation]bool{}
	for _, s := range j.reach.scans {
		j.statement.confine(OneTenant, "", "")
		on := root(j.schema, s.relation)
		text := j.text[on]
		if s.scope >= listed || seen[on] || text != nil && text.Verdict == sqlcheck.Pinned {
			continue
		}
		seen[on] = true
		name := on.Name.String()
		switch {
		case s.scope == derived || text != nil && byKey(s.table, text):
			f := finding.New("statement-unscoped", finding.Position{}, name,
				"the plan finds rows of %s by a key without the tenant, so whoever knows another tenant's key reads its row: %s", name, j.excerpt())
			f.Severity = finding.Info
			j.statement.confine(ByKey, "rows of "+name+" are found by a key without the tenant", "")
			j.report(f, "plan: "+describe(s))
		case s.scope == unclear:
			j.undecided(name, "the plan compares the tenant in a way that is not followed")
		case text != nil && text.Verdict == sqlcheck.Undecided:
			j.undecided(name, text.Reason)
		default:
			f := finding.New("statement-unscoped", finding.Position{}, name,
				"the plan reads rows of every tenant in %s, as no condition and no policy confines it: %s", name, j.excerpt())
			if s.table.Class == classify.Registry {
				// Jobs go through all tenants, and a list of tenants is not yet one tenant's data.
				f.Severity = finding.Info
			}
			f.Fix = pinFix(s.table)
			j.statement.confine(EveryTenant, "no condition and no policy confines "+name, f.Fix.Message)
			evidence := []string{"plan: " + describe(s)}
			if text != nil {
				evidence = append(evidence, "text: "+text.Reason)
			}
			j.report(f, evidence...)
		}
	}
}

// byKey reports whether the text finds the rows by a key of theirs, or by a foreign key whose parent
// is fixed. A join on any other column finds rows of other tenants that happen to have the value.
func byKey(t *classify.Table, text *sqlcheck.Reference) bool {
	if text.ByKey == nil || !text.Tied {
		return text.ByKey != nil
	}
	within := func(columns []string) bool {
		fixed := 0
		for _, c := range columns {
			switch {
			case slices.Contains(text.ByKey, c):
				fixed++
			case !slices.Contains(t.Columns, c):
				return false
			}
		}
		return fixed > 0
	}
	return slices.ContainsFunc(t.Relation.Constraints, func(c *pgschema.Constraint) bool {
		return c.Kind == pgschema.ForeignKey && within(c.Columns)
	}) || slices.ContainsFunc(t.Relation.Indexes, func(i *pgschema.Index) bool {
		return i.Unique && i.Where == nil && within(i.Columns) && !slices.ContainsFunc(i.Columns, func(c string) bool { return slices.Contains(t.Columns, c) })
	})
}

// textOnly judges a statement that has no plan.
func (j *judgement) textOnly() {
	for on, r := range j.text {
		name := on.Name.String()
		j.statement.confine([]Scope{OneTenant, TenantList, ByKey, UndecidedScope, UndecidedScope}[badness(r)], r.Reason, "")
		switch badness(r) {
		case 2, 3:
			j.undecided(name, r.Reason)
		case 4:
			if on.RowSecurity {
				j.undecided(name, "a policy may confine what the text does not")
				continue
			}
			f := finding.New("statement-unscoped", finding.Position{}, name,
				"the statement reads rows of every tenant in %s, as its text does not confine it and no policy does: %s", name, j.excerpt())
			f.Fix = pinFix(r.Table)
			if r.Table.Class == classify.Registry {
				f.Severity = finding.Info
			}
			j.statement.confine(EveryTenant, "neither the text nor a policy confines "+name, f.Fix.Message)
			j.report(f, "text: "+r.Reason)
		}
	}
}

func pinFix(t *classify.Table) *finding.Fix {
	if t.Column == "" {
		return &finding.Fix{Message: "join the parent table and compare its tenant with the tenant of the session"}
	}
	return &finding.Fix{Message: fmt.Sprintf("add a condition on the tenant, such as %s = $1, or row-level security to the table", quote(t.Column))}
}
