// Package finding holds what tenantvet has to say: findings, what stayed undecided, what was
// skipped, the catalogue of rules, and the suppressions written in source files.
package finding

import (
	"cmp"
	"fmt"
	"slices"
)

// Severity orders findings by how much they ask of the reader.
type Severity int

const (
	// Info is a hint: true, but often deliberate. It never fails a build by default.
	Info Severity = iota
	// Warning is a defect that does not by itself show one tenant another's rows.
	Warning
	// Error is a concrete way by which one tenant can see, change or detect another's data.
	Error
)

var severityNames = [...]string{"info", "warning", "error"}

func (s Severity) String() string {
	if int(s) < 0 || int(s) >= len(severityNames) {
		return fmt.Sprintf("severity(%d)", int(s))
	}
	return severityNames[s]
}

// ParseSeverity reads "info", "warning" or "error".
func ParseSeverity(name string) (Severity, error) {
	if i := slices.Index(severityNames[:], name); i >= 0 {
		return Severity(i), nil
	}
	return 0, fmt.Errorf("unknown severity %q: use info, warning or error", name)
}

// MarshalText writes the severity as its name.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads the severity from its name.
func (s *Severity) UnmarshalText(text []byte) (err error) {
	*s, err = ParseSeverity(string(text))
	return err
}

// Category says which question a rule answers.
type Category string

const (
	// Isolation rules decide the verdict: can tenant A reach tenant B's data?
	Isolation Category = "isolation"
	// Performance rules concern the cost of asking for one tenant's rows.
	Performance Category = "performance"
	// Migration rules concern a change on its way to a live database.
	Migration Category = "migration"
	// Hygiene rules keep the tool's own directives and the schema readable.
	Hygiene Category = "hygiene"
)

// Position is a place in a source file. Line and Column count from 1; Column counts bytes, as
// go/token does. Line 0 means the whole file (or, with an empty File, a live database object).
type Position struct {
	File   string `json:"file,omitempty"`
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
}

// IsValid reports whether the position names a line of a file.
func (p Position) IsValid() bool { return p.File != "" && p.Line > 0 }

func (p Position) String() string {
	switch {
	case p.File == "":
		return "-"
	case p.Line == 0:
		return p.File
	case p.Column == 0:
		return fmt.Sprintf("%s:%d", p.File, p.Line)
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
}

// Compare orders positions by file, line and column.
func (p Position) Compare(q Position) int {
	return cmp.Or(cmp.Compare(p.File, q.File), cmp.Compare(p.Line, q.Line), cmp.Compare(p.Column, q.Column))
}

// Related is a second place that a reader of the finding wants to see.
type Related struct {
	Position
	Message string `json:"message"`
}

// Fix says how to mend a finding: SQL for a schema, a Go or SQL text otherwise.
type Fix struct {
	Message string `json:"message"`
	// Code is the text to write, ready to paste; empty when only the message can say it.
	Code string `json:"code,omitempty"`
}

// Finding is one defect at one place.
type Finding struct {
	Rule     string   `json:"rule"`
	Category Category `json:"category"`
	Severity Severity `json:"severity"`
	// Object is the database object or Go function concerned, such as "public.invoice".
	Object string `json:"object,omitempty"`
	Position
	// Message says in one sentence what is wrong and why it matters.
	Message string `json:"message"`
	// Evidence holds the facts the verdict rests on, one a line.
	Evidence []string  `json:"evidence,omitempty"`
	Related  []Related `json:"related,omitempty"`
	Fix      *Fix      `json:"fix,omitempty"`
	// Fingerprint identifies the finding across runs and moved lines (see Fingerprint).
	Fingerprint string `json:"fingerprint"`
	// Suppressed is the reason given in the source for not reporting this finding.
	Suppressed string `json:"suppressed,omitempty"`
	// Weight is the share of the database's time that the finding is about, between 0 and 1; 0 for
	// what is not measured.
	Weight float64 `json:"weight,omitempty"`
}

// New makes a finding of a catalogued rule with the catalogue's category and severity.
// It panics on a rule that the catalogue does not know, which a test of the rule meets at once.
func New(rule string, at Position, object, format string, args ...any) Finding {
	r, ok := Lookup(rule)
	if !ok {
		panic("finding: rule " + rule + " is not in the catalogue")
	}
	return Finding{
		Rule: r.Name, Category: r.Category, Severity: r.Severity,
		Object: object, Position: at, Message: fmt.Sprintf(format, args...),
	}
}

// Undecided is a question that could not be answered; it is counted and shown, never passed over.
type Undecided struct {
	Position
	// Object is what the question was about.
	Object string `json:"object,omitempty"`
	// Code is a short stable name of the reason, such as "dynamic-sql" or "sql-unresolved".
	Code   string `json:"code"`
	Reason string `json:"reason"`
}

// Skipped is input that was not looked at, and why: a gap in coverage.
type Skipped struct {
	Position
	// What names the input: a package path, a file, a statement.
	What   string `json:"what"`
	Reason string `json:"reason"`
	// Broken says that the input should have been readable: the run exits with 2.
	Broken bool `json:"broken,omitempty"`
}

// Compare orders findings by place, then weight, rule, object and message, so that output is stable.
func Compare(a, b Finding) int {
	return cmp.Or(a.Position.Compare(b.Position), cmp.Compare(b.Weight, a.Weight), cmp.Compare(a.Rule, b.Rule),
		cmp.Compare(a.Object, b.Object), cmp.Compare(a.Message, b.Message))
}
