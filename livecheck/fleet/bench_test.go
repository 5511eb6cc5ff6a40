package fleet_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tenantvet/tenantvet/internal/pgtest"
	"github.com/tenantvet/tenantvet/livecheck"
	"github.com/tenantvet/tenantvet/livecheck/fleet"
	"github.com/tenantvet/tenantvet/pgschema/catalog"
	"github.com/tenantvet/tenantvet/pgschema/classify"
	"github.com/tenantvet/tenantvet/pgschema/drift"
	"github.com/tenantvet/tenantvet/tenancy"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// tables makes tables with all that drift compares, in a schema.
func tables(schema string, n int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "CREATE SCHEMA IF NOT EXISTS %[1]s; CREATE FUNCTION %[1]s.touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';", schema)
	for i := range n {
		fmt.Fprintf(&b, `CREATE TABLE %[1]s.t%[2]d (id bigint PRIMARY KEY, owner_id bigint NOT NULL, name text NOT NULL DEFAULT 'x', state varchar(20),
				total numeric(12,2) CHECK (total >= 0), made timestamptz NOT NULL DEFAULT now());
			CREATE INDEX ON %[1]s.t%[2]d (owner_id, made);
			ALTER TABLE %[1]s.t%[2]d ENABLE ROW LEVEL SECURITY;
			CREATE POLICY own ON %[1]s.t%[2]d USING (owner_id = (SELECT current_setting('app.user')::bigint));
			GRANT SELECT, INSERT ON %[1]s.t%[2]d TO PUBLIC;`, schema, i)
	}
	return b.String()
}

// drifts are eight kinds of changes to a schema, as measured: $ is the schema.
var drifts = []string{
	"ALTER TABLE $.t1 ADD extra int", "ALTER TABLE $.t2 ALTER state TYPE varchar(30)", "ALTER POLICY own ON $.t3 USING (true)", "DROP INDEX $.t4_owner_id_made_idx",
	"ALTER TABLE $.t5 ALTER state SET NOT NULL", "CREATE TABLE $.scratch (id int)", "DROP TABLE $.t7", "ALTER TABLE $.t8 DISABLE ROW LEVEL SECURITY",
}

// BenchmarkDrift reads 1,000 schemas of 20 tables and finds the eight that differ. It loads its own data; the
// target is 6 s a round.
func BenchmarkDrift(b *testing.B) {
	const schemas, perSchema, target = 1000, 20, 6
	for _, major := range pgtest.Majors() {
		b.Run(fmt.Sprintf("postgres%d", major), func(b *testing.B) {
			db := pgtest.Private(b, major, "shared_buffers=128MB", "max_wal_size=64MB", "min_wal_size=32MB").Database(b)
			each(schemas, func(i int) { db.Exec(b, tables(fmt.Sprintf("tenant_%04d", i), perSchema)) })
			for i, change := range drifts {
				db.Exec(b, strings.ReplaceAll(change, "$", fmt.Sprintf("tenant_%04d", 100*i+7)))
			}
			db.Exec(b, "VACUUM ANALYZE pg_class, pg_attribute, pg_constraint, pg_index, pg_depend, pg_policy, pg_attrdef")
			conn, err := livecheck.Connect(b.Context(), db.DSN(pgtest.Superuser))
			require.NoError(b, err)
			defer conn.Close(b.Context())
			m := &tenancy.Model{Pattern: tenancy.SchemaPerTenant, Columns: []string{"tenant_id"}}
			var reading time.Duration
			for b.Loop() {
				start := time.Now()
				s, err := catalog.Read(b.Context(), conn)
				require.NoError(b, err)
				reading += time.Since(start)
				tenants := classify.Of(s, m).TenantSchemas(s, m)
				require.Len(b, tenants, schemas)
				found := drift.Schemas(s, tenants, "").Compare()
				require.Len(b, found, len(drifts))
				for _, d := range found {
					require.Len(b, d.Odd, 1)
				}
			}
			b.ReportMetric(b.Elapsed().Seconds()/float64(b.N), "s/round")
			b.ReportMetric(target, "s-target")
			b.ReportMetric(reading.Seconds()/float64(b.N), "s/reading")
		})
	}
}

