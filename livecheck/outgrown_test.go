package livecheck

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tenantvet/tenantvet/finding"
)

func TestTablesUnpartitioned(t *testing.T) {
	table := func(rows int64, partitioned bool) *Skew {
		return &Skew{Tables: []TableSkew{{
			Table: "public.events", Column: "tenantId", Rows: 3 * rows, Number: 40, Partitioned: partitioned,
			Tenants: []TenantShare{{Tenant: "42", Rows: rows}},
		}}}
	}
	assert.Empty(t, tablesUnpartitioned(table(50_000_000, false)))
	assert.Empty(t, tablesUnpartitioned(table(80_000_000, true)))
	found := tablesUnpartitioned(table(80_000_000, false))
	require.Len(t, found, 1)
	assert.Contains(t, found[0].Message, "tenant 42 has 80 million rows in public.events, which is not partitioned by tenantId")
	assert.Contains(t, found[0].Fix.Message, `HASH ("tenantId")`)
}

func TestSchemasOverLimit(t *testing.T) {
	assert.Empty(t, schemasOverLimit("db/app", 500, 5_000))
	for n, want := range map[int]finding.Severity{501: finding.Warning, 1_000: finding.Warning, 1_001: finding.Error} {
		found := schemasOverLimit("db/app", n, 20*n)
		require.Len(t, found, 1)
		assert.Equal(t, want, found[0].Severity, "%d schemas", n)
	}
}
