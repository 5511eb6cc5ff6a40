package schemacheck

import (
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/classify"
)

// Shared is the verdict on what belongs to no tenant: there are no rows of others to reach.
const Shared finding.Verdict = "shared"

// Other is something that a role reaches beside the rows of tenants: a function or procedure by EXECUTE, a
// sequence, or a relation that all tenants share.
type Other struct {
	Database   string          `json:"database,omitempty"`
	Role       string          `json:"role"`
	Kind       string          `json:"kind"`
	Object     string          `json:"object"`
	Privileges []string        `json:"privileges"`
	Verdict    finding.Verdict `json:"verdict"`
	Reason     string          `json:"reason"`
	Rule       string          `json:"rule,omitempty"`
	// Accepted is the reason that the source gives for a leak which it suppresses.
	Accepted string `json:"accepted,omitempty"`
	Witness  string `json:"witness,omitempty"`
}

// others lists what the role reaches that is no row of the matrix, functions first.
func (j *judge) others() []Other {
	var others []Other
	for _, f := range j.schema.Functions {
		if f.Extension == "" && f.Returns != "trigger" && j.mayExecute(j.session, f) {
			others = append(others, j.routineRow(f))
		}
	}
	slices.SortStableFunc(others, func(a, b Other) int { return strings.Compare(a.Object, b.Object) })
	for _, r := range j.schema.Sorted() {
		if r.Temporary || r.Extension != "" || j.listed(r) {
			continue
		}
		if o := (Other{Role: j.role(), Object: object(r), Privileges: j.privilegesOn(r)}); len(o.Privileges) > 0 {
			o.Kind, o.Verdict, o.Reason = j.shared(r)
			others = append(others, o)
		}
	}
	return others
}

// routineRow judges a function that the role may call.
func (j *judge) routineRow(f *pgschema.Function) Other {
	o := Other{Role: j.role(), Kind: "function", Object: functionObject(f), Privileges: []string{"execute"}, Verdict: finding.Isolated,
		Reason: "it runs with the rights of its caller, so that the cells of its tables hold"}
	if f.Procedure {
		o.Kind = "procedure"
	}
	if f.SecurityDefiner {
		o.Reason = "it runs with the rights of its owner, and reaches no rows of other tenants that the role does not reach without it"
		if !j.relyOnRLS() {
			o.Verdict, o.Reason = finding.Unknown, "no row-level security confines what it reads: its statements must name the tenant"
		}
	}
	for _, u := range j.result.Undecided {
		if u.Object == o.Object {
			o.Verdict, o.Reason = finding.Unknown, u.Reason
		}
	}
	for _, g := range j.result.Findings {
		if g.Object != o.Object || g.Category != finding.Isolation || g.Severity != finding.Error {
			continue
		}
		o.Verdict, o.Reason, o.Rule, o.Witness = finding.Leaks, g.Message, g.Rule, j.calling(f)
		if o.Accepted = j.accepted[defectOf(g)]; o.Accepted == "" {
			return o
		}
		o.Verdict = Suppressed
	}
	return o
}

// privilegesOn returns the privileges that the role has on a relation.
func (j *judge) privilegesOn(r *pgschema.Relation) []string {
	commands := Commands
	if r.Kind == pgschema.Sequence {
		commands = []string{"usage", "select", "update"}
	}
	var have []string
	for _, command := range commands {
		if j.may(j.session, r, command) {
			have = append(have, command)
		}
	}
	return have
}

// shared says what a relation without rows of tenants is.
func (j *judge) shared(r *pgschema.Relation) (kind string, verdict finding.Verdict, reason string) {
	switch r.Kind {
	case pgschema.Sequence:
		return "sequence", Shared, "its numbers tell how many rows were made, by whichever tenant"
	case pgschema.View, pgschema.MaterializedView:
		if r.Query == nil {
			return "view", finding.Unknown, "its query is not known"
		}
		return "view", Shared, "it reads no table of tenants"
	}
	switch t := j.classes.Get(r); {
	case t == nil:
	case t.Class == classify.Shared:
		return "table", Shared, t.Reason
	case j.sameForAll(t):
		return "table", Shared, "the role reads it and nothing more, and no column says whose its rows are: taken to be the same for all tenants"
	}
	return "table", finding.Unknown, "nobody says whom its rows belong to"
}
