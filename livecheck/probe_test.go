package livecheck_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/internal/pgtest"
	"github.com/tenantvet/tenantvet/livecheck"
	"github.com/tenantvet/tenantvet/project"
)

const (
	probeA = "00000000-0000-4000-8000-00000000000a"
	probeB = "00000000-0000-4000-8000-00000000000b"
)

// probedSchema has a table for each way that a policy or a grant may fail. Each has rows of two tenants.
const probedSchema = `
	CREATE EXTENSION pg_stat_statements;
	CREATE TABLE tenants (id uuid PRIMARY KEY, name text);
	CREATE TABLE sound (id int NOT NULL, tenant_id uuid NOT NULL, note text, PRIMARY KEY (tenant_id, id));
	CREATE TABLE strict (LIKE sound INCLUDING ALL);
	CREATE TABLE open_null (LIKE sound INCLUDING ALL);
	CREATE TABLE open_empty (LIKE sound INCLUDING ALL);
	CREATE TABLE open_always (LIKE sound INCLUDING ALL);
	CREATE TABLE blind_update (LIKE sound INCLUDING ALL);
	CREATE TABLE bad_insert (LIKE sound INCLUDING ALL);
	CREATE TABLE triggered (LIKE sound INCLUDING ALL);
	CREATE TABLE unprotected (LIKE sound INCLUDING ALL);
	CREATE TABLE closed (LIKE sound INCLUDING ALL);
	CREATE TABLE one_tenant (LIKE sound INCLUDING ALL);
	CREATE TABLE empty (LIKE sound INCLUDING ALL);
	CREATE TABLE ungranted (LIKE sound INCLUDING ALL);
	CREATE TABLE child (parent_tenant uuid NOT NULL, parent_id int NOT NULL, line int NOT NULL,
		PRIMARY KEY (parent_tenant, parent_id, line), FOREIGN KEY (parent_tenant, parent_id) REFERENCES sound (tenant_id, id));
	CREATE TABLE events (id int NOT NULL, tenant_id uuid NOT NULL) PARTITION BY HASH (id);
	CREATE TABLE events_0 PARTITION OF events FOR VALUES WITH (MODULUS 1, REMAINDER 0);
	CREATE INDEX ON events (tenant_id);
	CREATE VIEW invoker WITH (security_invoker) AS SELECT tenant_id, note FROM sound;
	CREATE VIEW definer AS SELECT tenant_id, note FROM sound;
	CREATE FUNCTION everything() RETURNS SETOF sound LANGUAGE sql STABLE SECURITY DEFINER AS 'SELECT * FROM sound';
	CREATE FUNCTION writes() RETURNS SETOF sound LANGUAGE sql SECURITY DEFINER AS 'SELECT * FROM sound';
	CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
	CREATE TRIGGER stamp BEFORE INSERT ON triggered FOR EACH ROW EXECUTE FUNCTION stamp();
	DO $$
	DECLARE t text;
	BEGIN
		FOREACH t IN ARRAY ARRAY['sound','strict','open_null','open_empty','open_always','blind_update','bad_insert','triggered','closed','one_tenant','empty','ungranted','events'] LOOP
			EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
		END LOOP;
		FOREACH t IN ARRAY ARRAY['sound','triggered','one_tenant','empty','ungranted','events'] LOOP
			EXECUTE format($p$CREATE POLICY tenant ON %I USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)$p$, t);
		END LOOP;
		FOREACH t IN ARRAY ARRAY['sound','strict','open_null','open_empty','open_always','blind_update','bad_insert','triggered','unprotected','closed','ungranted'] LOOP
			EXECUTE format($p$INSERT INTO %I VALUES (1, '00000000-0000-4000-8000-00000000000a', 'a'), (2, '00000000-0000-4000-8000-00000000000b', 'b')$p$, t);
		END LOOP;
	END $$;
	ALTER TABLE child ENABLE ROW LEVEL SECURITY;
	CREATE POLICY tenant ON strict USING (tenant_id = current_setting('app.tenant_id')::uuid);
	CREATE POLICY tenant ON open_null USING (current_setting('app.tenant_id', true) IS NULL OR tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
	CREATE POLICY tenant ON open_empty USING (current_setting('app.tenant_id', true) = '' OR tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
	CREATE POLICY tenant ON open_always USING (true);
	CREATE POLICY reads ON blind_update FOR SELECT USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
	CREATE POLICY writes ON blind_update FOR UPDATE USING (true) WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
	CREATE POLICY reads ON bad_insert FOR SELECT USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
	CREATE POLICY writes ON bad_insert FOR INSERT WITH CHECK (true);
	CREATE POLICY tenant ON child USING (true);
	INSERT INTO tenants VALUES ('00000000-0000-4000-8000-00000000000a', 'a'), ('00000000-0000-4000-8000-00000000000b', 'b');
	INSERT INTO one_tenant VALUES (1, '00000000-0000-4000-8000-00000000000a', 'a');
	INSERT INTO child SELECT tenant_id, id, 1 FROM sound;
	INSERT INTO events SELECT i, ('00000000-0000-4000-8000-00000000000' || CASE WHEN i % 2 = 0 THEN 'a' ELSE 'b' END)::uuid FROM generate_series(1, 10) i;
`

