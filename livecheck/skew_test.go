package livecheck_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/internal/pgtest"
	"github.com/tenantvet/tenantvet/livecheck"
	"github.com/tenantvet/tenantvet/tenancy"
)

// uneven is a shared schema: tenant 1 has 30 % of the orders and of the events, 70 others the rest.
const uneven = `
CREATE TABLE tenants (id int PRIMARY KEY);
CREATE TABLE orders (tenant_id int NOT NULL, id int NOT NULL, note text, PRIMARY KEY (tenant_id, id));
CREATE TABLE even (tenant_id int NOT NULL, id int NOT NULL, PRIMARY KEY (tenant_id, id));
CREATE TABLE small (tenant_id int NOT NULL);
CREATE TABLE unread (tenant_id int NOT NULL);
CREATE TABLE lines (id int PRIMARY KEY, tenant int NOT NULL, order_id int NOT NULL, FOREIGN KEY (tenant, order_id) REFERENCES orders);
CREATE TABLE events (tenant_id int NOT NULL, id int NOT NULL) PARTITION BY HASH (tenant_id);
CREATE TABLE events_0 PARTITION OF events FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE events_1 PARTITION OF events FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO tenants SELECT generate_series(1, 101);
INSERT INTO orders SELECT CASE WHEN i % 10 < 3 THEN 1 ELSE 2 + i % 100 END, i, repeat('x', 50) FROM generate_series(1, 40000) i;
INSERT INTO events SELECT tenant_id, id FROM orders;
INSERT INTO even SELECT 1 + i % 101, i FROM generate_series(1, 40000) i;
INSERT INTO small SELECT 1 FROM generate_series(1, 50);
INSERT INTO unread SELECT 1 FROM generate_series(1, 50);
VACUUM ANALYZE orders; VACUUM ANALYZE even; VACUUM ANALYZE small; VACUUM ANALYZE events; VACUUM ANALYZE lines; VACUUM ANALYZE tenants;`

func runAudit(t *testing.T, d *pgtest.Database, user string, model *tenancy.Model) *livecheck.Audit {
	t.Helper()
	conn, err := livecheck.Connect(t.Context(), d.DSN(user))
	require.NoError(t, err)
	defer conn.Close(t.Context())
	audit, err := livecheck.Run(t.Context(), conn, livecheck.Options{Model: model})
	require.NoError(t, err)
	require.Contains(t, []string{"", "what the service executed is not known (--no-statements audits the rest)"}, audit.Partial, "not each database has pg_stat_statements")
	return audit
}

func ofRule(findings []finding.Finding, rules ...string) (found []finding.Finding) {
	for _, f := range findings {
		for _, rule := range rules {
			if f.Rule == rule {
				found = append(found, f)
			}
		}
	}
	return found
}

func TestSkewOfSharedTables(t *testing.T) {
	pgtest.EachMajor(t, func(t *testing.T, s *pgtest.Server) {
		d := s.Database(t)
		for statement := range strings.SplitSeq(strings.TrimSuffix(uneven, ";"), ";") {
			d.Exec(t, statement)
		}
		model := &tenancy.Model{Columns: []string{"tenant_id"}, Registry: "tenants", Roles: tenancy.Roles{App: []string{pgtest.Superuser}}}
		audit := runAudit(t, d, pgtest.Superuser, model)
		require.NotNil(t, audit.Skew)

		tables := map[string]livecheck.TableSkew{}
		for _, table := range audit.Skew.Tables {
			tables[table.Table] = table
		}
		orders := tables["public.orders"]
		require.NotEmpty(t, orders.Tenants)
		assert.Equal(t, "1", orders.Tenants[0].Tenant)
		assert.InDelta(t, 0.30, orders.Tenants[0].Share, 0.01)
		assert.InDelta(t, 40000, orders.Rows, 1)
		assert.InDelta(t, 71, orders.Number, 3)
		var onServer int64
		require.NoError(t, d.Connect(t, pgtest.Superuser).QueryRow(t.Context(), "SELECT pg_total_relation_size('orders')").Scan(&onServer))
		assert.InEpsilon(t, onServer, orders.Bytes, 0.05, "pages of table, indexes and TOAST")

		events := tables["public.events"]
		assert.True(t, events.Partitioned)
		assert.InDelta(t, 0.30, events.Tenants[0].Share, 0.01, "over the partitions")
		assert.NotContains(t, tables, "public.events_0", "a partition counts with its table")
		assert.Contains(t, tables["public.unread"].Unknown, `ANALYZE "public"."unread";`)
		assert.Contains(t, audit.Skew.Unknown, "1 tables have no tenant column of their own: their rows count for nobody here")

		found := ofRule(audit.Result.Findings, "tenant-skewed")
		require.Len(t, found, 1)
		assert.Equal(t, "tenant 1", found[0].Object)
		require.Len(t, found[0].Evidence, 2, "neither the even table nor the small one")
		assert.Contains(t, found[0].Evidence[0]+found[0].Evidence[1], "30 % (±0.5) of the 40000 rows of public.orders")
	})
}

