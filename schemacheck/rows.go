package schemacheck

import (
	"fmt"
	"slices"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/sqlcheck"
)

// clause is the part of a policy that judges rows that exist, or rows that a command writes.
type clause string

const (
	using     clause = "USING"
	withCheck clause = "WITH CHECK"
)

// clausesOf are the clauses that PostgreSQL applies to a command (manual, CREATE POLICY, table 300).
// SELECT policies apply to UPDATE and DELETE only when the statement reads a column, so they never
// make either safe.
var clausesOf = map[string][]clause{
	"select": {using},
	"insert": {withCheck},
	"update": {using, withCheck},
	"delete": {using},
}

// answer says whether policies confine a command of a session to the rows of its tenant.
type answer struct {
	verdict sqlcheck.Verdict
	// policy is the one that decides; nil when no permissive policy admits any row.
	policy    *pgschema.Policy
	expr      *pgschema.Expr
	admission sqlcheck.Admission
}

// policies applies the policies of a table to one clause of a command: a row must pass one of the
// permissive policies and every restrictive one.
func (p *pass) policies(s session, r *pgschema.Relation, command string, c clause) answer {
	var permissive, restrictive []answer
	for _, policy := range r.Policies {
		expr := expression(policy, command, c)
		if expr == nil || !p.applies(s, policy) {
			continue
		}
		admission := p.admits(r, expr)
		a := answer{admission.Verdict, policy, expr, admission}
		if policy.Permissive {
			permissive = append(permissive, a)
		} else {
			restrictive = append(restrictive, a)
		}
	}
	if len(permissive) == 0 {
		return answer{verdict: sqlcheck.Pinned}
	}
	if i := slices.IndexFunc(restrictive, has(sqlcheck.Pinned)); i >= 0 {
		return restrictive[i]
	}
	if i := slices.IndexFunc(permissive, has(sqlcheck.Unpinned)); i >= 0 {
		if j := slices.IndexFunc(restrictive, has(sqlcheck.Undecided)); j >= 0 {
			return restrictive[j]
		}
		return permissive[i]
	}
	if i := slices.IndexFunc(permissive, has(sqlcheck.Undecided)); i >= 0 {
		return permissive[i]
	}
	return permissive[0]
}

func has(v sqlcheck.Verdict) func(answer) bool {
	return func(a answer) bool { return a.verdict == v }
}

// expression returns what a policy contributes to a clause of a command, or nil. USING stands in
// where WITH CHECK is absent.
func expression(policy *pgschema.Policy, command string, c clause) *pgschema.Expr {
	if policy.Command != "all" && policy.Command != command {
		return nil
	}
	if c == withCheck && policy.Check != nil {
		return policy.Check
	}
	return policy.Using
}

// applies reports whether a policy is for a session's role or for one whose privileges it has.
func (p *pass) applies(s session, policy *pgschema.Policy) bool {
	have := roleSet{public: true}
	if s.known() {
		have = p.roles.privilegesOf(s.role)
	}
	return slices.ContainsFunc(policy.Roles, func(role string) bool { return have[role] })
}

// admits judges an expression once.
func (p *pass) admits(r *pgschema.Relation, expr *pgschema.Expr) sqlcheck.Admission {
	admission, ok := p.admissions[expr]
	if !ok {
		admission = sqlcheck.Admits(p.database(), r, expr)
		p.admissions[expr] = admission
	}
	return admission
}

func (p *pass) database() *sqlcheck.Database {
	return &sqlcheck.Database{Schema: p.schema, Classes: p.classes, Model: p.model}
}

// bound reports whether row-level security binds a session on a table.
func (p *pass) bound(s session, r *pgschema.Relation) bool {
	return r.RowSecurity && p.roles.exempt(s.role) == "" && (r.ForceRowSecurity || !p.owns(s, r))
}

// describe names a policy in evidence.
func describe(policy *pgschema.Policy) string {
	kind := "permissive"
	if !policy.Permissive {
		kind = "restrictive"
	}
	return fmt.Sprintf("%s policy %s for %s", kind, policy.Name, policy.Command)
}
