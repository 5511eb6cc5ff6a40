package livecheck

import (
	"fmt"

	"github.com/tenantvet/tenantvet/finding"
)

// partitionPast is the number of rows of one tenant past which its table wants to be divided by tenant.
const partitionPast = 50_000_000

// tablesUnpartitioned names each table that one tenant alone makes too large to be kept in one piece.
func tablesUnpartitioned(s *Skew) []finding.Finding {
	var found []finding.Finding
	for _, table := range s.Tables {
		if table.Partitioned || len(table.Tenants) == 0 || table.Tenants[0].Rows <= partitionPast {
			continue
		}
		top := table.Tenants[0]
		f := finding.New("tenant-table-unpartitioned", finding.Position{}, table.Table,
			"tenant %s has %d million rows in %s, which is not partitioned by %s: VACUUM, new indexes and the tenant's removal go through everybody's rows",
			top.Tenant, top.Rows/1_000_000, table.Table, table.Column)
		f.Evidence = []string{fmt.Sprintf("%d rows of about %d tenants", table.Rows, table.Number)}
		f.Fix = &finding.Fix{Message: fmt.Sprintf("partition it by LIST (%[1]s) for the large tenants with a DEFAULT partition, or by HASH (%[1]s)", quote(table.Column))}
		found = append(found, f)
	}
	return found
}
