package schemacheck

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
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
// permissive policies and every restrictive one. A policy that asks a table which the session may not read
// lets none of its statements run.
func (p *pass) policies(s session, r *pgschema.Relation, command string, c clause) answer {
	var permissive, restrictive []answer
	for _, policy := range r.Policies {
		expr := expression(policy, command, c)
		if expr == nil || !p.applies(s, policy) {
			continue
		}
		admission := p.admits(s, r, expr)
		a := answer{admission.Verdict, policy, expr, admission}
		if c == withCheck && admission.Null {
			a.verdict, a.admission.Unset = sqlcheck.Pinned, false // a new row without a tenant is nobody's
		}
		if p.refused(s, expr.Node, true) {
			a.verdict, a.admission.Unset = sqlcheck.Pinned, false
		}
		if a.verdict != sqlcheck.Pinned && c == using {
			a = p.ownRows(a, r, expr.Node)
		}
		a = p.doubted(a, r, command, c)
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
		// A restrictive policy that fails open confines the rows but while no tenant is set.
		if j := slices.IndexFunc(restrictive, func(a answer) bool { return a.admission.Unset }); j >= 0 {
			return restrictive[j]
		}
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

// user matches names of columns that say which person or login a row belongs to.
var user = regexp.MustCompile(`(?i)(^|_)(user|member|owner|account_holder|principal|subject|sub|email|login|username|author|created_by|profile)|(User|Member|Owner)`)

// ownRows takes an answer for isolated when a USING expression confines rows to those of the session's user, as a policy
// on memberships does: they are the user's own, whichever tenants they belong to. New rows need more, as a user who may
// write such a row makes itself a member. A user who is only the role that is connected may be that of all tenants.
func (p *pass) ownRows(a answer, r *pgschema.Relation, node *pgast.Node) answer {
	values := p.userValues(r, node)
	switch {
	case slices.ContainsFunc(values, p.readsSetting):
		a.verdict = sqlcheck.Pinned
	case len(values) > 0 && a.verdict == sqlcheck.Unpinned && !a.admission.Unset:
		a.verdict = sqlcheck.Undecided
		a.admission.Reason = "the rows are those of the role that is connected, which is one for all tenants unless each has its own"
	}
	return a
}

// userValues are those, of what the session is, that a conjunction wants a column to equal that says which person a row
// belongs to.
func (p *pass) userValues(r *pgschema.Relation, node *pgast.Node) (values []*pgast.Node) {
	if and := node.GetBoolExpr(); and != nil && and.Boolop == pgast.BoolExprType_AND_EXPR {
		for _, arg := range and.Args {
			values = append(values, p.userValues(r, arg)...)
		}
		return values
	}
	e := node.GetAExpr()
	if e == nil || e.Kind != pgast.A_Expr_Kind_AEXPR_OP || len(e.Name) != 1 || e.Name[0].GetString_().GetSval() != "=" {
		return nil
	}
	for _, side := range [][2]*pgast.Node{{e.Lexpr, e.Rexpr}, {e.Rexpr, e.Lexpr}} {
		fields := withoutCast(side[0]).GetColumnRef().GetFields()
		if len(fields) == 0 {
			continue
		}
		name := fields[len(fields)-1].GetString_().GetSval()
		if r.Column(name) != nil && user.MatchString(name) && p.isSessionValue(side[1]) && !fallsBack(side[1]) && !p.readsTenant(side[1]) {
			values = append(values, side[1])
		}
	}
	return values
}

// readsTenant reports whether an expression reads the setting that carries the tenant.
func (p *pass) readsTenant(node *pgast.Node) bool {
	reads := false
	pgast.Walk(node, func(n any) bool {
		if call, ok := n.(*pgast.FuncCall); ok && len(call.Args) > 0 {
			reads = reads || p.model.IsTenantSetting(constantOf(call.Args[0]).GetSval().GetSval())
		}
		return true
	})
	return reads
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

// question is an expression as one session meets it.
type question struct {
	expr *pgschema.Expr
	role string
	user string
}

// admits judges an expression once for each role that makes a difference to it.
func (p *pass) admits(s session, r *pgschema.Relation, expr *pgschema.Expr) sqlcheck.Admission {
	special := p.asMetBy(s, expr)
	key := question{expr, s.role, s.user()}
	if special == expr && !readsRelations(expr.Node) {
		key.role, key.user = "", ""
	}
	admission, ok := p.admissions[key]
	if !ok {
		admission = sqlcheck.Admits(p.databaseOf(s), r, special)
		p.admissions[key] = admission
	}
	return admission
}

// asMetBy returns an expression with what is known of the session's role in it.
func (p *pass) asMetBy(s session, expr *pgschema.Expr) *pgschema.Expr {
	key := question{expr, s.role, s.user()}
	special, ok := p.special[key]
	if !ok {
		special = p.forRole(s, expr)
		p.special[key] = special
	}
	return special
}

// bound reports whether row-level security binds a session on a table. An owner who is not known is
// the one who ran all migrations, and owns the table too.
func (p *pass) bound(s session, r *pgschema.Relation) bool {
	if !r.RowSecurity || p.roles.exempt(s.role) != "" {
		return false
	}
	return r.ForceRowSecurity || (s.known() || s.assumed) && !p.owns(s, r)
}

// describe names a policy in evidence.
func describe(policy *pgschema.Policy) string {
	kind := "permissive"
	if !policy.Permissive {
		kind = "restrictive"
	}
	return fmt.Sprintf("%s policy %s for %s", kind, policy.Name, policy.Command)
}
