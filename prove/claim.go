package prove

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/schemacheck"
)

// Claim is a statement that is said to cross, such as a witness of the static verdict. Values of tenants in it are
// those of schemacheck's witnesses.
type Claim struct {
	Object    string `json:"object"`
	Command   string `json:"command"`
	Rule      string `json:"rule,omitempty"`
	Statement string `json:"statement"`
}

// Claims returns the witnesses of the cells that leak for a role, and of the functions that give more than its tenant.
func Claims(m *schemacheck.Matrix, role string) (claims []Claim) {
	for _, c := range m.Cells {
		if c.Verdict == finding.Leaks && c.Role == role {
			claims = append(claims, Claim{Object: c.Relation, Command: c.Command, Rule: c.Rule, Statement: c.Witness})
		}
	}
	for _, o := range m.Others {
		if o.Verdict == finding.Leaks && o.Role == role && o.Rule == "function-bypasses-rls" {
			claims = append(claims, Claim{Object: o.Object, Command: string(Call), Rule: o.Rule, Statement: o.Witness})
		}
	}
	return claims
}

// Tried is a claim with what came of it.
type Tried struct {
	Claim
	Crossed bool `json:"crossed"`
	// How says in a phrase what it did, or why it did nothing.
	How string `json:"how"`
}

// claim is a claim in the making.
type claim struct {
	Claim
	// sql is the statement with the ids of the tenants that have rows here.
	sql  string
	seen map[*state][3]result
}

// The ids of tenants A and B in witnesses.
var (
	otherText   = regexp.MustCompile(`'b'`)
	ownText     = regexp.MustCompile(`'a'`)
	otherNumber = regexp.MustCompile(`([(,=] ?)2([,);])`)
	ownNumber   = regexp.MustCompile(`([(,=] ?)1([,);])`)
)

// loadClaims puts the ids of the tenants into the claims.
func (p *prover) loadClaims() {
	a, b := p.tenants[tenantA], p.tenants[tenantB]
	for _, c := range p.Claims {
		sql := strings.NewReplacer("00000000-0000-4000-8000-00000000000a", a.uuid, "00000000-0000-4000-8000-00000000000b", b.uuid,
			"00000000-0000-4000-8000-0000000000aa", a.user("uuid")).Replace(c.Statement)
		sql = otherText.ReplaceAllString(sql, literal(b.id("text")))
		sql = ownText.ReplaceAllString(sql, literal(a.id("text")))
		sql = otherNumber.ReplaceAllString(sql, "${1}"+b.id("bigint")+"${2}")
		sql = ownNumber.ReplaceAllString(sql, "${1}"+a.id("bigint")+"${2}")
		p.claims = append(p.claims, &claim{Claim: c, sql: sql, seen: map[*state][3]result{}})
	}
}

// sample is the value that witnesses have for a key of the tenant.
func (t *tenant) sample(sqlType string) (string, bool) {
	switch {
	case sqlType == "uuid" || sqlType == "text" || isNumber(sqlType):
		return t.id(sqlType), true
	case t.letter == "a" && strings.HasSuffix(sqlType, "range"):
		return span(sqlType, 1), true
	case strings.HasSuffix(sqlType, "range"):
		return span(sqlType, 2), true
	}
	return "", false
}

// tryClaims enters what came of each claim.
func (p *prover) tryClaims(ctx context.Context) error {
	if len(p.claims) == 0 {
		return nil
	}
	var withoutB []string
	for _, t := range p.tables {
		if t.owned && t.stores() {
			withoutB = append(withoutB, p.clear(t, tenantB)...)
		}
	}
	for _, c := range p.claims {
		how, crossed, err := p.tryClaim(ctx, c, withoutB)
		if err != nil {
			return fmt.Errorf("%s: %w", c.Object, err)
		}
		p.report.Tried = append(p.report.Tried, Tried{c.Claim, crossed, how})
	}
	return nil
}

// tryClaim runs a claim in each state until it crosses: it returns what rows of B decide, harms a tenant whose session
// it is not, or ends otherwise than without B's rows.
func (p *prover) tryClaim(ctx context.Context, c *claim, withoutB []string) (how string, crossed bool, err error) {
	how = "it reaches nothing of another tenant"
	for _, s := range p.states {
		if s.readsOnly {
			continue
		}
		n, err := p.crossed(ctx, s, c.sql, c.seen[s])
		if err != nil {
			return "", false, err
		}
		if n > 0 {
			return count(n, "row of another tenant", "rows of another tenant") + " in a session " + s.name, true, nil
		}
		with, err := p.attempt(ctx, s, c.sql)
		if err != nil {
			return "", false, err
		}
		if with.err == nil {
			if h := p.harm(with, s.owner); h.what != "" {
				return h.what + " in a session " + s.name, true, nil
			}
		}
		without, err := p.attempt(ctx, s, c.sql, withoutB...)
		if err != nil {
			return "", false, err
		}
		if code(with.result) != code(without.result) || with.affected != without.affected {
			return "the outcome depends on rows of another tenant in a session " + s.name, true, nil
		}
		if with.err != nil && s.owner == tenantA {
			how = with.err.Message
		}
	}
	return how, false, nil
}

// code is the SQLSTATE of an answer, or "".
func code(r result) string {
	if r.err == nil {
		return ""
	}
	return r.err.Code
}
