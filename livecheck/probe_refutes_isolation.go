package livecheck

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tenantvet/tenantvet/finding"
)

// refutes makes one finding of the attempts on a relation that reached another tenant's rows.
func refutes(cells []*Probe, several bool) (finding.Finding, bool) {
	type attempt struct{ role, command, why string }
	var roles, commands, evidence []string
	states := map[attempt][]string{}
	for _, c := range cells {
		if c.Verdict == Refuted {
			key := attempt{c.Role, c.Command, c.Why}
			states[key] = append(states[key], c.State)
		}
	}
	for _, c := range cells {
		key := attempt{c.Role, c.Command, c.Why}
		if c.Verdict != Refuted || c.State != states[key][0] {
			continue
		}
		if !slices.Contains(commands, c.Command) {
			commands = append(commands, c.Command)
		}
		if !slices.Contains(roles, c.Role) {
			roles = append(roles, c.Role)
		}
		how := strings.Join(states[key], "; ")
		if several {
			how += "; role " + c.Role
		}
		evidence = append(evidence, fmt.Sprintf("%s (%s): %s", c.Command, how, c.Why), c.Statement)
	}
	if len(commands) == 0 {
		return finding.Finding{}, false
	}
	who := "role " + roles[0] + ", tried on the database, reaches"
	if len(roles) > 1 {
		who = "roles " + strings.Join(roles, " and ") + ", tried on the database, reach"
	}
	relation := cells[0].Relation
	f := finding.New("probe-refutes-isolation", finding.Position{}, relation,
		"%s rows of other tenants in %s by %s", who, relation, strings.Join(commands, ", "))
	f.Evidence = evidence
	f.Fix = &finding.Fix{Message: "enable and force row-level security with a policy on the tenant for every command; the schema rules give the statements"}
	return f, true
}
