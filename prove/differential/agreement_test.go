package differential

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/internal/pgtest"
)

// agreeing is the number of schemas whose verdict is held against their matrix in an ordinary run; no server takes
// part.
const agreeing = 150

// TestVerdictAgreesWithMatrix wants no schema called isolated of which a cell leaks or is undecided.
func TestVerdictAgreesWithMatrix(t *testing.T) {
	n, seed := pgtest.Number(t, "TENANTVET_SCHEMAS", agreeing), pgtest.Number(t, "TENANTVET_SEED", 1)
	for index := range n {
		x := newTrial(seed, index)
		x.judge()
		verdict := x.check.Verdict()
		for _, c := range x.matrix.Cells {
			switch c.Verdict {
			case finding.Leaks:
				assert.Equal(t, finding.Leaks, verdict, "SEED=%d FIRST=%d: %+v", seed, index, c)
			case finding.Unknown:
				assert.NotEqual(t, finding.Isolated, verdict, "SEED=%d FIRST=%d: %+v", seed, index, c)
			}
		}
	}
}