func TestSkewHiddenByRowSecurity(t *testing.T) {
	s := pgtest.Start(t, 15)
	d := s.Database(t, "CREATE TABLE orders (tenant_id int NOT NULL); ALTER TABLE orders ENABLE ROW LEVEL SECURITY; INSERT INTO orders SELECT 1 FROM generate_series(1, 100); ANALYZE")
	role := d.Role(t, "LOGIN")
	d.Exec(t, "GRANT SELECT ON orders TO "+role)
	audit := runAudit(t, d, role, &tenancy.Model{Columns: []string{"tenant_id"}})
	require.Len(t, audit.Skew.Tables, 1)
	assert.Contains(t, audit.Skew.Tables[0].Unknown, "hides its statistics from this role")
}

func TestSkewOfSchemas(t *testing.T) {
	pgtest.EachMajor(t, func(t *testing.T, s *pgtest.Server) {
		d := s.Database(t, "CREATE EXTENSION pg_stat_statements")
		role := d.Role(t, "LOGIN")
		d.Exec(t, "CREATE SCHEMA acme; CREATE TABLE acme.orders (id int PRIMARY KEY); INSERT INTO acme.orders SELECT generate_series(1, 3000)")
		d.Exec(t, fmt.Sprintf("CREATE SCHEMA best AUTHORIZATION %[1]s; CREATE TABLE best.orders (id int PRIMARY KEY); GRANT ALL ON best.orders TO %[1]s; INSERT INTO best.orders SELECT generate_series(1, 1000); ANALYZE", role))
		require.NoError(t, d.ExecAs(role, "SELECT count(*) FROM best.orders"))
		audit := runAudit(t, d, pgtest.Superuser, &tenancy.Model{Pattern: tenancy.SchemaPerTenant})
		require.Len(t, audit.Skew.Tenants, 2)
		assert.Equal(t, "acme", audit.Skew.Tenants[0].Tenant)
		assert.InDelta(t, 0.75, audit.Skew.Tenants[0].Share, 0.001)
		assert.Zero(t, audit.Skew.Tenants[0].Milliseconds, "the superuser owns it, whoever works there")
		assert.Positive(t, audit.Skew.Tenants[1].Milliseconds)
	})
}

func TestSettingFloodsStatistics(t *testing.T) {
	pgtest.EachMajor(t, func(t *testing.T, s *pgtest.Server) {
		d := s.Database(t, "CREATE EXTENSION pg_stat_statements")
		role := d.Role(t, "LOGIN")
		conn := d.Connect(t, role)
		for i := range 150 {
			_, err := conn.Exec(t.Context(), fmt.Sprintf("SET app.tenant_id = '%d'", i))
			require.NoError(t, err)
		}
		found := ofRule(runAudit(t, d, pgtest.Superuser, &tenancy.Model{}).Result.Findings, "setting-floods-statistics")
		if s.Major >= 18 {
			assert.Empty(t, found, "18 normalizes SET")
			return
		}
		require.Len(t, found, 1)
		assert.Contains(t, found[0].Message, "150 entries of SET app.tenant_id")
		assert.Equal(t, "SELECT set_config('app.tenant_id', $1, true)", found[0].Fix.Code)
	})
}
