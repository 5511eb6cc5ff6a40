package page

// Page is what a report shows. Lists that are empty leave their section out.
type Page struct {
	// Verdict is "isolated", "leaks", "undecided" or "nothing to judge".
	Verdict  string `json:"verdict"`
	Headline string `json:"headline"`
	// Counts are the findings by severity, without those suppressed. What several databases have alike
	// counts once, as in Headline, where each lists it under Findings.
	Counts map[string]int `json:"counts"`
	// Basis says what was looked at.
	Basis   string `json:"basis"`
	Version string `json:"version"`
	// When is the time of the report; empty to leave it out.
	When string `json:"when,omitempty"`

	Databases  []Database        `json:"databases"`
	Commands   []string          `json:"commands"`
	Relations  []Relation        `json:"relations"`
	Beside     []Beside          `json:"beside"`
	Others     []Other           `json:"others"`
	Findings   []Finding         `json:"findings"`
	Drift      []Finding         `json:"drift"`
	Statements []Statement       `json:"statements"`
	Probes     []Probe           `json:"probes"`
	Skew       []Skew            `json:"skew"`
	Gaps       []Gap             `json:"gaps"`
	Rules      map[string]string `json:"rules"` // their pages
}

// Database is one audited database.
type Database struct {
	Name    string `json:"name"`
	Server  string `json:"server"`
	Role    string `json:"role"`
	Pooled  bool   `json:"pooled,omitempty"`
	Partial string `json:"partial,omitempty"`
	Verdict string `json:"verdict"`
}

// Relation is one row of the matrix.
type Relation struct {
	Database string `json:"db,omitempty"`
	Role     string `json:"role"`
	Name     string `json:"name"`
	// Cells has one letter for each command: (i)solated, (l)eaks, (u)ndecided, (w)arned, (s)uppressed, - for no access.
	Cells string `json:"cells"`
	Notes []Note `json:"notes,omitempty"`
}

// Note says why some cells of a row leak or are undecided.
type Note struct {
	Commands []string `json:"commands"`
	Verdict  string   `json:"verdict"`
	Reason   string   `json:"reason"`
	Rule     string   `json:"rule,omitempty"`
	Witness  string   `json:"witness,omitempty"`
}

// Beside is a way across that belongs to no cell.
type Beside struct {
	Database string `json:"db,omitempty"`
	Role     string `json:"role"`
	Rule     string `json:"rule"`
	Object   string `json:"object"`
	Reason   string `json:"reason"`
}

// Other is something that a role reaches beside the rows of tenants, such as a function.
type Other struct {
	Database   string `json:"db,omitempty"`
	Role       string `json:"role"`
	Kind       string `json:"kind"`
	Name       string `json:"name"`
	Privileges string `json:"privileges"`
	Verdict    string `json:"verdict"`
	Reason     string `json:"reason"`
	Rule       string `json:"rule,omitempty"`
	Witness    string `json:"witness,omitempty"`
}

// Finding is one finding.
type Finding struct {
	Database string `json:"db,omitempty"`
	// Severity is "error", "warning", "info" or "suppressed".
	Severity string   `json:"severity"`
	Rule     string   `json:"rule"`
	Place    string   `json:"place"`
	Message  string   `json:"message"`
	Source   string   `json:"source,omitempty"` // the line of the file
	Evidence []string `json:"evidence,omitempty"`
	Fix      string   `json:"fix,omitempty"`
	Code     string   `json:"code,omitempty"`
}

// Statement is one executed statement.
type Statement struct {
	Database      string  `json:"db,omitempty"`
	Role          string  `json:"role,omitempty"` // of the service, that executed it
	Text          string  `json:"text"`
	Calls         int64   `json:"calls"`
	Rows          int64   `json:"rows"`
	Mean          float64 `json:"mean"`  // milliseconds
	Total         float64 `json:"total"` // milliseconds
	Share         float64 `json:"share"`
	Scope         string  `json:"scope"`
	Access        string  `json:"access,omitempty"`
	Level         string  `json:"level"` // "bad", "unknown", "fair", "good" or, without tenants, "none"
	Reason        string  `json:"reason,omitempty"`
	Fix           string  `json:"fix,omitempty"`
	Plan          string  `json:"plan,omitempty"`
	SuperuserPlan string  `json:"superuserPlan,omitempty"`
}

// Probe is one attempt to cross.
type Probe struct {
	Database  string `json:"db,omitempty"`
	Role      string `json:"role,omitempty"`
	Relation  string `json:"relation"`
	Command   string `json:"command"`
	State     string `json:"state"`
	Verdict   string `json:"verdict"`
	Why       string `json:"why"`
	Statement string `json:"statement,omitempty"`
}

// Skew is how tenants share one table, or a whole database when Table is empty.
type Skew struct {
	Database string   `json:"db,omitempty"`
	Table    string   `json:"table,omitempty"`
	Tenants  []Tenant `json:"tenants"`
}

// Tenant is what one tenant has. ByBytes is its share of the bytes.
type Tenant struct {
	Name    string  `json:"name"`
	Rows    int64   `json:"rows"`
	Bytes   int64   `json:"bytes"`
	Share   float64 `json:"share"`
	ByBytes float64 `json:"byBytes"`
}

// Gap is something that was not looked at or not decided, or a note.
type Gap struct {
	Database string `json:"db,omitempty"`
	// Kind is "broken", "undecided", "skipped" or "note".
	Kind   string `json:"kind"`
	What   string `json:"what"`
	Reason string `json:"reason"`
}
