package schemacheck

import (
	"fmt"

	"github.com/tenantvet/tenantvet/finding"
)

var _ = register("grant-public", checkGrantPublic)

// checkGrantPublic looks for tenant tables that every role, also one made later, may work on.
func checkGrantPublic(p *pass) {
	for t := range p.owned() {
		r := t.Relation
		for _, g := range r.Grants {
			if g.Grantee != public {
				continue
			}
			f := finding.New("grant-public", g.Origin, object(r),
				"%s on %s is granted to PUBLIC: every role, also one made later for another purpose, has it", upper(g.Privilege), object(r))
			f.Fix = &finding.Fix{
				Message: "grant it to the application's role alone",
				Code:    fmt.Sprintf("REVOKE ALL ON %s FROM PUBLIC;", quoteName(r.Name)),
			}
			p.report(f)
			break
		}
	}
}
