package livecheck

// ProbeOptions change what is tried on the database.
type ProbeOptions struct{}

// Probe is one attempt to cross from one tenant to another as the service's role.
type Probe struct {
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
