package finding

import "slices"

// Verdict is the answer to the one question, over everything that was looked at.
type Verdict string

const (
	// Isolated means that no way from one tenant to another was found and nothing stayed open.
	Isolated Verdict = "isolated"
	// Leaks means that at least one concrete way is shown.
	Leaks Verdict = "leaks"
	// Unknown means that no way was found but something could not be decided.
	Unknown Verdict = "undecided"
)

// Result is everything one run has to say. The zero value is an empty result.
type Result struct {
	Findings  []Finding   `json:"findings"`
	Undecided []Undecided `json:"undecided"`
	Skipped   []Skipped   `json:"skipped"`
	// Notes are lines for the reader that are no finding, such as what was inferred.
	Notes []string `json:"notes,omitempty"`
}

// Add appends what another result holds.
func (r *Result) Add(other Result) {
	r.Findings = append(r.Findings, other.Findings...)
	r.Undecided = append(r.Undecided, other.Undecided...)
	r.Skipped = append(r.Skipped, other.Skipped...)
	r.Notes = append(r.Notes, other.Notes...)
}

// Sort brings the result into its stable order and drops exact repetitions, which arise where a
// package is analysed twice (with and without its tests).
func (r *Result) Sort() {
	slices.SortFunc(r.Findings, Compare)
	r.Findings = slices.CompactFunc(r.Findings, func(a, b Finding) bool { return Compare(a, b) == 0 })
	slices.SortFunc(r.Undecided, func(a, b Undecided) int { return a.compare(b) })
	r.Undecided = slices.Compact(r.Undecided)
	slices.SortFunc(r.Skipped, func(a, b Skipped) int { return a.compare(b) })
	r.Skipped = slices.Compact(r.Skipped)
	slices.Sort(r.Notes)
	r.Notes = slices.Compact(r.Notes)
}

// Verdict sums the result up: a reported isolation finding of error severity leaks; otherwise
// anything undecided or broken keeps the answer open.
func (r *Result) Verdict() Verdict {
	for _, f := range r.Findings {
		if f.Category == Isolation && f.Severity == Error && f.Suppressed == "" {
			return Leaks
		}
	}
	if len(r.Undecided) > 0 || r.Broken() {
		return Unknown
	}
	return Isolated
}

// Broken reports whether some input that should have been readable was not.
func (r *Result) Broken() bool {
	return slices.ContainsFunc(r.Skipped, func(s Skipped) bool { return s.Broken })
}

// Failing reports whether an unsuppressed finding of at least the given severity exists.
func (r *Result) Failing(at Severity) bool {
	return slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.Suppressed == "" && f.Severity >= at })
}
