package report

import (
	"cmp"
	"maps"
	"slices"

	"github.com/tenantvet/tenantvet/finding"
)

// summary counts a result.
type summary struct {
	Errors     int `json:"errors"`
	Warnings   int `json:"warnings"`
	Infos      int `json:"infos"`
	Suppressed int `json:"suppressed"`
	Undecided  int `json:"undecided"`
	Skipped    int `json:"skipped"`
	// Broken counts the skipped inputs that should have been readable.
	Broken int `json:"broken"`
	// Rules counts the findings that are not suppressed, by rule.
	Rules    map[string]int `json:"rules"`
	Coverage Coverage       `json:"coverage"`

	rows []row
}

// row counts the findings of one rule with one severity.
type row struct {
	severity finding.Severity
	rule     string
	count    int
}

func summarize(r *finding.Result, c Coverage) *summary {
	s := &summary{Undecided: len(r.Undecided), Skipped: len(r.Skipped), Rules: map[string]int{}, Coverage: c}
	counts := map[row]int{}
	for _, f := range r.Findings {
		if f.Suppressed != "" {
			s.Suppressed++
			continue
		}
		switch f.Severity {
		case finding.Error:
			s.Errors++
		case finding.Warning:
			s.Warnings++
		case finding.Info:
			s.Infos++
		}
		s.Rules[f.Rule]++
		counts[row{severity: f.Severity, rule: f.Rule}]++
	}
	for _, k := range r.Skipped {
		if k.Broken {
			s.Broken++
		}
	}
	for k, n := range counts {
		k.count = n
		s.rows = append(s.rows, k)
	}
	slices.SortFunc(s.rows, func(a, b row) int {
		return cmp.Or(cmp.Compare(b.severity, a.severity), cmp.Compare(b.count, a.count), cmp.Compare(a.rule, b.rule))
	})
	return s
}

// tally counts strings and returns the most frequent first.
type tally map[string]int

func (t tally) sorted() []string {
	return slices.SortedFunc(maps.Keys(t), func(a, b string) int {
		return cmp.Or(cmp.Compare(t[b], t[a]), cmp.Compare(a, b))
	})
}
