package livecheck

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/tenantvet/tenantvet/finding"
)

// Cost reads what each tenant takes of a database, and nothing else: the Skew of the audit it returns.
func Cost(ctx context.Context, conn *pgx.Conn, o Options) (*Audit, error) {
	r := &run{conn: conn, options: o, audit: &Audit{Database: nameOf(conn.Config()), Server: versionOf(conn)}}
	if err := r.identify(ctx); err != nil {
		return nil, err
	}
	workload, err := ReadWorkload(ctx, conn)
	if err != nil {
		return nil, fmt.Errorf("reading pg_stat_statements: %w", err)
	}
	if err := r.catalog(ctx); err != nil {
		return nil, err
	}
	if err := r.skew(ctx, workload); err != nil {
		return nil, ended(ctx, conn, err)
	}
	r.audit.Skew.Unknown = append(r.audit.Skew.Unknown, workload.gaps()...)
	return r.audit, nil
}

// gaps are what keeps the statistics of statements from being read.
func (w *Workload) gaps() []string {
	var gaps []string
	for _, s := range w.result.Skipped {
		gaps = append(gaps, s.What+": "+s.Reason)
	}
	return gaps
}

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
