package livecheck_test

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/tenantvet/tenantvet/internal/pgtest"
	"github.com/tenantvet/tenantvet/livecheck"
)

// BenchmarkStatements judges 5,000 statements of a service on each version, the shapes of the corpus on
// tables by the dozen. It loads its own data; the target is 6 s a round.
func BenchmarkStatements(b *testing.B) {
	const wanted, target = 5000, 6
	for _, major := range pgtest.Majors() {
		b.Run(fmt.Sprintf("postgres%d", major), func(b *testing.B) {
			d := newAudited(b, pgtest.Private(b, major, "pg_stat_statements.max=10000"), shop)
			conn := d.Connect(b, pgtest.Superuser)
			for table, n := 0, 0; n < wanted; table++ {
				name := fmt.Sprintf("orders_%d", table)
				d.Exec(b, fmt.Sprintf(`CREATE TABLE %[1]s (LIKE orders INCLUDING ALL); INSERT INTO %[1]s SELECT * FROM orders LIMIT 5000;
					ANALYZE %[1]s; GRANT ALL ON %[1]s TO %[2]s`, name, d.app))
				for _, shape := range shapes {
					if sql := ordersTable.ReplaceAllString(shape.sql, name); sql != shape.sql {
						d.send(b, conn, sql)
					}
				}
				// Version 18 tells tables apart by their aliases, so not each text is an entry.
				require.NoError(b, conn.QueryRow(b.Context(), "SELECT count(DISTINCT query) FROM pg_stat_statements WHERE query LIKE '%orders_%' AND query NOT LIKE 'COMMENT%' AND userid = $1::regrole", d.app).Scan(&n))
			}
			auditor := d.Connect(b, d.auditor)
			workload, err := livecheck.ReadWorkload(b.Context(), auditor)
			require.NoError(b, err)
			db := d.read(b)
			for b.Loop() {
				judged, result, err := livecheck.Statements(b.Context(), auditor, db, workload, livecheck.StatementOptions{})
				require.NoError(b, err)
				require.GreaterOrEqual(b, len(judged), wanted)
				require.Empty(b, reasons(result.Skipped))
			}
			b.ReportMetric(b.Elapsed().Seconds()/float64(b.N), "s/round")
			b.ReportMetric(target, "s-target")
		})
	}
}

var ordersTable = regexp.MustCompile(`\borders\b`)

// send has a statement planned and run as the service, in a transaction that is rolled back.
func (d *audited) send(t testing.TB, conn *pgx.Conn, sql string) {
	t.Helper()
	pg, ctx := conn.PgConn(), context.Background()
	_, err := pg.Exec(ctx, "BEGIN; SET LOCAL ROLE "+d.app+"; SET LOCAL app.tenant_id = '7e4a0c1e-0000-4000-8000-00000000a0d1'").ReadAll()
	require.NoError(t, err)
	if strings.Contains(sql, "$") {
		described, err := pg.Prepare(ctx, "", sql, nil)
		require.NoError(t, err, sql)
		err = pg.ExecPrepared(ctx, "", make([][]byte, len(described.ParamOIDs)), nil, nil).Read().Err
		require.NoError(t, err, sql)
	} else {
		_, err := pg.Exec(ctx, sql).ReadAll()
		require.NoError(t, err, sql)
	}
	_, err = pg.Exec(ctx, "ROLLBACK").ReadAll()
	require.NoError(t, err)
}