// probes audits a database and returns the verdicts by relation, command and state, as "select (tenant set)".
func probes(t *testing.T, dsn, app string, o livecheck.ProbeOptions) (map[string]map[string]string, *livecheck.Audit) {
	t.Helper()
	conn, err := livecheck.Connect(t.Context(), dsn)
	require.NoError(t, err)
	defer conn.Close(context.Background())
	model, err := project.LoadModel(t.TempDir(), project.Options{AppRoles: []string{app}})
	require.NoError(t, err)
	audit, err := livecheck.Run(t.Context(), conn, livecheck.Options{Model: model, Probes: o, Statements: livecheck.StatementOptions{AllowSuperuser: true}})
	require.NoError(t, err)
	verdicts := map[string]map[string]string{}
	for _, p := range audit.Probes {
		name := strings.TrimPrefix(p.Relation, "public.")
		if verdicts[name] == nil {
			verdicts[name] = map[string]string{}
		}
		verdicts[name][p.Command+" ("+p.State+")"] = p.Verdict
		assert.NotEmpty(t, p.Why, "%v", p)
	}
	return verdicts, audit
}

func TestProbes(t *testing.T) {
	pgtest.EachMajor(t, func(t *testing.T, s *pgtest.Server) {
		db := s.Database(t, probedSchema)
		app := db.Role(t, "LOGIN")
		db.Exec(t, "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO "+app+"; REVOKE ALL ON ungranted FROM "+app)
		auditor := db.Role(t, "LOGIN BYPASSRLS")
		db.Exec(t, fmt.Sprintf("GRANT %s TO %s; GRANT SELECT ON ALL TABLES IN SCHEMA public TO %[2]s", app, auditor))
		got, audit := probes(t, db.DSN(auditor), app, livecheck.ProbeOptions{Writes: true, Functions: true})

		cells := func(read, never, before, remove, update, insert, move string) map[string]string {
			all := map[string]string{
				"select (tenant set)": read, "select (no tenant, never set)": never, "select (no tenant, set before)": before,
				"delete (tenant set)": remove, "update (tenant set)": update, "insert (tenant set)": insert, "update (tenant set, changing it)": move,
			}
			for k, v := range all {
				if v == "" {
					delete(all, k)
				}
			}
			return all
		}
		const ok, bad, none, skip = livecheck.Proved, livecheck.Refuted, livecheck.Vacuous, livecheck.Skipped
		want := map[string]map[string]string{
			"sound":        cells(ok, ok, ok, ok, ok, ok, ok),
			"strict":       cells(ok, ok, ok, ok, ok, ok, ok),
			"open_null":    cells(ok, bad, ok, skip, skip, ok, ok),
			"open_empty":   cells(ok, ok, bad, skip, skip, ok, ok),
			"open_always":  cells(bad, bad, bad, bad, bad, bad, bad),
			"blind_update": cells(ok, ok, ok, ok, bad, ok, ok),
			"bad_insert":   cells(ok, ok, ok, ok, ok, bad, none),
			"triggered":    cells(ok, ok, ok, ok, ok, skip, ok),
			"unprotected":  cells(bad, bad, bad, bad, bad, bad, bad),
			"closed":       cells(none, ok, ok, ok, ok, ok, none),
			"one_tenant":   cells(none, ok, ok, ok, ok, none, none),
			"empty":        cells(none, none, none, ok, ok, none, none),
			"ungranted":    cells(ok, ok, ok, ok, ok, ok, ok),
			"child":        cells(bad, bad, bad, bad, bad, "", ""),
			"events":       cells(ok, ok, ok, ok, ok, ok, ok),
			"events_0":     cells(bad, bad, bad, bad, bad, bad, bad),
			"invoker":      cells(ok, ok, ok, "", "", "", ""),
			"definer":      cells(bad, bad, bad, "", "", "", ""),
			"everything":   {"call (tenant set)": bad},
			"writes":       {"call (tenant set)": skip},
		}
		for relation, verdicts := range want {
			assert.Equal(t, verdicts, got[relation], relation)
		}
		var refuted []string
		for _, f := range audit.Result.Findings {
			if f.Rule == "probe-refutes-isolation" {
				refuted = append(refuted, strings.TrimPrefix(f.Object, "public."))
				assert.Equal(t, finding.Error, f.Severity)
				assert.NotEmpty(t, f.Evidence)
			}
		}
		assert.ElementsMatch(t, []string{"open_null", "open_empty", "open_always", "blind_update", "bad_insert", "unprotected", "child", "events_0", "definer", "everything"}, refuted)
		assert.True(t, slices.ContainsFunc(audit.Result.Skipped, func(s finding.Skipped) bool {
			return s.What == "probe of public.triggered: insert (tenant set)" && strings.Contains(s.Reason, "trigger stamp would run")
		}), "%v", audit.Result.Skipped)
		t.Run("nothing is written", func(t *testing.T) {
			var rows int
			require.NoError(t, db.Connect(t, pgtest.Superuser).QueryRow(t.Context(), "SELECT (SELECT count(*) FROM sound WHERE note IN ('a', 'b')) + (SELECT count(*) FROM open_always)").Scan(&rows))
			assert.Equal(t, 4, rows)
		})
		for _, p := range audit.Probes {
			if p.Verdict == bad && p.Command == "select" {
				assert.ErrorContains(t, crossing(db, auditor, p.Statement), "division by zero", "the statement shown reaches it: %s", p.Statement)
				break
			}
		}

		t.Run("as the application", func(t *testing.T) {
			got, _ := probes(t, db.DSN(app), app, livecheck.ProbeOptions{})
			assert.Equal(t, cells(none, none, none, ok, ok, "", ""), got["sound"], "nobody knows that there are rows")
			assert.Equal(t, bad, got["open_always"]["select (no tenant, never set)"])
			assert.Equal(t, bad, got["open_always"]["select (tenant set)"], "a tenant that does not exist sees rows")
			got, _ = probes(t, db.DSN(app), app, livecheck.ProbeOptions{Tenants: []string{probeA, probeB}})
			assert.Equal(t, none, got["sound"]["select (tenant set)"])
			assert.Equal(t, bad, got["open_always"]["select (tenant set)"])
		})
		t.Run("off", func(t *testing.T) {
			_, audit := probes(t, db.DSN(auditor), app, livecheck.ProbeOptions{Off: true})
			assert.Empty(t, audit.Probes)
		})
	})
}

