package differential

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tenantvet/tenantvet/prove"
	"github.com/tenantvet/tenantvet/schemacheck"
)

// That each tenant can read the list of tenants is a warning and leaves a schema isolated: a service that finds the tenant
// of a request has to read it, and it holds no rows of theirs. The same goes for a view that shows the list and for a function
// that reads it, as long as these show nothing else: that is tried.

// listOfTenants reports whether a cell says no more than that the list of tenants can be read.
func (t *trial) listOfTenants(c prove.Cell) bool {
	return c.Command == prove.Select && c.Object == "public.tenant" || (c.Command == prove.Select || c.Command == prove.Call) && t.showList[c.Object]
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

// callsOnList are the functions that prove refutes where each tenant can read the list of tenants.
func (t *trial) callsOnList() (functions []string) {
	warned := slices.ContainsFunc(t.matrix.Cells, func(cell schemacheck.Cell) bool {
		return cell.Verdict == schemacheck.Warned && cell.Relation == "public.tenant" && cell.Command == "select"
	})
	for _, c := range t.report.Cells {
		name, _, _ := strings.Cut(strings.TrimPrefix(c.Object, "public."), "(")
		if warned && c.Verdict == prove.Refuted && c.Command == prove.Call && strings.Contains(t.statement("CREATE FUNCTION "+name+"("), " tenant ") {
			functions = append(functions, c.Object)
		}
	}
	return functions
}

// findReadersOfList finds the warned views and the functions that show no other tenant once the list of tenants does not.
func (d *database) findReadersOfList(ctx context.Context, t *testing.T, x *trial) error {
	x.showList = map[string]bool{}
	readers := append(x.warnedViews(), x.callsOnList()...)
	if len(readers) == 0 {
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
		if (c.Command == prove.Select || c.Command == prove.Call) && c.Verdict != prove.Refuted && slices.Contains(readers, c.Object) {
			x.showList[c.Object] = true
		}
	}
	return nil
}
