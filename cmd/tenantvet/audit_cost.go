package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/tenantvet/tenantvet/livecheck"
	"github.com/tenantvet/tenantvet/report"
)

// cost prints what each tenant takes of a database, or one of them.
func (c *check) cost(cmd *cobra.Command, dsn, tenant string) error {
	switch c.format {
	case "text", "csv", "json":
		if tenant != "" && c.format != "text" {
			return fmt.Errorf("--cost with --tenant is written as text: --format %s has every tenant", c.format)
		}
	default:
		return fmt.Errorf("--cost is written as text, csv or json, not as %q", c.format)
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
	switch c.format {
	case "csv":
		return report.WriteCostCSV(cmd.OutOrStdout(), audits)
	case "json":
		out := json.NewEncoder(cmd.OutOrStdout())
		out.SetIndent("", "  ")
		return out.Encode(audit.Skew)
	}
	if tenant != "" {
		return report.WriteCostOf(cmd.OutOrStdout(), audits, tenant)
	}
	return report.WriteCost(cmd.OutOrStdout(), audits)
}
