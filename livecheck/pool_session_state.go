package livecheck

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/tenancy"
)

// stateUse is what the service's statements do with one kind of session state.
type stateUse struct {
	sessionState
	calls, resets int64
	values        map[string]bool
	texts         []string
}

// poolSessionState looks for statements that leave something in a session which a pooler gives to the
// next client.
func poolSessionState(w *Workload, m *tenancy.Model, shared bool) finding.Result {
	var result finding.Result
	uses := map[string]*stateUse{}
	var unclear, resetsAll int64
	statements, _ := w.statements(m, nil)
	for _, e := range statements {
		s, ok := sessionStateOf(e.text)
		switch {
		case !ok:
			continue
		case s.unclear:
			unclear += e.calls
			continue
		case s.what == allSettings:
			resetsAll += e.calls
			continue
		}
		use := uses[s.what]
		if use == nil {
			use = &stateUse{sessionState: s, values: map[string]bool{}}
			uses[s.what] = use
		}
		if s.resets {
			use.resets += e.calls
			continue
		}
		use.calls += e.calls
		use.values[s.value] = true
		use.texts = append(use.texts, e.text)
	}
	for _, what := range slices.Sorted(maps.Keys(uses)) {
		if use := uses[what]; use.calls > 0 {
			use.resets += resetsAll
			result.Findings = append(result.Findings, use.finding(m, shared))
		}
	}
	slices.SortStableFunc(result.Findings, func(a, b finding.Finding) int { return cmp.Compare(b.Severity, a.Severity) })
	if unclear > 0 {
		result.Notes = append(result.Notes, fmt.Sprintf(
			"%d calls of set_config stand in pg_stat_statements without their constants: whether the setting ends with the transaction, only the code says", unclear))
	}
	return result
}

// finding judges one kind of state. What says whose rows a session sees hands a tenant's rows to the
// next client; a role or a search_path does where the clients' differ.
func (u *stateUse) finding(m *tenancy.Model, shared bool) finding.Finding {
	verb, fix := "SET "+u.what, fmt.Sprintf("SELECT set_config('%s', $1, true)", u.what)
	tenant := m.IsTenantSetting(u.what)
	switch u.what {
	case theRole, theAuthorization, "search_path":
		tenant = len(u.values) > 1
		fix = fmt.Sprintf("SET LOCAL %s …", u.what)
	case "advisory lock":
		verb, fix = "an advisory lock of the session", "SELECT pg_advisory_xact_lock($1)"
	case "temporary table":
		verb, fix = "a temporary table", "CREATE TEMPORARY TABLE … ON COMMIT DROP"
	case "prepared statement", "LISTEN", "cursor WITH HOLD":
		verb, fix = "a "+u.what, ""
	}
	if u.what == "LISTEN" {
		verb = "LISTEN"
	}
	var f finding.Finding
	if tenant {
		f = finding.New("pool-session-state", finding.Position{}, u.what,
			"%s stays in a session that the pooler gives to the next client, which then reads and writes as the tenant of this one", verb)
		if !shared || u.resets >= u.calls {
			f.Severity = finding.Warning // not seen to be shared, or taken back again
		}
	} else {
		f = finding.New("pool-session-state", finding.Position{}, u.what,
			"%s stays in a session that the pooler gives to the next client, and this one does not find it again", verb)
		f.Severity = finding.Warning
		if !shared {
			f.Severity = finding.Info
		}
	}
	f.Evidence = append(f.Evidence, fmt.Sprintf("%d calls, %d that take it back", u.calls, u.resets))
	for _, text := range u.texts[:min(len(u.texts), 3)] {
		f.Evidence = append(f.Evidence, "statement: "+shorten(text, 200))
	}
	f.Fix = &finding.Fix{Message: "let it end with the transaction", Code: fix}
	if fix == "" {
		f.Fix.Message = "connect without the pooler for it, or do without"
	}
	return f
}
