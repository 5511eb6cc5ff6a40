package schemacheck

import (
	"fmt"

	"github.com/tenantvet/tenantvet/finding"
)

var _ = register("leakproof-function", checkLeakproofFunction)

// checkLeakproofFunction looks for functions that the team marked LEAKPROOF: the planner may run them
// on rows before the policy has decided (PostgreSQL manual, 41.5), so what they raise or log shows
// rows of other tenants.
func checkLeakproofFunction(p *pass) {
	if !p.relyOnRLS() || !p.hasOwned() {
		return
	}
	for f, s := range p.callable() {
		if !f.Leakproof || f.Language == "internal" {
			continue
		}
		g := finding.New("leakproof-function", f.Origin, functionObject(f),
			"function %s is LEAKPROOF: PostgreSQL may run it on rows that a policy hides from %s, and its errors and messages show them", functionObject(f), s)
		g.Evidence = []string{fmt.Sprintf("language %s", f.Language)}
		g.Fix = &finding.Fix{Message: "take the mark away", Code: fmt.Sprintf("ALTER FUNCTION %s NOT LEAKPROOF;", signature(f))}
		p.report(g)
	}
}
