package livecheck_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/internal/pgtest"
	"github.com/tenantvet/tenantvet/livecheck"
)

// stall is a schema with a table that no policy protects, and a function that makes planning take long.
const stall = `
CREATE TABLE orders (tenant_id uuid NOT NULL, id bigint NOT NULL, PRIMARY KEY (tenant_id, id));
CREATE FUNCTION slow() RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN PERFORM pg_sleep(current_setting('app.sleep', true)::float); RETURN 1; END $$`

// execute runs statements as the service, so that they are in the statistics.
func (d *audited) execute(t *testing.T, statements ...string) {
	t.Helper()
	for _, sql := range statements {
		require.NoError(t, d.ExecAs(d.app, sql), sql)
	}
}

func reasons(skipped []finding.Skipped) string {
	var b strings.Builder
	for _, s := range skipped {
		fmt.Fprintf(&b, "%s: %s\n", s.What, s.Reason)
	}
	return b.String()
}

func TestStatementsThatCannotBeRead(t *testing.T) {
	pgtest.EachMajor(t, func(t *testing.T, s *pgtest.Server) {
		t.Run("no extension", func(t *testing.T) {
			d := newAudited(t, s, stall)
			d.Exec(t, "DROP EXTENSION pg_stat_statements")
			result := d.audit(t, d.auditor, livecheck.StatementOptions{})
			assert.Contains(t, reasons(result.Skipped), "pg_stat_statements: the extension is not in this database: CREATE EXTENSION pg_stat_statements;")
		})
		t.Run("hidden", func(t *testing.T) {
			d := newAudited(t, s, stall)
			d.execute(t, "SELECT count(*) FROM orders")
			d.Exec(t, "REVOKE pg_read_all_stats FROM "+d.auditor)
			result := d.audit(t, d.auditor, livecheck.StatementOptions{})
			assert.Regexp(t, `\d+ statements of other roles are hidden from `+d.auditor+`: GRANT pg_read_all_stats TO "`+d.auditor+`";`, reasons(result.Skipped))
			assert.Empty(t, result.Findings)
		})
		t.Run("no right to read", func(t *testing.T) {
			d := newAudited(t, s, stall)
			d.Exec(t, "REVOKE ALL ON pg_stat_statements FROM public; REVOKE pg_read_all_stats FROM "+d.auditor)
			result := d.audit(t, d.auditor, livecheck.StatementOptions{})
			assert.Contains(t, reasons(result.Skipped), "GRANT SELECT ON")
		})
	})
}

