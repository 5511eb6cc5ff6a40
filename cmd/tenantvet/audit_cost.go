package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/livecheck"
	"github.com/tenantvet/tenantvet/livecheck/fleet"
	"github.com/tenantvet/tenantvet/report"
)

// cost prints what each tenant takes of a database, or one of them.
func (c *check) cost(cmd *cobra.Command, dsn, tenant string) error {
	if err := c.costFormat(tenant); err != nil {
		return err
	}
	ctx := cmd.Context()
	model, conn, err := c.connect(ctx, dsn)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	audit, err := livecheck.Cost(ctx, conn, livecheck.Options{Dir: c.dir, Model: model})
	if err != nil {
		return err
	}
	audits := []*livecheck.Audit{audit}
	switch {
	case c.format == "csv":
		return report.WriteCostCSV(cmd.OutOrStdout(), audits)
	case c.format == "json":
		return writeJSON(cmd, audit.Skew)
	case tenant != "":
		return report.WriteCostOf(cmd.OutOrStdout(), audits, tenant)
	}
	return report.WriteCost(cmd.OutOrStdout(), audits)
}

// costFormat refuses a format in which costs are not written, before anything takes long.
func (c *check) costFormat(tenant string) error {
	if !slices.Contains([]string{"text", "csv", "json"}, c.format) {
		return fmt.Errorf("--cost is written as text, csv or json, not as %q", c.format)
	}
	if tenant != "" && c.format != "text" {
		return fmt.Errorf("--cost with --tenant is written as text: --format %s has every tenant", c.format)
	}
	return nil
}

// costFleet prints what the tenants take of the databases of a fleet.
func (c *check) costFleet(cmd *cobra.Command, flags fleetFlags, dsn, tenant string) error {
	if err := c.costFormat(tenant); err != nil {
		return err
	}
	file, options, err := c.readFleet(flags, dsn, livecheck.Options{})
	if err != nil {
		return err
	}
	progress := newProgress(cmd.ErrOrStderr())
	options.Audit.Progress = progress.step
	audits, result, err := fleet.Cost(cmd.Context(), file, options)
	progress.end()
	if err != nil {
		return err
	}
	switch {
	case c.format == "csv":
		err = report.WriteCostCSV(cmd.OutOrStdout(), audits)
	case c.format == "json":
		err = writeJSON(cmd, costsOf(audits, &result))
	case tenant != "":
		err = report.WriteCostOf(cmd.OutOrStdout(), having(audits, tenant), tenant)
	default:
		err = report.WriteCostFleet(cmd.OutOrStdout(), audits, &result)
	}
	if err != nil || !result.Broken() {
		return err
	}
	if c.format == "csv" || tenant != "" { // the others have them
		for _, s := range result.Skipped {
			fmt.Fprintf(cmd.ErrOrStderr(), "tenantvet: not read: %s: %s\n", s.What, s.Reason)
		}
	}
	return errUnfinished
}

// having returns the databases in which a tenant is known to have rows, or all where it is in none.
func having(audits []*livecheck.Audit, tenant string) []*livecheck.Audit {
	has := slices.DeleteFunc(slices.Clone(audits), func(a *livecheck.Audit) bool {
		return !slices.ContainsFunc(a.Skew.Tenants, func(t livecheck.TenantShare) bool { return t.Tenant == tenant })
	})
	if len(has) == 0 {
		return audits
	}
	return has
}

// fleetCost is the JSON of the costs of a fleet.
type fleetCost struct {
	Databases []databaseCost    `json:"databases"`
	Skipped   []finding.Skipped `json:"skipped,omitempty"`
}

type databaseCost struct {
	Database string `json:"database"`
	*livecheck.Skew
}

func costsOf(audits []*livecheck.Audit, result *finding.Result) fleetCost {
	all := fleetCost{Databases: []databaseCost{}, Skipped: result.Skipped}
	for _, a := range audits {
		all.Databases = append(all.Databases, databaseCost{a.Database, a.Skew})
	}
	return all
}

func writeJSON(cmd *cobra.Command, v any) error {
	out := json.NewEncoder(cmd.OutOrStdout())
	out.SetIndent("", "  ")
	return out.Encode(v)
}
