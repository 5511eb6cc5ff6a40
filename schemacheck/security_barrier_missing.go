package schemacheck

import (
	"fmt"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/pgschema"
	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

var _ = register("security-barrier-missing", checkSecurityBarrierMissing)

// checkSecurityBarrierMissing looks for views that confine rows by their own condition and are no
// security barrier: the planner tests the cheaper conditions first, and an error or a message of the caller's then shows
// rows that the view hides (PostgreSQL manual, 41.5). A function in the caller's temporary schema may be declared cheaper
// than any comparison, and where an index would come first the caller may switch index scans off (measured on PostgreSQL
// 15 to 18).
func checkSecurityBarrierMissing(p *pass) {
	if !p.relyOnRLS() {
		return
	}
	for view, s := range p.readable(pgschema.View) {
		if view.SecurityBarrier || view.SecurityInvoker {
			continue
		}
		for _, ref := range p.analyze(view).References {
			if !p.fixed(statement(view.Query), ref) || p.confined(p.reader(view, ref, s), ref.Relation, "select") || p.readsAll(s, ref.Relation) {
				continue
			}
			f := finding.New("security-barrier-missing", view.Origin, object(view),
				"view %s hides rows of %s by its condition but is no security barrier: a condition of the caller that costs less is tested first and shows them in an error", object(view), object(ref.Relation))
			if costly := p.costlyFunction(view.Query.Node); costly != nil {
				f.Evidence = []string{fmt.Sprintf("the condition calls %s, cost %g: cheaper conditions are tested before it", functionObject(costly), costly.Cost)}
			}
			p.weigh(&f, s)
			f.Fix = &finding.Fix{Message: "make it a barrier", Code: fmt.Sprintf("ALTER VIEW %s SET (security_barrier = true);", quoteName(view.Name))}
			p.report(f)
			break
		}
	}
}

// costlyFunction returns a function of the schema that an expression calls and that costs more than an
// operator; SQL functions are mostly inlined.
func (p *pass) costlyFunction(node *pgast.Node) *pgschema.Function {
	var found *pgschema.Function
	pgast.Walk(node, func(n any) bool {
		if call, ok := n.(*pgast.FuncCall); ok {
			for _, f := range p.called(call) {
				if f.Language != "sql" && f.Cost > 1 {
					found = f
				}
			}
		}
		return true
	})
	return found
}
