package sqlcheck

import (
	"testing"

	"github.com/tenantvet/tenantvet/pgschema/pgast"
)

func BenchmarkAnalyze(b *testing.B) {
	for name, sql := range map[string]string{
		"simple": "SELECT id, number, amount FROM invoice WHERE tenant_id = $1 AND status = $2 ORDER BY number LIMIT 10",
		"joins":  "SELECT i.id, u.email, l.text FROM invoice i JOIN users u ON u.id = i.user_id AND u.tenant_id = i.tenant_id LEFT JOIN line l ON l.invoice_id = i.id WHERE i.tenant_id = $1 AND (i.status = 'open' OR i.number = $2)",
		"insert": "INSERT INTO invoice (id, tenant_id, number) VALUES ($1, $2, $3) ON CONFLICT (tenant_id, number) DO UPDATE SET amount = EXCLUDED.amount RETURNING id",
	} {
		stmt := parse(b, sql)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Analyze(testDatabase(), stmt)
			}
		})
	}
}

// BenchmarkAnalyzeFixtures judges the fixtures once per iteration.
func BenchmarkAnalyzeFixtures(b *testing.B) {
	var statements []*pgast.Statement
	for _, f := range fixtures(b) {
		statements = append(statements, parse(b, f.sql))
	}
	b.ReportAllocs()
	for b.Loop() {
		for _, stmt := range statements {
			Analyze(testDatabase(), stmt)
		}
	}
	b.ReportMetric(float64(len(statements)*b.N)/b.Elapsed().Seconds(), "statements/s")
}
