package livecheck_test

import (
	"context"
	"net"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/internal/pgtest"
	"github.com/tenantvet/tenantvet/livecheck"
	"github.com/tenantvet/tenantvet/project"
	"github.com/tenantvet/tenantvet/tenancy"
)

const pooledSchema = `
	CREATE EXTENSION pg_stat_statements;
	CREATE TABLE invoices (id uuid NOT NULL, tenant_id uuid NOT NULL, PRIMARY KEY (tenant_id, id));
	CREATE TABLE notes (id uuid NOT NULL, tenant_id uuid NOT NULL, PRIMARY KEY (tenant_id, id));
	ALTER TABLE invoices ENABLE ROW LEVEL SECURITY;
	CREATE POLICY tenant ON invoices USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)`

// pooledDatabase is a database with a role of the service that has run a few statements.
func pooledDatabase(t *testing.T, s *pgtest.Server, ran ...string) (db *pgtest.Database, app string) {
	db = s.Database(t, pooledSchema)
	app = db.Role(t, "LOGIN")
	db.Exec(t, "GRANT SELECT ON ALL TABLES IN SCHEMA public TO "+app)
	for _, sql := range ran {
		require.NoError(t, db.ExecAs(app, sql))
	}
	return db, app
}

func auditOf(t *testing.T, dsn, app string) *livecheck.Audit {
	t.Helper()
	conn, err := livecheck.Connect(t.Context(), dsn)
	require.NoError(t, err)
	defer conn.Close(context.Background())
	model, err := project.LoadModel(t.TempDir(), project.Options{AppRoles: []string{app}})
	require.NoError(t, err)
	audit, err := livecheck.Run(t.Context(), conn, livecheck.Options{Model: model})
	require.NoError(t, err)
	return audit
}

func rulesOf(a *livecheck.Audit) (rules []string) {
	for _, f := range a.Result.Findings {
		rules = append(rules, f.Rule)
	}
	return rules
}

// judgedOn maps the judged statements on a table to their scopes.
func judgedOn(a *livecheck.Audit, table string) map[string]livecheck.Scope {
	scopes := map[string]livecheck.Scope{}
	for _, s := range a.Statements {
		if strings.Contains(s.Text, table) {
			scopes[s.Text] = s.Scope
		}
	}
	return scopes
}

// With one server session in the pool, whatever the audit left there is what the next client finds.
func TestAuditThroughPgBouncer(t *testing.T) {
	pgtest.EachMajor(t, func(t *testing.T, s *pgtest.Server) {
		db, app := pooledDatabase(t, s, "SELECT id FROM invoices", "SELECT count(*) FROM invoices WHERE id = gen_random_uuid()")
		direct := auditOf(t, db.DSN(app), app)
		assert.False(t, direct.Pooled)
		assert.Len(t, judgedOn(direct, "invoices"), 2)
		for mode, note := range map[string]string{"transaction": "in transaction mode", "session": "was not seen"} {
			pooler := db.Pooler(t, mode, []string{app}, "default_pool_size = 1")
			audit := auditOf(t, pooler.DSN(app), app)
			assert.True(t, audit.Pooled, mode)
			assert.Empty(t, audit.Partial, mode)
			assert.Contains(t, strings.Join(audit.Result.Notes, "\n"), note)
			assert.Equal(t, rulesOf(direct), rulesOf(audit), mode)
			assert.Equal(t, judgedOn(direct, "invoices"), judgedOn(audit, "invoices"), mode)

			next := pooler.Connect(t, app)
			rows, err := next.Query(t.Context(), `
				SELECT 'setting ' || name FROM pg_settings WHERE source = 'session' AND name NOT IN ('application_name', 'client_encoding', 'DateStyle', 'TimeZone', 'standard_conforming_strings')
				UNION ALL SELECT 'prepared ' || name FROM pg_prepared_statements
				UNION ALL SELECT 'lock ' || objid FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()
				UNION ALL SELECT 'role ' || current_user WHERE current_user <> session_user
				UNION ALL SELECT 'tenant ' || current_setting('app.tenant_id', true) WHERE current_setting('app.tenant_id', true) <> '' /* tenantvet audit */`, pgx.QueryExecModeExec)
			require.NoError(t, err)
			left, err := pgx.CollectRows(rows, pgx.RowTo[string])
			require.NoError(t, err)
			assert.Empty(t, left, mode)
			require.NoError(t, next.Close(t.Context()))
		}
	})
}

func TestPoolerFindings(t *testing.T) {
	pgtest.EachMajor(t, func(t *testing.T, s *pgtest.Server) {
		db, app := pooledDatabase(t, s,
			"SET app.tenant_id = '00000000-0000-4000-8000-00000000000a'", "SET LOCAL lock_timeout = '1s'",
			"SELECT pg_advisory_lock(1)", "BEGIN; SET search_path = public; RESET search_path; COMMIT")
		pooler := db.Pooler(t, "transaction", []string{app}, "default_pool_size = 1")
		state := map[string]finding.Severity{}
		audit := auditOf(t, pooler.DSN(app)+" default_query_exec_mode=describe_exec", app)
		for _, f := range audit.Result.Findings {
			if strings.HasPrefix(f.Rule, "pool-") {
				state[f.Object] = f.Severity
				assert.NotNil(t, f.Fix)
			}
		}
		assert.Equal(t, map[string]finding.Severity{
			"app.tenant_id": finding.Error, "search_path": finding.Warning, "advisory lock": finding.Warning, "connection string": finding.Error,
		}, state)
		for _, rule := range rulesOf(auditOf(t, db.DSN(app)+" default_query_exec_mode=describe_exec", app)) {
			assert.False(t, strings.HasPrefix(rule, "pool-"), "nothing stands between: %s", rule)
		}
	})
}

