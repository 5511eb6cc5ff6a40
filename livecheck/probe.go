package livecheck

// ProbeOptions change what is tried on the database.
type ProbeOptions struct {
	// Off tries nothing.
	Off bool
	// Writes tries INSERT and UPDATE too, in transactions that are rolled back.
	Writes bool
	// Functions calls functions that run with their owner's rights, as far as they are marked as
	// writing nothing and need no argument.
	Functions bool
	// Tenants are the tenants to try with; empty for those whose rows are found in each table.
	Tenants []string
}

// Probe is one attempt to cross from one tenant to another as the service's role.
type Probe struct {
	// Role is the one of the service that it was tried as.
	Role     string `json:"role"`
	Relation string `json:"relation"`
	// Command is "select", "insert", "update" or "delete".
	Command string `json:"command"`
	// State is the tenant of the session: set, never set, or reset after a transaction.
	State string `json:"state"`
	// Verdict is "proved", "refuted", "vacuous" or "skipped".
	Verdict string `json:"verdict"`
	// Statement is what was sent.
	Statement string `json:"statement,omitempty"`
	// Why says what the verdict rests on.
	Why string `json:"why"`
}

// What a probe can show.
const (
	// Proved: there was something to reach, and the attempt did not reach it.
	Proved = "proved"
	// Refuted: the attempt reached another tenant's rows.
	Refuted = "refuted"
	// Vacuous: the attempt reached nothing, and there was nothing that it could have reached.
	Vacuous = "vacuous"
	// Skipped: there was no attempt, or it ended for another reason.
	Skipped = "skipped"
)

// The states of a session. A custom setting is NULL before it is first set, and the empty text behind
// the transaction of a SET LOCAL: policies fail open in one or the other.
const (
	tenantSet = "tenant set"
	neverSet  = "no tenant, never set"
	setBefore = "no tenant, set before"
)
