package schemacheck

import (
	"fmt"
	"iter"
	"slices"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
	"github.com/tenantvet/tenantvet/sqlcheck"
)

var _ = register("rule-bypasses-rls", checkRuleBypassesRLS)

// checkRuleBypassesRLS looks for rewrite rules that a session's statements set off and whose own
// statements, which run with the rights of the table's owner (PostgreSQL manual, 41.5), reach other
// tenants' rows.
func checkRuleBypassesRLS(p *pass) {
	if !p.relyOnRLS() {
		return
	}
	for _, r := range p.schema.Sorted() {
		for _, rule := range r.Rules {
			for _, s := range p.sessions {
				if p.effects(s).has(r, rule.Event) && p.checkRule(r, rule, s) {
					break
				}
			}
		}
	}
}

// checkRule reports the first statement of a rule that bypasses, and whether there was one.
func (p *pass) checkRule(r *pgschema.Relation, rule *pgschema.Rule, s session) bool {
	for _, f := range p.ruleWays(r, rule, s) {
		p.report(f)
		return true
	}
	for _, stmt := range judged(rule) {
		for _, ref := range sqlcheck.Analyze(p.database(), stmt).References {
			for _, as := range p.ruleRights(r, rule, s) {
				if command := column(ref); clausesOf[command] != nil && p.bound(as, ref.Relation) {
					if asked := p.asksOpen(as, ref.Relation, command); asked != "" {
						p.undecided(rule.Origin, object(r), "rule", fmt.Sprintf("rule %s of %s works on %s, whose policies ask %s and meet rows of other tenants there",
							rule.Name, object(r), object(ref.Relation), asked))
						return true
					}
				}
			}
		}
	}
	return false
}

// ruleRights returns whose rights a rule's statements have: those of the table's owner, while current_user is who runs
// the statement that sets it off (measured on PostgreSQL 15 to 18).
func (p *pass) ruleRights(r *pgschema.Relation, rule *pgschema.Rule, s session) []session {
	callers := []string{s.role}
	for x := range p.effects(s).found {
		if x.relation == r && x.command == rule.Event {
			callers = append(callers, x.as.role)
		}
	}
	slices.Sort(callers)
	var rights []session
	for _, caller := range slices.Compact(callers) {
		rights = append(rights, session{role: p.roles.owner(r), caller: caller})
	}
	return rights
}

// ruleWays yields the references of a rule's statements that reach other tenants' rows, each with what
// there is to say about it.
func (p *pass) ruleWays(r *pgschema.Relation, rule *pgschema.Rule, s session) iter.Seq2[*sqlcheck.Reference, finding.Finding] {
	return func(yield func(*sqlcheck.Reference, finding.Finding) bool) {
		rights := p.ruleRights(r, rule, s)
		own := func(field string) bool {
			t := p.classes.Get(r)
			return t == nil || p.isTenantColumn(t, field)
		}
		for _, stmt := range judged(rule) {
			body := &routine{}
			stmt.Node = body.rowToParameters(stmt.Node)
			for _, ref := range sqlcheck.Analyze(p.database(), stmt).References {
				command := string(ref.Command)
				open := func(as session) bool { return !p.confined(as, ref.Relation, command) }
				if clausesOf[command] != nil && !slices.ContainsFunc(rights, open) || p.may(s, ref.Relation, command) && !ref.Relation.RowSecurity ||
					p.ofRuleRow(body, rule, stmt, ref, own) {
					continue
				}
				if !yield(ref, p.ruleFinding(r, rule, ref, s)) {
					return
				}
			}
		}
	}
}

// ofRuleRow reports whether a statement of a rule works on rows of the session's tenant, or of that of the row which sets
// the rule off.
func (p *pass) ofRuleRow(body *routine, rule *pgschema.Rule, stmt *pgast.Statement, ref *sqlcheck.Reference, own func(field string) bool) bool {
	switch {
	case ref.Moved != "" && !body.named(ref.Moved, own):
		return false
	case ref.Verdict == sqlcheck.Pinned && !(rule.Instead && body.byNewRow(ref)):
		return p.fixed(stmt, ref) || body.ofRow(ref, own)
	}
	return len(ref.ByKey) > 0 && body.byOldRow(stmt.Node)
}

// judged are the statements of a rule, with its condition as one that reads: whether the rule acts tells of the rows.
func judged(rule *pgschema.Rule) (statements []*pgast.Statement) {
	for _, action := range rule.Actions {
		statements = append(statements, statement(action))
	}
	if rule.Where != nil {
		where := statement(rule.Where)
		where.Node = selectExpr(where.Node)
		statements = append(statements, where)
	}
	return statements
}

func (p *pass) ruleFinding(r *pgschema.Relation, rule *pgschema.Rule, ref *sqlcheck.Reference, s session) finding.Finding {
	owner := session{role: p.roles.owner(r)}
	f := finding.New("rule-bypasses-rls", rule.Origin, object(r),
		"rule %s of %s works on %s with the rights of the table's owner%s and is not confined to the session's tenant: %s reaches the rows of every tenant by it",
		rule.Name, object(r), object(ref.Relation), named(owner.role), s)
	f.Evidence = []string{p.whyUnbound(owner, ref.Relation)}
	f.Related = []finding.Related{{Position: ref.Position, Message: ref.Reason}}
	p.weigh(&f, s)
	f.Fix = &finding.Fix{Message: "replace the rule by a trigger that runs with the rights of the caller",
		Code: fmt.Sprintf("DROP RULE %s ON %s;", quote(rule.Name), quoteName(r.Name))}
	return f
}

// rowToParameters returns a copy of a statement with a parameter in the place of each field of NEW and
// OLD, the session's own row.
func (r *routine) rowToParameters(node *pgast.Node) *pgast.Node {
	r.function, r.trigger = &pgschema.Function{}, true
	return r.substitute(node)
}