func TestStatementsThatCannotBePlanned(t *testing.T) {
	pgtest.EachMajor(t, func(t *testing.T, s *pgtest.Server) {
		t.Run("locked", func(t *testing.T) {
			d := newAudited(t, s, stall+"; CREATE TABLE notes (tenant_id uuid)")
			d.execute(t, "SELECT count(*) FROM orders", "SELECT count(*) FROM notes")
			migration, err := d.Connect(t, pgtest.Superuser).Begin(t.Context())
			require.NoError(t, err)
			conn := d.Connect(t, d.auditor)
			workload, err := livecheck.ReadWorkload(t.Context(), conn)
			require.NoError(t, err)
			db := d.read(t)
			_, err = migration.Exec(t.Context(), "LOCK TABLE orders IN ACCESS EXCLUSIVE MODE")
			require.NoError(t, err)
			_, result, err := livecheck.Statements(t.Context(), conn, db, workload, livecheck.StatementOptions{})
			require.NoError(t, err)
			require.NoError(t, migration.Rollback(t.Context()))
			assert.Contains(t, reasons(result.Skipped), "a table of it is locked")
			assert.Contains(t, objects(result.Findings), "public.notes", "the other statement is judged all the same")
		})
		t.Run("timeout", func(t *testing.T) {
			d := newAudited(t, s, stall)
			d.execute(t, "SET app.sleep = '0'; SELECT id FROM orders WHERE id = slow()")
			d.Exec(t, "ALTER ROLE "+d.auditor+" SET app.sleep = '30'")
			result := d.audit(t, d.auditor, livecheck.StatementOptions{})
			assert.Contains(t, reasons(result.Skipped), "planning it took longer than 2s")
			assert.False(t, result.Broken())
		})
		t.Run("no right to the table", func(t *testing.T) {
			d := newAudited(t, s, stall)
			d.execute(t, "SELECT count(*) FROM orders")
			d.Exec(t, "REVOKE ALL ON orders FROM "+d.app)
			result := d.audit(t, d.auditor, livecheck.StatementOptions{})
			assert.Contains(t, reasons(result.Skipped), "permission denied for table orders (SQLSTATE 42501)")
		})
		t.Run("no member of the service", func(t *testing.T) {
			d := newAudited(t, s, stall)
			d.execute(t, "SELECT count(*) FROM orders")
			d.Exec(t, fmt.Sprintf("REVOKE %s FROM %s", d.app, d.auditor))
			result := d.audit(t, d.auditor, livecheck.StatementOptions{})
			assert.Contains(t, reasons(result.Skipped), fmt.Sprintf(`GRANT "%s" TO "%s";`, d.app, d.auditor))
			assert.Contains(t, objects(result.Findings), "public.orders", "the text is judged all the same")
		})
		t.Run("connection lost", func(t *testing.T) {
			d := newAudited(t, s, stall)
			d.execute(t, "SELECT count(*) FROM orders")
			conn := d.Connect(t, d.auditor)
			workload, err := livecheck.ReadWorkload(t.Context(), conn)
			require.NoError(t, err)
			db := d.read(t)
			d.Exec(t, fmt.Sprintf("SELECT pg_terminate_backend(%d, 5000)", conn.PgConn().PID()))
			_, result, err := livecheck.Statements(t.Context(), conn, db, workload, livecheck.StatementOptions{})
			assert.ErrorContains(t, err, "the connection was lost")
			assert.False(t, result.Broken(), "the audit says that it is not whole")
		})
		t.Run("superuser", func(t *testing.T) {
			d := newAudited(t, s, stall)
			d.execute(t, "SELECT count(*) FROM orders")
			result := d.audit(t, pgtest.Superuser, livecheck.StatementOptions{})
			assert.Contains(t, reasons(result.Skipped), "role postgres is a superuser, and planning calls functions")
			result = d.audit(t, pgtest.Superuser, livecheck.StatementOptions{AllowSuperuser: true})
			assert.Empty(t, result.Skipped)
			assert.NotEmpty(t, result.Findings)
		})
	})
}

// harmless are the statements that an audit may send: they read, bound the transaction, or have a plan
// made. COMMIT is none of them: whatever had been written would be taken back.
var harmless = regexp.MustCompile(`^(BEGIN ISOLATION LEVEL [a-z ]+ READ ONLY|BEGIN READ ONLY|SET LOCAL [a-z_]+ = |SELECT |WITH |EXPLAIN \((GENERIC_PLAN, )?(VERBOSE, )?(COSTS OFF, )?FORMAT JSON\) |` +
	`PREPARE tenantvet_plan|DEALLOCATE tenantvet_plan|(ROLLBACK TO )?SAVEPOINT |ROLLBACK|rollback)`)

// lasting are calls that reach beyond a transaction or outlive its end.
var lasting = regexp.MustCompile(`(?i)ANALYZE[ ,)]|set_config\([^()]*,\s*false\)|nextval|setval|pg_advisory|pg_stat_statements_reset|pg_stat_reset|lo_|dblink|pg_notify|FOR (UPDATE|SHARE)`)

func TestTheAuditLeavesNothingBehind(t *testing.T) {
	for _, major := range pgtest.Majors() {
		t.Run(fmt.Sprintf("postgres%d", major), func(t *testing.T) {
			s := pgtest.Private(t, major, "log_statement=all", "log_min_messages=info", "log_line_prefix=%u|")
			d := newAudited(t, s, stall+`; CREATE TABLE notes (tenant_id uuid NOT NULL, id bigint NOT NULL, PRIMARY KEY (tenant_id, id));
				ALTER TABLE notes ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON notes USING (tenant_id = current_setting('app.tenant_id', true)::uuid);
				INSERT INTO notes SELECT '`+tenantA+`', i FROM generate_series(1, 5) i; ANALYZE notes`)
			d.execute(t, "SELECT count(*) FROM orders", "DELETE FROM orders WHERE tenant_id = '7e4a0c1e-0000-4000-8000-00000000a0d1'",
				"SET app.tenant_id = '"+tenantA+"'; SELECT id FROM notes", "SELECT sum(CASE WHEN id = 1 THEN 1 ELSE 0 END) FROM orders")
			conn, err := livecheck.Connect(t.Context(), d.DSN(d.auditor))
			require.NoError(t, err)
			before := session(t, conn)
			audit, err := livecheck.Run(t.Context(), conn, livecheck.Options{Model: d.model})
			require.NoError(t, err)
			require.Empty(t, audit.Partial)
			require.NotEmpty(t, audit.Result.Findings)
			assert.Equal(t, before, session(t, conn))

			sent := sentBy(s.Log(), d.auditor)
			assert.Greater(t, len(sent), 40)
			for _, statement := range sent {
				if strings.HasPrefix(statement, "SELECT concat_ws(' ', current_user") {
					continue // this test asks for the state of the session
				}
				assert.Regexp(t, harmless, statement)
				assert.NotRegexp(t, lasting, statement)
			}

			// A second audit leaves out what the first one sent, and finds the same.
			second, err := livecheck.Run(t.Context(), conn, livecheck.Options{Model: d.model})
			require.NoError(t, err)
			assert.Equal(t, objects(audit.Result.Findings), objects(second.Result.Findings))
			assert.Len(t, second.Statements, len(audit.Statements))
			require.NoError(t, conn.Close(t.Context()))
		})
	}
}

