package report

import (
	"encoding/json"
	"io"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/livecheck"
	"github.com/tenantvet/tenantvet/livecheck/fleet"
	"github.com/tenantvet/tenantvet/schemacheck"
)

// document is the JSON format. Fields are only ever added.
type document struct {
	Tool      tool                `json:"tool"`
	Verdict   finding.Verdict     `json:"verdict"`
	Findings  []finding.Finding   `json:"findings"`
	Undecided []finding.Undecided `json:"undecided"`
	Skipped   []finding.Skipped   `json:"skipped"`
	Notes     []string            `json:"notes"`
	Summary   *summary            `json:"summary"`
	// Matrix is there when it was asked for.
	Matrix *schemacheck.Matrix `json:"matrix,omitempty"`
	Audits []audit             `json:"audits,omitempty"`
	Fleet  *fleet.Fleet        `json:"fleet,omitempty"`
}

// audit is one running database. Its findings are here beside where all are, when there are several.
type audit struct {
	*livecheck.Audit
	Verdict  finding.Verdict     `json:"verdict"`
	Findings []finding.Finding   `json:"findings,omitempty"`
	Matrix   *schemacheck.Matrix `json:"matrix,omitempty"`
}

type tool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

func writeJSON(w io.Writer, r *Report) error {
	var audits []audit
	for _, a := range r.Audits {
		one := audit{Audit: a, Verdict: a.Result.Verdict(), Matrix: a.Matrix}
		if len(r.Audits) > 1 {
			one.Findings = a.Result.Findings
		}
		audits = append(audits, one)
	}
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(document{
		Tool:      tool{"tenantvet", r.Version},
		Verdict:   r.Result.Verdict(),
		Findings:  orEmpty(r.Result.Findings),
		Undecided: orEmpty(r.Result.Undecided),
		Skipped:   orEmpty(r.Result.Skipped),
		Notes:     orEmpty(r.Result.Notes),
		Summary:   summarize(r.Result, r.Coverage),
		Matrix:    r.Matrix,
		Audits:    audits,
		Fleet:     r.Fleet,
	})
}

// orEmpty makes an absent list [] instead of null.
func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
