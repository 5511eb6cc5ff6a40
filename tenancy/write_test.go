package tenancy

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestWriteRoundTrip(t *testing.T) {
	root := repository(t, map[string]string{"m/1_a.sql": "", "q/a b.sql": "", FileName: ""})
	for name, m := range map[string]*Model{
		"empty": {Pattern: SharedSchema, Enforcement: EnforcePredicate},
		"full": {
			Pattern: Hybrid, Enforcement: EnforceBoth, Columns: []string{"tenantId", "no", "ünïcode"}, ColumnType: "character varying(20)",
			Settings: []string{"app.tenant"}, Registry: "Tenant", PGVersion: 15,
			Roles:  Roles{App: []string{"app-rw"}, Owner: []string{"1st"}, Analytics: []string{"bi"}, Auditor: []string{"audit"}},
			Shared: []SharedTable{{Name: "plans", Reason: "price list: the same # for \"everyone\""}, {Name: "a.b", Reason: "x"}},
			Migrations: []Source{
				{Glob: "m", Format: Plain, Files: []string{filepath.Join(root, "m", "1_a.sql")}},
			},
			Queries: []Source{{Glob: "q/a b.sql", Files: []string{filepath.Join(root, "q", "a b.sql")}}},
			Go: Go{
				Types: []string{"TenantID"}, Variables: []string{"tid"}, Accessors: []string{"x.Y"}, Scopers: []string{"(*x.Y).Z"},
				CrossTenant: []CrossTenant{{Name: "x/...", Reason: "y: z"}}, Tests: true,
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			text := Write(m, []string{"loose", `"odd" name`})
			got, errs := decode(filepath.Join(root, FileName), text)
			require.Empty(t, errs, "%s", text)
			got.File, got.Root, got.Inferred, got.at = "", "", nil, nil
			for i := range got.Shared {
				got.Shared[i].At = m.Shared[i].At
			}
			for _, sources := range [][]Source{got.Migrations, got.Queries} {
				for i := range sources {
					sources[i].At.File, sources[i].At.Line, sources[i].At.Column = "", 0, 0
				}
			}
			for i := range got.Go.CrossTenant {
				got.Go.CrossTenant[i].At = m.Go.CrossTenant[i].At
			}
			assert.Equal(t, m, got, "%s", text)
		})
	}
}