// logged begins an entry of a server's log that repeats what a role sent.
var logged = regexp.MustCompile(`^(\w+)\|LOG:  (?:statement|execute [^:]*): `)

// sentBy returns the statements in a server's log that a role sent, each by itself also where a message
// holds several.
func sentBy(log, role string) []string {
	var messages []string
	for line := range strings.Lines(log) {
		switch m := logged.FindStringSubmatch(line); {
		case m != nil && m[1] == role:
			messages = append(messages, line[len(m[0]):])
		case strings.HasPrefix(line, "\t") && len(messages) > 0:
			messages[len(messages)-1] += line // of a message with several lines, or of what belongs to the last
		}
	}
	var sent []string
	for _, message := range messages {
		for statement := range strings.SplitSeq(message, ";") {
			if statement = strings.TrimSpace(statement); statement != "" {
				sent = append(sent, statement)
			}
		}
	}
	return sent
}

// session is what a statement could have left in a session.
func session(t *testing.T, conn *pgx.Conn) (state string) {
	t.Helper()
	err := conn.QueryRow(t.Context(), `SELECT concat_ws(' ', current_user, (SELECT string_agg(name || '=' || setting, ' ' ORDER BY name) FROM pg_settings WHERE source = 'session'),
		(SELECT string_agg(name, ' ') FROM pg_prepared_statements), nullif(current_setting('app.tenant_id', true), ''),
		(SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'advisory'))`, pgx.QueryExecModeExec).Scan(&state)
	require.NoError(t, err)
	return state
}

func objects(findings []finding.Finding) []string {
	var names []string
	for _, f := range findings {
		names = append(names, f.Object)
	}
	return names
}

func TestPlansDoNotDisplaceTheEvidence(t *testing.T) {
	for track, limited := range map[string]bool{"top": false, "all": true} {
		t.Run(track, func(t *testing.T) {
			s := pgtest.Private(t, 16, "pg_stat_statements.max=200", "pg_stat_statements.track="+track)
			d := newAudited(t, s, stall)
			d.Exec(t, "REVOKE SET ON PARAMETER pg_stat_statements.track FROM "+d.auditor)
			d.Exec(t, "SELECT pg_stat_statements_reset()")
			for i := range 60 { // each is an entry of its own
				d.execute(t, "SELECT id"+strings.Repeat(", id", i)+" FROM orders")
			}
			count := func() (n int) {
				err := d.Connect(t, pgtest.Superuser).QueryRow(t.Context(), "SELECT count(*) FROM pg_stat_statements WHERE query LIKE 'SELECT id%' AND calls = 1").Scan(&n)
				require.NoError(t, err)
				return n
			}
			db := d.read(t)
			d.Exec(t, "SELECT 1")
			before := count()
			conn := d.Connect(t, d.auditor)
			workload, err := livecheck.ReadWorkload(t.Context(), conn)
			require.NoError(t, err)
			judged, result, err := livecheck.Statements(t.Context(), conn, db, workload, livecheck.StatementOptions{})
			require.NoError(t, err)
			assert.Equal(t, before, count())
			if limited {
				assert.Contains(t, reasons(result.Skipped), "cheapest statements: planning them would displace the service's own entries")
			} else {
				assert.Empty(t, reasons(result.Skipped))
				assert.GreaterOrEqual(t, len(judged), 60)
			}
		})
	}
}
