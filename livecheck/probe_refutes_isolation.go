package livecheck

import (
	"strings"

	"github.com/tenantvet/tenantvet/finding"
)

// refutes makes one finding of the attempts on a relation that reached another tenant's rows.
func (p *prober) refutes(relation string, cells []*Probe) (finding.Finding, bool) {
	var commands, evidence []string
	seen := map[string]bool{}
	for _, c := range cells {
		if c.Verdict != Refuted {
			continue
		}
		if what := c.Command + " (" + c.State + ")"; !seen[what] {
			seen[what] = true
			commands = append(commands, what)
		}
		evidence = append(evidence, c.Why, c.Statement)
	}
	if len(commands) == 0 {
		return finding.Finding{}, false
	}
	f := finding.New("probe-refutes-isolation", finding.Position{}, relation,
		"role %s, tried on the database, reaches rows of other tenants in %s by %s", p.role, relation, strings.Join(commands, ", "))
	f.Evidence = evidence
	f.Fix = &finding.Fix{Message: "enable and force row-level security with a policy on the tenant for every command; the schema rules give the statements"}
	return f, true
}
