package differential

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tenantvet/tenantvet/internal/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// progressEvery is the number of schemas after which the figures are printed.
const progressEvery = 1000

// TestVerdictsHoldOnServers holds the static verdict on random schemas against servers of all versions.
func TestVerdictsHoldOnServers(t *testing.T) {
	n := pgtest.Number(t, "TENANTVET_SCHEMAS", 60)
	seed := pgtest.Number(t, "TENANTVET_SEED", 1)
	first := pgtest.Number(t, "TENANTVET_FIRST", 0)
	r := newReport()
	var mu sync.Mutex
	var running sync.WaitGroup
	for k := range majors {
		var mine []uint64
		for index := first; index < first+n; index++ {
			if int(index)%len(majors) == k {
				mine = append(mine, index)
			}
		}
		if len(mine) == 0 {
			continue
		}
		d := newDatabase(t, majors[k])
		running.Go(func() {
			for _, index := range mine {
				x := newTrial(seed, index)
				err := run(t.Context(), t, d, x)
				mu.Lock()
				r.add(x, err)
				if r.schemas%progressEvery == 0 {
					t.Log(r.summary())
				}
				mu.Unlock()
				if err != nil {
					t.Errorf("SEED=%d FIRST=%d N=1: %v\n%s", seed, index, err, x.text())
					continue
				}
				if n == 1 {
					t.Log(x.describe())
				}
				if found := x.unsound(); len(found) > 0 {
					small := shrink(t.Context(), t, d, x)
					t.Errorf("SEED=%d FIRST=%d N=1: PostgreSQL %d refutes what is called isolated: %s\nshrunk:\n%s\nwhere %s",
						seed, index, x.major, strings.Join(found, "; "), small.text(), strings.Join(small.unsound(), "; "))
				}
			}
		})
	}
	start := time.Now()
	running.Wait()
	t.Log(r.String())
	t.Logf("%.0f ms a schema", float64(time.Since(start).Milliseconds())/float64(max(1, r.schemas)))
	if n >= 50 {
		require.NotZero(t, r.static["isolated"], "no schema was called isolated")
		require.NotZero(t, r.refuted, "no schema was refuted: the comparison sees nothing")
	}
}
