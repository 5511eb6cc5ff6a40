package livecheck

import (
	"fmt"
	"math"

	"github.com/tenantvet/tenantvet/finding"
)

const (
	// dominant is the share of a table, or of all tables, above which a tenant is worth a word.
	dominant = 0.20
	// countable is the least number of rows whose division says anything.
	countable = 10_000
	// sample is how many rows ANALYZE reads with the default statistics target (PostgreSQL manual,
	// ANALYZE): 300 for each of the 100 most common values.
	sample = 30_000
)

// tenantsSkewed names each tenant that takes more than a fifth of a table or of the whole, and at
// least twice what an even division would give it.
func tenantsSkewed(s *Skew) []finding.Finding {
	var found []finding.Finding
	for _, tenant := range s.Tenants {
		var evidence []string
		for _, table := range s.Tables {
			for _, share := range table.Tenants {
				if share.Tenant == tenant.Tenant && dominates(share.Share, table.Number, table.Rows) {
					evidence = append(evidence, fmt.Sprintf("%.0f %% (±%.1f) of the %d rows of %s", 100*share.Share, margin(share.Share, table.Rows), table.Rows, table.Table))
				}
			}
		}
		where := fmt.Sprintf("%d of %d tables", len(evidence), len(s.Tables))
		if whole := dominates(max(tenant.Share, tenant.ByteShare), int64(len(s.Tenants)), s.Rows); whole {
			where = fmt.Sprintf("%.0f %% of all rows and %.0f %% of the space", 100*tenant.Share, 100*tenant.ByteShare)
		} else if len(evidence) == 0 {
			continue
		}
		f := finding.New("tenant-skewed", finding.Position{}, "tenant "+tenant.Tenant,
			"tenant %s dominates %s: plans made for the others' average do not fit it, and what it does slows the others", tenant.Tenant, where)
		f.Evidence = evidence
		f.Fix = &finding.Fix{Message: "give it a partition, a shard or a database of its own, and limits on what it may run at once"}
		found = append(found, f)
	}
	return found
}

// dominates reports whether a share among a number of tenants is large, in itself and for that number.
func dominates(share float64, tenants, rows int64) bool {
	return rows >= countable && share > dominant && share*float64(tenants) > 2
}

// margin is two standard errors of a share that a sample shows, in percentage points.
func margin(share float64, rows int64) float64 {
	n := float64(min(rows, sample))
	if rows <= sample {
		return 0
	}
	return 100 * 2 * math.Sqrt(share*(1-share)/n)
}
