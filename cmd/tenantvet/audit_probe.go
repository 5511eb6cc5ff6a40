package main

import (
	"github.com/spf13/cobra"

	"github.com/tenantvet/tenantvet/livecheck"
)

func probeFlags(cmd *cobra.Command, o *livecheck.ProbeOptions) {
	f := cmd.Flags()
	f.BoolVar(&o.Off, "no-probes", false, "do not try, as the service's role, to read rows of another tenant")
	f.BoolVar(&o.Writes, "probe-writes", false, "also try to write rows of another tenant, in transactions that are rolled back, where no trigger would run")
	f.BoolVar(&o.Functions, "probe-functions", false, "also call functions that run with their owner's rights, if they are STABLE or IMMUTABLE and need no argument")
	f.StringSliceVar(&o.Tenants, "probe-tenant", nil, "tenant `ID` to probe with instead of those found in each table (give two or more)")
}
