package livecheck

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/finding"
)

// refutes makes one finding of the attempts on a relation that reached another tenant's rows.
func (p *prober) refutes(relation string, cells []*Probe) (finding.Finding, bool) {
	var commands, evidence []string
	states := map[[2]string][]string{}
	for _, c := range cells {
		if c.Verdict == Refuted {
			states[[2]string{c.Command, c.Why}] = append(states[[2]string{c.Command, c.Why}], c.State)
		}
	}
	for _, c := range cells {
		key := [2]string{c.Command, c.Why}
		if c.Verdict != Refuted || c.State != states[key][0] {
			continue
		}
		if !slices.Contains(commands, c.Command) {
			commands = append(commands, c.Command)
		}
		evidence = append(evidence, fmt.Sprintf("%s (%s): %s", c.Command, strings.Join(states[key], "; "), c.Why), c.Statement)
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
