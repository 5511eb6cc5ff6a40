package differential

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/tenantvet/tenantvet/prove"
	"github.com/tenantvet/tenantvet/schemacheck"
)

// That each tenant can read the list of tenants is a warning and leaves a schema isolated: a service that finds the tenant
// of a request has to read it, and it holds no rows of theirs. The same goes for a view that shows the list, as long as it
// shows nothing else: that is tried.

// listOfTenants reports whether a cell says no more than that the list of tenants can be read.
func (t *trial) listOfTenants(c prove.Cell) bool {
	return c.Command == prove.Select && (c.Object == "public.tenant" || t.showList[c.Object])
}

// warnedViews are the views that prove refutes and of which the static verdict has a warning alone.
func (t *trial) warnedViews() (views []string) {
	for _, c := range t.report.Cells {
		if c.Verdict == prove.Refuted && c.Command == prove.Select && slices.ContainsFunc(t.matrix.Cells, func(cell schemacheck.Cell) bool {
			return cell.Verdict == schemacheck.Warned && cell.Relation == c.Object && cell.Command == "select" && c.Object != "public.tenant"
		}) {
			views = append(views, c.Object)
		}
	}
	return views
}

// findViewsOfList finds the warned views that show no other tenant once the list of tenants does not.
func (d *database) findViewsOfList(ctx context.Context, t *testing.T, x *trial) error {
	x.showList = map[string]bool{}
	views := x.warnedViews()
	if len(views) == 0 {
		return nil
	}
	confined := *x
	confined.statements = append(slices.Clone(x.statements), fmt.Sprintf(`RESET ROLE; ALTER TABLE tenant ENABLE ROW LEVEL SECURITY; ALTER TABLE tenant FORCE ROW LEVEL SECURITY;
		CREATE POLICY listed ON tenant USING (true); CREATE POLICY own ON tenant AS RESTRICTIVE USING (id = nullif(current_setting('app.tenant_id', true), '')::%s);`, x.keyType))
	d.clear(ctx, t)
	d.apply(ctx, confined.statements)
	confined.judge()
	report, err := d.try(ctx, &confined)
	if err != nil {
		return err
	}
	for _, c := range report.Cells {
		if c.Command == prove.Select && c.Verdict != prove.Refuted && slices.Contains(views, c.Object) {
			x.showList[c.Object] = true
		}
	}
	return nil
}
