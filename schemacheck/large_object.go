package schemacheck

import (
	"fmt"

	"github.com/tenantvet/tenantvet/finding"
)

var _ = register("large-object-exposed", checkLargeObjectExposed)

// checkLargeObjectExposed looks for tenants' files kept as large objects: they have one owner and no
// row-level security, and their numbers count up.
func checkLargeObjectExposed(p *pass) {
	if !p.relyOnRLS() {
		return
	}
	for t := range p.owned() {
		r := t.Relation
		for _, c := range r.Columns {
			if c.Type != "oid" && c.Type != "lo" || isPart(r) {
				continue
			}
			for _, s := range p.sessions {
				if !p.mayColumn(s, r, c.Name, "select") && !p.mayColumn(s, r, c.Name, "insert") {
					continue
				}
				f := finding.New("large-object-exposed", c.Origin, object(r)+"."+c.Name,
					"column %s of %s refers to large objects, which row-level security does not cover: %s, which owns them all, reads those of every tenant by number", c.Name, object(r), s)
				p.weigh(&f, s)
				f.Fix = &finding.Fix{Message: fmt.Sprintf("keep the content in a bytea column of %s, or outside the database under a key that carries the tenant", object(r))}
				p.report(f)
				break
			}
		}
	}
}