// crossing runs the statement of a refuted probe, and divides by zero if it finds a row.
func crossing(db *pgtest.Database, user, statement string) error {
	i := strings.LastIndex(statement, "SELECT EXISTS")
	return db.ExecAs(user, "BEGIN; "+statement[:i]+"SELECT 1 / (1 - (EXISTS"+strings.SplitN(strings.TrimPrefix(statement[i:], "SELECT EXISTS"), ", EXISTS", 2)[0]+")::int)")
}

// A migration's lock keeps the audit from one table, for less than a second, and from no other.
func TestProbesOfALockedTable(t *testing.T) {
	db := pgtest.Start(t, 15).Database(t, probedSchema)
	app := db.Role(t, "LOGIN")
	db.Exec(t, "GRANT SELECT ON ALL TABLES IN SCHEMA public TO "+app)
	migration := db.Connect(t, pgtest.Superuser)
	_, err := migration.Exec(t.Context(), "BEGIN; LOCK TABLE closed IN ACCESS EXCLUSIVE MODE")
	require.NoError(t, err)
	got, _ := probes(t, db.DSN(pgtest.Superuser), app, livecheck.ProbeOptions{})
	assert.Equal(t, livecheck.Skipped, got["closed"]["select (tenant set)"])
	assert.Equal(t, livecheck.Skipped, got["closed"]["select (no tenant, never set)"])
	assert.Equal(t, livecheck.Proved, got["sound"]["select (tenant set)"])
}

// Behind a transaction pooler a probe finds what it finds without one, except what needs a session that no
// tenant has used.
func TestProbesThroughPgBouncer(t *testing.T) {
	pgtest.EachMajor(t, func(t *testing.T, s *pgtest.Server) {
		db := s.Database(t, probedSchema)
		app, auditor := db.Role(t, "LOGIN"), db.Role(t, "LOGIN BYPASSRLS")
		db.Exec(t, fmt.Sprintf("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO %[1]s; GRANT SELECT ON ALL TABLES IN SCHEMA public TO %[2]s; GRANT %[1]s TO %[2]s", app, auditor))
		direct, _ := probes(t, db.DSN(auditor), app, livecheck.ProbeOptions{Writes: true})
		pooled, _ := probes(t, db.Pooler(t, "transaction", []string{auditor}, "default_pool_size = 1").DSN(auditor), app, livecheck.ProbeOptions{Writes: true})
		require.NotEmpty(t, pooled)
		for relation, cells := range pooled {
			const fresh = "select (no tenant, never set)"
			assert.Contains(t, []string{livecheck.Skipped, direct[relation][fresh]}, cells[fresh], relation)
			delete(cells, fresh)
			delete(direct[relation], fresh)
			assert.Equal(t, direct[relation], cells, relation)
		}
	})
}