func TestPoolerRefuses(t *testing.T) {
	db := pgtest.Start(t, 15).Database(t)
	pooler := db.Pooler(t, "transaction", []string{pgtest.Superuser})
	for name, c := range map[string]struct{ dsn, want string }{
		"startup option":   {pooler.DSN(pgtest.Superuser) + " statement_timeout=1000", "the pooler refuses statement_timeout"},
		"options":          {pooler.DSN(pgtest.Superuser) + " options='-c search_path=app'", "the pooler refuses options"},
		"unknown role":     {pooler.DSN("nobody_of_that_name"), "nobody_of_that_name"},
		"application name": {pooler.DSN(pgtest.Superuser) + " application_name=audit", ""},
	} {
		t.Run(name, func(t *testing.T) {
			conn, err := livecheck.Connect(t.Context(), c.dsn)
			if c.want == "" {
				require.NoError(t, err)
				conn.Close(t.Context())
				return
			}
			assert.ErrorContains(t, err, c.want)
		})
	}
	t.Run("statement mode", func(t *testing.T) {
		conn, err := livecheck.Connect(t.Context(), db.Pooler(t, "statement", []string{pgtest.Superuser}).DSN(pgtest.Superuser))
		require.NoError(t, err)
		defer conn.Close(t.Context())
		_, err = livecheck.Run(t.Context(), conn, livecheck.Options{Model: &tenancy.Model{}})
		assert.ErrorContains(t, err, "the pooler is in statement mode")
	})
}

func TestServerBehindThePoolerIsAway(t *testing.T) {
	gone := pgtest.Private(t, 15)
	pooler := (&pgtest.Database{Server: gone, Name: "postgres"}).Pooler(t, "transaction", []string{pgtest.Superuser}, "server_connect_timeout = 1", "query_wait_timeout = 2", "server_login_retry = 1")
	conn, err := livecheck.Connect(t.Context(), pooler.DSN(pgtest.Superuser))
	require.NoError(t, err)
	defer conn.Close(t.Context())
	gone.Close()
	_, err = livecheck.Run(t.Context(), conn, livecheck.Options{Model: &tenancy.Model{}})
	assert.ErrorContains(t, err, "the server behind the pooler")
}

// The fact that pool-exec-mode-unsafe stands on: between the two round trips of describe_exec another
// client is given the session and parses its own statement, which is then executed in place of the first.
func TestDescribeExecReturnsAnothersRows(t *testing.T) {
	pgtest.EachMajor(t, func(t *testing.T, s *pgtest.Server) {
		db := s.Database(t, "CREATE TABLE customer (tenant_id text, name text); INSERT INTO customer VALUES ('a', 'customer of a'), ('b', 'customer of b')")
		app := db.Role(t, "LOGIN")
		db.Exec(t, "GRANT SELECT ON customer TO "+app)
		pooler := db.Pooler(t, "transaction", []string{app}, "default_pool_size = 1")
		other := pooler.Connect(t, app)
		interleave := func() {
			_, err := other.Prepare(t.Context(), "", "SELECT name FROM customer WHERE tenant_id = 'b'")
			require.NoError(t, err)
		}
		ask := func(mode pgx.QueryExecMode, begin bool) string {
			config, err := pgx.ParseConfig(pooler.DSN(app))
			require.NoError(t, err)
			config.DefaultQueryExecMode = mode
			hooked := &beforeBind{}
			config.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
				hooked.Conn, err = (&net.Dialer{}).DialContext(ctx, network, address)
				return hooked, err
			}
			conn, err := pgx.ConnectConfig(t.Context(), config)
			require.NoError(t, err)
			defer conn.Close(t.Context())
			if begin {
				_, err := conn.Exec(t.Context(), "BEGIN")
				require.NoError(t, err)
			} else {
				hooked.hook = interleave
			}
			var name string
			require.NoError(t, conn.QueryRow(t.Context(), "SELECT name FROM customer WHERE tenant_id = 'a'", mode).Scan(&name))
			return name
		}
		assert.Equal(t, "customer of b", ask(pgx.QueryExecModeDescribeExec, false), "asked for a")
		assert.Equal(t, "customer of a", ask(pgx.QueryExecModeDescribeExec, true), "in a transaction")
		assert.Equal(t, "customer of a", ask(pgx.QueryExecModeExec, false))
		assert.Equal(t, "customer of a", ask(pgx.QueryExecModeSimpleProtocol, false))
	})
}

// beforeBind is a connection that calls a hook once, before it sends a Bind message on its own: one that
// does not follow a Parse in the same packet.
type beforeBind struct {
	net.Conn
	hook func()
}

func (c *beforeBind) Write(packet []byte) (int, error) {
	if hook := c.hook; hook != nil && len(packet) > 0 && packet[0] == 'B' {
		c.hook = nil
		hook()
	}
	return c.Conn.Write(packet)
}
