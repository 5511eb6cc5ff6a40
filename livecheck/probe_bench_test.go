package livecheck_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tenantvet/tenantvet/internal/pgtest"
	"github.com/tenantvet/tenantvet/livecheck"
	"github.com/tenantvet/tenantvet/project"
)

// BenchmarkProbes tries 5,000 tables of two tenants. Its goal is 2 s for the reads of them.
func BenchmarkProbes(b *testing.B) {
	const tables, batch, target = 5000, 50, 2
	var probing time.Duration
	db := pgtest.Start(b, 18).Database(b)
	db.Exec(b, "CREATE EXTENSION pg_stat_statements")
	app := db.Role(b, "LOGIN")
	db.Exec(b, "ALTER DEFAULT PRIVILEGES GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO "+app)
	for first := 0; first < tables; first += batch {
		db.Exec(b, fmt.Sprintf(`DO $$ BEGIN FOR i IN %d..%d LOOP
			EXECUTE format('CREATE TABLE t%%s (tenant_id uuid, id int, note text, PRIMARY KEY (tenant_id, id))', i);
			EXECUTE format('ALTER TABLE t%%s ENABLE ROW LEVEL SECURITY', i);
			EXECUTE format($p$CREATE POLICY tenant ON t%%s USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)$p$, i);
			EXECUTE format($p$INSERT INTO t%%s SELECT ('00000000-0000-4000-8000-00000000000' || n %%%% 5)::uuid, n FROM generate_series(1, 20) n$p$, i);
		END LOOP; END $$`, first, first+batch-1))
	}
	db.Exec(b, "ANALYZE")
	model, err := project.LoadModel(b.TempDir(), project.Options{AppRoles: []string{app}})
	require.NoError(b, err)
	for b.Loop() {
		var began, ended time.Time
		conn, err := livecheck.Connect(b.Context(), db.DSN(pgtest.Superuser))
		require.NoError(b, err)
		audit, err := livecheck.Run(b.Context(), conn, livecheck.Options{Model: model, Statements: livecheck.StatementOptions{AllowSuperuser: true}, Progress: func(s livecheck.Step) {
			if s.What != "probes" {
				began = time.Now()
			}
			ended = time.Now()
		}})
		require.NoError(b, err)
		require.Equal(b, 5*tables, len(audit.Probes))
		conn.Close(context.Background())
		probing += ended.Sub(began)
	}
	b.ReportMetric(probing.Seconds()/float64(b.N), "s/probing")
	b.ReportMetric(target, "s-target")
}
