package noninterference

import (
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tenantvet/tenantvet/internal/pgtest"
)

// TestFoundStatements holds on to what random statements have found.
func TestFoundStatements(t *testing.T) {
	text, err := os.ReadFile("testdata/found.sql")
	require.NoError(t, err)
	ddl := readDDL(t)
	db := newDatabase(ddl)
	d := pgtest.Start(t, 15).Database(t)
	var worlds []*world
	for k := range 10 {
		worlds = append(worlds, newWorld(t, d, ddl, k, rand.New(rand.NewPCG(1, uint64(k)))))
	}
	_, list, _ := strings.Cut(string(text), "\n")
	for sql := range strings.SplitSeq(list, ";\n") {
		if sql == "" {
			continue
		}
		t.Run("", func(t *testing.T) {
			x := &trial{sql: sql, changes: !strings.HasPrefix(sql, "SELECT")}
			x.judge(db)
			assert.False(t, x.pinned, "%s\n%s", sql, x.describe())
			interferes := false
			for _, w := range worlds {
				for _, p := range w.parameters {
					require.NoError(t, try(t.Context(), w, []*trial{x}, func(*trial) parameters { return p }))
					interferes = interferes || x.interference != ""
				}
			}
			assert.True(t, interferes, "no row of another tenant matters to %s", sql)
		})
	}
}
