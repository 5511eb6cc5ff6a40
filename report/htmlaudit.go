package report

import (
	"cmp"

	"github.com/tenantvet/tenantvet/livecheck"
	"github.com/tenantvet/tenantvet/report/page"
)

// audit adds what is known of one running database.
func (p *pageBuilder) audit(a *livecheck.Audit) {
	p.Databases = append(p.Databases, page.Database{
		Name: a.Database, Server: a.Server, Role: a.Role, Pooled: a.Pooled, Partial: a.Partial, Verdict: string(a.Result.Verdict()),
	})
	p.result(a.Database, a.Result)
	if a.Matrix != nil {
		p.matrix(a.Database, a.Matrix)
	}
	for _, s := range a.Statements {
		p.Statements = append(p.Statements, page.Statement{
			Database: a.Database, Role: s.Role, Text: s.Text, Calls: s.Calls, Rows: s.Rows, Mean: s.Mean, Total: s.Total, Share: s.Share,
			Scope: cmp.Or(string(s.Scope), "not judged"), Access: string(s.Access), Level: levelOf(s),
			Reason: cmp.Or(s.Reason, s.Unjudged), Fix: s.Fix, Plan: s.Plan, SuperuserPlan: s.SuperuserPlan,
		})
	}
	for _, b := range a.Probes {
		p.Probes = append(p.Probes, page.Probe{
			Database: a.Database, Role: b.Role, Relation: b.Relation, Command: b.Command, State: b.State, Verdict: b.Verdict, Why: b.Why, Statement: b.Statement,
		})
	}
	if a.Skew != nil {
		p.skew(a)
	}
}

// levelOf sums scope and access up in one of the levels of a page.
func levelOf(s livecheck.Statement) string {
	switch {
	case s.Scope == livecheck.EveryTenant || s.Access == livecheck.PastTenant:
		return "bad"
	case s.Unjudged != "" || s.Scope == livecheck.UndecidedScope || s.Scope == "":
		return "unknown"
	case s.Scope == livecheck.NoTenant:
		return "none"
	case s.Scope == livecheck.TenantList || s.Scope == livecheck.ByKey || s.Access == livecheck.SmallTable:
		return "fair"
	}
	return "good"
}

// skew adds the shares of the whole database and of each table that has some.
func (p *pageBuilder) skew(a *livecheck.Audit) {
	add := func(table string, shares []livecheck.TenantShare) {
		if len(shares) == 0 {
			return
		}
		s := page.Skew{Database: a.Database, Table: table}
		for _, t := range shares {
			s.Tenants = append(s.Tenants, page.Tenant{Name: t.Tenant, Rows: t.Rows, Bytes: t.Bytes, Share: t.Share, ByBytes: t.ByteShare})
		}
		p.Skew = append(p.Skew, s)
	}
	for _, sentence := range a.Skew.Unknown {
		p.Gaps = append(p.Gaps, page.Gap{Database: a.Database, Kind: "note", What: "shares of tenants", Reason: sentence})
	}
	add("", a.Skew.Tenants)
	for _, t := range a.Skew.Tables {
		add(t.Table, t.Tenants)
	}
}
