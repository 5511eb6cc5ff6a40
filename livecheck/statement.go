package livecheck

import "slices"

// Scope says whose rows a statement reads or changes.
type Scope string

// Scopes, from the best to the worst.
const (
	// NoTenant statements touch no table of tenants, or only insert.
	NoTenant Scope = "no tenant table"
	// OneTenant statements are confined to one tenant.
	OneTenant Scope = "one tenant"
	// TenantList statements are confined to a list of tenants.
	TenantList Scope = "a list of tenants"
	// ByKey statements find rows by a key without the tenant.
	ByKey Scope = "by key"
	// UndecidedScope is what neither the plan nor the text shows.
	UndecidedScope Scope = "undecided"
	// EveryTenant statements reach the rows of all tenants.
	EveryTenant Scope = "every tenant"
)

// Access says how the rows of a tenant are found.
type Access string

// Ways of access.
const (
	// ByTenant goes by an index that leads with the tenant, or by a key that fixes the row.
	ByTenant Access = "by tenant"
	// SmallTable reads past the tenant where it does not matter yet.
	SmallTable Access = "small table"
	// PastTenant reads rows of other tenants on the way.
	PastTenant Access = "past the tenant"
	// NoAccess is that of a statement without a plan, or of one that is not confined to a tenant.
	NoAccess Access = ""
)

// Statement is one text that the database executed, and the judgement on it.
type Statement struct {
	Text string `json:"text"`
	// Role is the one of the service that executed it, where it is known to be one.
	Role  string `json:"role,omitempty"`
	Calls int64  `json:"calls"`
	// Total and Mean are milliseconds.
	Total float64 `json:"total_ms"`
	Mean  float64 `json:"mean_ms"`
	Rows  int64   `json:"rows"`
	// Share is the part of all time that the database spent on statements, between 0 and 1.
	Share  float64 `json:"share"`
	Scope  Scope   `json:"scope"`
	Access Access  `json:"access,omitempty"`
	// Reason says why scope or access are what they are, where they are not good.
	Reason string `json:"reason,omitempty"`
	// Fix is what mends it: SQL, or a sentence.
	Fix string `json:"fix,omitempty"`
	// Plan is an excerpt of the plan as the service's role: its scans of tenants' tables.
	Plan string `json:"plan,omitempty"`
	// SuperuserPlan is the excerpt without row-level security, where it is another one.
	SuperuserPlan string `json:"superuser_plan,omitempty"`
	// Unjudged says why there is no judgement.
	Unjudged string `json:"unjudged,omitempty"`
}

// scopes are in order from the best to the worst.
var scopes = []Scope{NoTenant, OneTenant, TenantList, ByKey, UndecidedScope, EveryTenant}

// confine notes whose rows the statement reaches; the worst counts.
func (s *Statement) confine(to Scope, reason, fix string) {
	if slices.Index(scopes, to) > slices.Index(scopes, s.Scope) {
		s.Scope, s.Reason, s.Fix = to, reason, fix
	}
}

// reach notes how the rows are found; the worst counts, and what is wrong with the scope goes first.
func (s *Statement) reach(by Access, reason, fix string) {
	if s.Access == PastTenant || s.Access == SmallTable && by == ByTenant {
		return
	}
	s.Access = by
	if s.Scope == OneTenant || s.Scope == TenantList && s.Reason == "" {
		s.Reason, s.Fix = reason, fix
	}
}
