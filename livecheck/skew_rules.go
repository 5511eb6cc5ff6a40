package livecheck

import (
	"context"

	"github.com/tenantvet/tenantvet/finding"
)

// skew reads what each tenant takes, and judges it.
func (r *run) skew(ctx context.Context, w *Workload) error {
	a := r.audit
	skew, err := ReadSkew(ctx, r.conn, a.Classes, a.Schema, a.Model, w)
	if err != nil {
		return err
	}
	a.Skew = skew
	a.Result.Add(finding.Result{Findings: tenantsSkewed(skew)})
	a.Result.Add(finding.Result{Findings: tablesUnpartitioned(skew)})
	a.Result.Add(finding.Result{Findings: schemasOverLimit(a.Database, len(a.Classes.TenantSchemas(a.Schema, a.Model)), len(a.Schema.Relations))})
	a.Result.Add(finding.Result{Findings: settingsFlooding(w)})
	return nil
}
