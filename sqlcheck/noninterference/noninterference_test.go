package noninterference

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tenantvet/tenantvet/internal/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

const (
	// batchSize is the number of statements sent in one go.
	batchSize = 200
	dataSets  = 8
	// A pinned statement is tried in pinnedRounds data sets, another one freeRounds times unless it
	// interferes, each time with other parameters. One that returns and changes nothing shows nothing: it is
	// given up after idleRounds.
	pinnedRounds = 2
	freeRounds   = 2 * dataSets
	idleRounds   = 6
	// vacuumEvery is the number of batches after which dead rows are cleared away: changes are rolled
	// back, but leave their rows behind.
	vacuumEvery = 50
)

// TestPinnedStatementsDoNotInterfere holds the engine's verdicts on random statements against a server.
func TestPinnedStatementsDoNotInterfere(t *testing.T) {
	n := pgtest.Number(t, "TENANTVET_STATEMENTS", 2000)
	seed := pgtest.Number(t, "TENANTVET_SEED", 1)
	first := pgtest.Number(t, "TENANTVET_FIRST", 0)
	ddl := readDDL(t)
	db := newDatabase(ddl)
	d := pgtest.Start(t, 15).Database(t)
	var worlds []*world
	for k := range dataSets {
		worlds = append(worlds, newWorld(t, d, ddl, k, rand.New(rand.NewPCG(seed, 1<<40+uint64(k)))))
	}
	r := newReport()
	for batch := range batches(t.Context(), func(index uint64) *trial { return newTrial(db, seed, index) }, first, n) {
		pending := batch
		for round := range freeRounds {
			w := worlds[(int(batch[0].index/batchSize)+round)%dataSets]
			require.NoError(t, try(t.Context(), w, pending, func(x *trial) parameters {
				return w.parameters[(int(x.index)+round+round/dataSets)%len(w.parameters)]
			}))
			var rest []*trial
			for _, x := range pending {
				switch {
				case x.pinned && x.interference != "":
					chance, err := x.byChance(t.Context())
					require.NoError(t, err)
					if !chance {
						small := shrink(t, db, x)
						t.Errorf("SEED=%d FIRST=%d N=1: the engine calls this pinned, but %s\n%s\nwith %s\nshrunk: %s\n%s\n%s",
							seed, x.index, x.interference, x.sql, x.parameters, small.sql, small.interference, small.describe())
					}
				case x.failed == "" && x.interference == "" && round+1 < x.rounds():
					rest = append(rest, x)
				}
			}
			pending = rest
			if len(pending) == 0 {
				break
			}
		}
		for _, x := range batch {
			r.add(x)
		}
		if r.batches++; r.batches%vacuumEvery == 0 {
			d.Exec(t, "VACUUM")
			t.Log(r.summary())
		}
	}
	t.Log(r.String())
	if n >= batchSize {
		require.NotZero(t, r.pinned, "no statement was called pinned")
		require.NotZero(t, r.interfering, "no statement interfered: the comparison sees nothing")
	}
}

// rounds is the number of tries that a statement gets.
func (t *trial) rounds() int {
	switch {
	case !t.effective:
		return idleRounds
	case t.pinned:
		return pinnedRounds
	}
	return freeRounds
}

// batches makes the trials ahead of their use.
func batches(ctx context.Context, trialOf func(index uint64) *trial, first, n uint64) <-chan []*trial {
	out := make(chan []*trial, 2)
	go func() {
		defer close(out)
		var batch []*trial
		for i := range n {
			batch = append(batch, trialOf(first+i))
			if len(batch) == batchSize || i == n-1 {
				select {
				case out <- batch:
				case <-ctx.Done():
					return
				}
				batch = nil
			}
		}
	}()
	return out
}