// BenchmarkCatalogs reads and compares 60 databases of 30 tables on one server, as many at a time as a fleet
// does. It loads its own data; the target is 0.6 s a round beyond connecting.
func BenchmarkCatalogs(b *testing.B) {
	const target = 0.6
	sixty(b, target, func(b *testing.B, all []*pgtest.Database) {
		sets := make([]*drift.Set, len(all))
		each(len(all), func(i int) {
			conn, err := livecheck.Connect(b.Context(), all[i].DSN(pgtest.Superuser))
			if err != nil {
				b.Error(err)
				return
			}
			defer conn.Close(b.Context())
			s, err := catalog.Read(b.Context(), conn)
			if err != nil {
				b.Error(err)
				return
			}
			sets[i] = drift.Database(all[i].Name, all[i].Name, s, nil)
		})
		require.Empty(b, drift.Merge(sets...).Compare())
	})
}

// BenchmarkFleet is BenchmarkCatalogs for whole audits: also the rules, the statistics and the shares of tenants.
func BenchmarkFleet(b *testing.B) {
	sixty(b, 0, func(b *testing.B, all []*pgtest.Database) {
		file := &tenancy.Fleet{Parallel: tenancy.DefaultParallel}
		for _, db := range all {
			file.Databases = append(file.Databases, tenancy.FleetDatabase{DSN: db.DSN(pgtest.Superuser)})
		}
		options := fleet.Options{Audit: livecheck.Options{Model: &tenancy.Model{Columns: []string{"owner_id"}, Settings: []string{"app.user"}}}}
		f, err := fleet.Run(b.Context(), file, options)
		require.NoError(b, err)
		result := f.Conclude(false)
		require.False(b, result.Broken(), "%v", result.Skipped)
	})
}

// sixty measures a round over 60 databases of one server, without the time that connecting takes. The
// target is in seconds, 0 for none.
func sixty(b *testing.B, target float64, round func(b *testing.B, all []*pgtest.Database)) {
	for _, major := range pgtest.Majors() {
		b.Run(fmt.Sprintf("postgres%d", major), func(b *testing.B) {
			s := pgtest.Private(b, major, "shared_buffers=128MB")
			all := make([]*pgtest.Database, 60)
			for i := range all {
				all[i] = s.Database(b)
			}
			each(len(all), func(i int) { all[i].Exec(b, tables("public", 30)) })
			var connecting time.Duration
			for b.Loop() {
				start := time.Now()
				connect(b, all)
				connecting += time.Since(start)
				round(b, all)
			}
			// The round connects too.
			b.ReportMetric((b.Elapsed()-2*connecting).Seconds()/float64(b.N), "s/beyond-connecting")
			b.ReportMetric(connecting.Seconds()/float64(b.N), "s/connecting")
			if target > 0 {
				b.ReportMetric(target, "s-target")
			}
		})
	}
}

// connect connects to all databases and closes the connections, as many at a time as a fleet does.
func connect(b *testing.B, all []*pgtest.Database) {
	each(len(all), func(i int) {
		conn, err := livecheck.Connect(b.Context(), all[i].DSN(pgtest.Superuser))
		if err != nil {
			b.Error(err)
			return
		}
		conn.Close(b.Context())
	})
}

// each calls do for each number below n, several at a time.
func each(n int, do func(i int)) {
	slots := make(chan struct{}, tenancy.DefaultParallel)
	var wait sync.WaitGroup
	for i := range n {
		slots <- struct{}{}
		wait.Go(func() {
			do(i)
			<-slots
		})
	}
	wait.Wait()
}
