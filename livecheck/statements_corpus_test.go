package livecheck_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/tenantvet/tenantvet/finding"
	"github.com/tenantvet/tenantvet/internal/pgtest"
	"github.com/tenantvet/tenantvet/livecheck"
	"github.com/tenantvet/tenantvet/pgschema/catalog"
	"github.com/tenantvet/tenantvet/pgschema/classify"
	"github.com/tenantvet/tenantvet/sqlcheck"
	"github.com/tenantvet/tenantvet/tenancy"
)

// shop is a schema with tables that policies protect and tables that none does. A tenant has 1 of
// 400 rows of the large tables.
const shop = `
CREATE TYPE kind AS ENUM ('bug', 'wish');
CREATE TABLE tenants (id uuid PRIMARY KEY, slug text NOT NULL UNIQUE);
CREATE TABLE currencies (code text PRIMARY KEY);
CREATE TABLE orders (tenant_id uuid NOT NULL REFERENCES tenants, id bigint NOT NULL, customer bigint NOT NULL, status text NOT NULL,
	created timestamptz NOT NULL DEFAULT now(), amount numeric NOT NULL DEFAULT 0, PRIMARY KEY (tenant_id, id));
CREATE TABLE tickets (id bigint PRIMARY KEY, tenant_id uuid NOT NULL REFERENCES tenants, kind kind NOT NULL DEFAULT 'bug');
CREATE INDEX ON tickets (tenant_id, kind);
CREATE TABLE replies (id bigint PRIMARY KEY, ticket_id bigint NOT NULL REFERENCES tickets, body text);
CREATE INDEX ON replies (ticket_id);
CREATE TABLE docs (tenant_id uuid NOT NULL, id bigint NOT NULL, status text NOT NULL, PRIMARY KEY (tenant_id, id));
CREATE TABLE docs_cast (tenant_id uuid NOT NULL, id bigint NOT NULL, PRIMARY KEY (tenant_id, id));
CREATE TABLE ledger (tenant_id uuid NOT NULL, id bigint NOT NULL);
CREATE TABLE logs (tenant_id uuid NOT NULL, at timestamptz NOT NULL, message text);
CREATE INDEX logs_at ON logs (at);
CREATE TABLE little (tenant_id uuid NOT NULL, name text);
CREATE TABLE products (region text NOT NULL, tenant_id uuid NOT NULL, sku text);
CREATE INDEX ON products (region, tenant_id);
CREATE TABLE events (tenant_id uuid NOT NULL, id bigint NOT NULL, PRIMARY KEY (tenant_id, id)) PARTITION BY HASH (tenant_id);
CREATE TABLE events_0 PARTITION OF events FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE events_1 PARTITION OF events FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE FUNCTION current_tenant() RETURNS uuid LANGUAGE sql STABLE AS $$ SELECT nullif(current_setting('app.tenant_id', true), '')::uuid $$;
ALTER TABLE docs ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON docs USING (tenant_id = current_tenant());
ALTER TABLE docs_cast ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON docs_cast USING (tenant_id::text = current_setting('app.tenant_id', true));
ALTER TABLE ledger ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON ledger USING (tenant_id = (SELECT current_tenant()));
INSERT INTO tenants SELECT md5(i::text)::uuid, 'tenant' || i FROM generate_series(1, 400) i;
INSERT INTO currencies VALUES ('EUR'), ('USD');
INSERT INTO orders SELECT md5((i % 400 + 1)::text)::uuid, i, i % 900, CASE WHEN i % 3 = 0 THEN 'open' ELSE 'paid' END FROM generate_series(1, 40000) i;
INSERT INTO tickets SELECT i, md5((i % 400 + 1)::text)::uuid FROM generate_series(1, 40000) i;
INSERT INTO replies SELECT i, i FROM generate_series(1, 40000) i;
INSERT INTO docs SELECT tenant_id, id, status FROM orders;
INSERT INTO docs_cast SELECT tenant_id, id FROM orders;
INSERT INTO ledger SELECT tenant_id, id FROM orders;
INSERT INTO logs SELECT tenant_id, now() - id * interval '1 minute', 'x' FROM orders;
INSERT INTO little SELECT id, slug FROM tenants LIMIT 20;
INSERT INTO products SELECT 'r' || id % 50, tenant_id, id::text FROM orders;
INSERT INTO events SELECT tenant_id, id FROM orders;
ANALYZE`

// What is known of a statement.
const (
	one  = "one tenant"
	all  = "every tenant"
	key  = "by key"
	many = "a list"
	open = "undecided"

	direct = "direct"
	detour = "detour"
	either = ""
)

// shapes are statements with what they read, and how. Those with literals are sent as simple
// queries, so that the server normalizes them.
var shapes = []struct{ sql, scope, access string }{
	{"SELECT id FROM orders WHERE tenant_id = $1 AND id = $2", one, direct},
	{"SELECT id FROM orders WHERE tenant_id = $1", one, direct},
	{"SELECT id FROM orders WHERE id = $1", all, either},
	{"SELECT id FROM orders WHERE status = $1", all, either},
	{"SELECT id FROM orders WHERE tenant_id = $1 AND status = $2", one, direct},
	{"SELECT id FROM orders WHERE tenant_id = $1 OR status = $2", all, either},
	{"SELECT id FROM orders WHERE ($1::uuid IS NULL OR tenant_id = $1)", all, either},
	{"SELECT id FROM orders WHERE tenant_id = ANY ($1)", many, direct},
	{"SELECT id FROM orders WHERE tenant_id IN ($1, $2)", many, direct},
	{"SELECT id, status FROM orders WHERE tenant_id IN ('7e4a0c1e-0000-4000-8000-00000000a0d1', '7e4a0c1e-0000-4000-8000-00000000a0d2', '7e4a0c1e-0000-4000-8000-00000000a0d3')", many, direct},
	{"SELECT id FROM orders WHERE tenant_id = coalesce($1, tenant_id)", all, either},
	{"SELECT id FROM orders WHERE tenant_id <> $1", all, either},
	{"SELECT id FROM orders WHERE NOT tenant_id <> $1", one, direct},
	{"SELECT id FROM orders WHERE tenant_id > $1", all, either},
	{"SELECT id FROM orders WHERE tenant_id IS NOT DISTINCT FROM $1", one, either},
	{"SELECT a.id FROM orders a JOIN orders b ON a.customer = b.customer WHERE a.tenant_id = $1", all, either},
	{"SELECT a.id FROM orders a JOIN orders b ON a.customer = b.customer AND a.tenant_id = b.tenant_id WHERE a.tenant_id = $1", one, direct},
	{"SELECT a.id FROM orders a LEFT JOIN orders b ON b.id = a.id AND b.tenant_id = a.tenant_id WHERE a.tenant_id = $1", one, direct},
	{"SELECT a.id, b.id FROM orders a LEFT JOIN orders b ON b.id = a.id AND a.tenant_id = $1 AND b.tenant_id = $1", all, either},
	{"SELECT b.id FROM orders a RIGHT JOIN orders b ON b.id = a.id AND a.tenant_id = b.tenant_id AND a.tenant_id = $1", all, either},
	{"SELECT b.id FROM (SELECT * FROM orders WHERE tenant_id = $1) a FULL JOIN orders b ON a.id = b.id", all, either},
	{"SELECT id FROM orders WHERE tenant_id = $1 UNION ALL SELECT id FROM orders WHERE status = $2", all, either},
	{"SELECT id FROM orders WHERE tenant_id = $1 UNION ALL SELECT id FROM tickets WHERE tenant_id = $1", one, direct},
	{"SELECT id FROM orders WHERE tenant_id = $1 EXCEPT SELECT id FROM tickets", all, either},
	{"SELECT code FROM currencies c WHERE EXISTS (SELECT FROM orders o WHERE o.tenant_id = $1 AND o.status = c.code)", one, direct},
	{"SELECT code FROM currencies c WHERE EXISTS (SELECT FROM orders o WHERE o.status = c.code)", all, either},
	{"SELECT code FROM currencies c WHERE NOT EXISTS (SELECT FROM orders o WHERE o.status = c.code AND o.id = $1)", all, either},
	{"SELECT id FROM orders o WHERE o.tenant_id = $1 AND NOT EXISTS (SELECT FROM tickets t WHERE t.tenant_id = o.tenant_id AND t.id = o.id)", one, either},
	{"WITH w AS (SELECT * FROM orders WHERE tenant_id = $1) SELECT id FROM w", one, direct},
	{"WITH w AS (SELECT * FROM orders) SELECT id FROM w WHERE tenant_id = $1", one, direct},
	{"WITH w AS MATERIALIZED (SELECT * FROM orders WHERE tenant_id = $1) SELECT a.id FROM w a JOIN w b ON a.id = b.customer", one, direct},
	{"SELECT id FROM (SELECT * FROM orders ORDER BY id LIMIT 10) x WHERE tenant_id = $1", all, either},
	{"UPDATE orders SET status = $2 WHERE tenant_id = $1 AND id = $3", one, direct},
	{"UPDATE orders SET status = $2 WHERE id = $1", all, either},
	{"UPDATE orders o SET status = 'x' FROM tickets t WHERE o.id = t.id AND t.tenant_id = $1", all, either},
	{"UPDATE orders o SET status = 'x' FROM tickets t WHERE o.id = t.id AND t.tenant_id = o.tenant_id AND t.tenant_id = $1", one, direct},
	{"DELETE FROM orders WHERE tenant_id = $1", one, direct},
	{"DELETE FROM orders WHERE status = $1", all, either},
	{"INSERT INTO little SELECT tenant_id, status FROM orders WHERE id = $1", all, either},
	{"INSERT INTO little SELECT tenant_id, status FROM orders WHERE tenant_id = $1 AND id = $2", one, direct},
	{"INSERT INTO little (tenant_id, name) SELECT $1, $2 WHERE false", one, direct},
	{"SELECT status FROM orders WHERE (tenant_id, id) = ($1, $2)", one, direct},
	{"SELECT status FROM orders WHERE (tenant_id, id) IN (($1, $2), ($3, $4))", many, direct},
	{"SELECT id FROM orders ORDER BY created LIMIT $1", all, either},
	{"SELECT count(*) FROM orders", all, either},
	{"SELECT count(*) FROM orders WHERE tenant_id = $1", one, direct},
	{"SELECT tenant_id, count(*) FROM orders GROUP BY tenant_id", all, either},
	{"SELECT tenant_id, count(*) FROM orders GROUP BY tenant_id HAVING tenant_id = $1", one, direct},
	{"SELECT id FROM orders WHERE tenant_id::text = $1", one, detour},
	{"SELECT t.slug, x.id FROM tenants t, LATERAL (SELECT id FROM orders o WHERE o.tenant_id = t.id LIMIT 1) x", all, either},
	{"SELECT o.id FROM tenants t JOIN orders o ON o.tenant_id = t.id WHERE t.id = $1", one, direct},
	{"SELECT id FROM tenants WHERE slug = $1", key, either},
	{"SELECT id FROM tenants", key, either},
	{"SELECT 'tenant_id = 1' FROM orders WHERE status = $1", all, either},
	{"SELECT tenant_id FROM orders WHERE status = $1", all, either},
	{"SELECT (SELECT count(*) FROM orders o WHERE o.tenant_id = t.tenant_id) FROM tickets t WHERE t.tenant_id = $1 AND t.id = $2", one, direct},
	{"SELECT row_number() OVER (ORDER BY created) FROM orders WHERE tenant_id = $1", one, direct},
	{"SELECT id FROM orders WHERE tenant_id = $1 FOR UPDATE SKIP LOCKED", one, direct},
	{"SELECT kind FROM tickets WHERE id = $1", key, either},
	{"SELECT id FROM tickets WHERE tenant_id = $1 AND kind = $2", one, direct},
	{"SELECT r.body FROM replies r JOIN tickets t ON t.id = r.ticket_id WHERE t.tenant_id = $1", one, direct},
	{"SELECT body FROM replies WHERE ticket_id = $1", key, either},
	{"SELECT body FROM replies", all, either},
	{"SELECT body FROM replies r WHERE EXISTS (SELECT FROM tickets t WHERE t.id = r.ticket_id AND t.tenant_id = $1)", one, direct},
	{"SELECT body FROM replies WHERE ticket_id IN (SELECT id FROM tickets WHERE tenant_id = $1)", one, direct},
	{"SELECT body FROM replies WHERE ticket_id NOT IN (SELECT id FROM tickets WHERE tenant_id = $1)", all, either},
	{"SELECT id FROM docs", one, direct},
	{"SELECT id FROM docs WHERE status = $1", one, direct},
	{"SELECT id FROM docs WHERE id = $1", one, direct},
	{"SELECT id FROM docs WHERE tenant_id = $1", one, direct},
	{"SELECT id FROM docs WHERE tenant_id = $1 OR status = $2", one, direct},
	{"UPDATE docs SET status = $1", one, direct},
	{"DELETE FROM docs WHERE id = $1", one, direct},
	{"SELECT d.id FROM docs d JOIN orders o ON o.id = d.id", all, either},
	{"SELECT d.id FROM docs d JOIN orders o ON o.id = d.id AND o.tenant_id = d.tenant_id", one, direct},
	{"SELECT count(*) FROM docs_cast", one, detour},
	{"SELECT id FROM docs_cast WHERE id = $1", one, either},
	{"SELECT count(*) FROM ledger", one, detour},
	{"SELECT message FROM logs WHERE tenant_id = $1", one, detour},
	{"SELECT message FROM logs WHERE tenant_id = $1 AND at BETWEEN $2 AND $3", one, detour},
	{"SELECT message FROM logs WHERE tenant_id = $1 ORDER BY at DESC LIMIT 10", one, detour},
	{"SELECT message FROM logs WHERE at > $1", all, either},
	{"SELECT name FROM little WHERE tenant_id = $1", one, direct},
	{"SELECT name FROM little", all, either},
	{"SELECT sku FROM products WHERE region = $1 AND tenant_id = $2", one, direct},
	{"SELECT sku FROM products WHERE tenant_id = $1", one, detour},
	{"SELECT id FROM events WHERE tenant_id = $1", one, direct},
	{"SELECT id FROM events", all, either},
	{"SELECT e.id FROM events e JOIN orders o ON o.tenant_id = e.tenant_id AND o.id = e.id WHERE o.tenant_id = $1", one, direct},
	{"SELECT id FROM events_0 WHERE id = $1", all, either},
	{"SELECT code FROM currencies", one, direct},
	{"SELECT o.id, x.n FROM orders o, LATERAL (SELECT count(*) AS n FROM tickets t WHERE t.tenant_id = o.tenant_id AND t.tenant_id = $1) x", all, either},
	{"SELECT o.id FROM orders o WHERE EXISTS (SELECT count(*) FROM tickets t WHERE t.tenant_id = o.tenant_id AND t.tenant_id = $1)", all, either},
	{"SELECT o.id FROM (SELECT tenant_id FROM tickets WHERE tenant_id = $1 UNION SELECT tenant_id FROM logs) u JOIN orders o ON o.tenant_id = u.tenant_id", all, either},
	{"SELECT id FROM orders WHERE tenant_id::varchar(4) = $1", all, either},
	{"SELECT id FROM orders WHERE tenant_id = (SELECT tenant_id FROM tickets WHERE id = $1)", key, either},
	{"SELECT id FROM orders WHERE tenant_id IN (SELECT id FROM tenants)", all, either},
	{"SELECT id FROM orders WHERE tenant_id IN (SELECT id FROM tenants WHERE id = $1)", one, direct},
	{"SELECT count(*) FILTER (WHERE tenant_id = $1) FROM orders", all, either},
	{"SELECT id FROM orders WHERE CASE WHEN tenant_id = $1 THEN true ELSE status = $2 END", all, either},
	{"SELECT o.id FROM orders o LEFT JOIN tickets t ON t.tenant_id = $1 AND t.id = o.id WHERE t.id IS NULL", all, either},
	{"SELECT r.body FROM replies r LEFT JOIN tickets t ON t.id = r.ticket_id AND t.tenant_id = $1", all, either},
	{"SELECT id FROM orders WHERE tenant_id = '7e4a0c1e-0000-4000-8000-00000000a0d1' AND created > now() - interval '1 day'", one, direct},
	{"SELECT id FROM orders WHERE tenant_id = '7e4a0c1e-0000-4000-8000-00000000a0d1' AND created > timestamp with time zone '2026-01-01'", one, direct},
	{"SELECT extract(epoch FROM created) FROM orders WHERE tenant_id = '7e4a0c1e-0000-4000-8000-00000000a0d1' AND created > date '2026-01-01'", one, direct},
	{"SELECT sum(CASE WHEN status = 'open' THEN 1 ELSE 0 END) FROM orders WHERE tenant_id = '7e4a0c1e-0000-4000-8000-00000000a0d1'", one, direct},
	{"SELECT id FROM orders WHERE tenant_id = '7e4a0c1e-0000-4000-8000-00000000a0d1' AND customer = ANY (ARRAY[1, 2])", one, direct},
	{"SELECT json_build_object('id', id, 'n', 1) FROM orders WHERE tenant_id = '7e4a0c1e-0000-4000-8000-00000000a0d1'", one, direct},
	{"SELECT id, unnest(ARRAY['a', 'b']) FROM orders WHERE status = 'open' AND created > now() - interval '2 hours'", all, either},
	{"SELECT id FROM docs WHERE status = 'it''s tenant_id = 1'", one, direct},
}

// audited is a database with a role of the service, an auditor and a model.
type audited struct {
	*pgtest.Database
	app, auditor string
	model        *tenancy.Model
}

func newAudited(t testing.TB, s *pgtest.Server, schema string) *audited {
	t.Helper()
	d := &audited{Database: s.Database(t, "CREATE EXTENSION pg_stat_statements; "+schema)}
	d.app = d.Role(t, "LOGIN")
	d.auditor = d.Role(t, "LOGIN NOINHERIT")
	d.Exec(t, fmt.Sprintf(`GRANT ALL ON ALL TABLES IN SCHEMA public TO %[1]s; GRANT %[1]s, pg_read_all_stats TO %[2]s;
		GRANT SET ON PARAMETER pg_stat_statements.track TO %[2]s`, d.app, d.auditor))
	t.Cleanup(func() { d.Exec(t, "REVOKE SET ON PARAMETER pg_stat_statements.track FROM "+d.auditor) })
	d.model = &tenancy.Model{Columns: []string{"tenant_id"}, ColumnType: "uuid", Settings: []string{"app.tenant_id"}, Registry: "tenants",
		Shared: []tenancy.SharedTable{{Name: "currencies", Reason: "everybody's"}}, Roles: tenancy.Roles{App: []string{d.app}}}
	return d
}

// audit judges what the service executed.
func (d *audited) audit(t *testing.T, user string, o livecheck.StatementOptions) finding.Result {
	t.Helper()
	conn := d.Connect(t, user)
	result, err := d.auditOn(t, conn, o)
	require.NoError(t, err)
	return result
}

func (d *audited) auditOn(t *testing.T, conn *pgx.Conn, o livecheck.StatementOptions) (finding.Result, error) {
	t.Helper()
	workload, err := livecheck.ReadWorkload(t.Context(), conn)
	require.NoError(t, err)
	_, result, err := livecheck.Statements(t.Context(), conn, d.read(t), workload, o)
	return result, err
}

// read reads the catalog.
func (d *audited) read(t testing.TB) *sqlcheck.Database {
	t.Helper()
	schema, err := catalog.Read(t.Context(), d.Connect(t, pgtest.Superuser))
	require.NoError(t, err)
	return &sqlcheck.Database{Schema: schema, Classes: classify.Of(schema, d.model), Model: d.model}
}

func TestShapesOnServers(t *testing.T) {
	pgtest.EachMajor(t, func(t *testing.T, s *pgtest.Server) {
		d := newAudited(t, s, shop)
		conn := d.Connect(t, d.app).PgConn()
		for i, shape := range shapes {
			sql := strings.Replace(shape.sql, " ", fmt.Sprintf(" /* shape%03d */ ", i), 1)
			_, err := conn.Exec(t.Context(), "BEGIN; SET LOCAL app.tenant_id = '7e4a0c1e-0000-4000-8000-00000000a0d1'").ReadAll()
			require.NoError(t, err)
			if n := strings.Count(sql, "$"); n > 0 {
				described, err := conn.Prepare(t.Context(), "", sql, nil)
				require.NoError(t, err, sql)
				err = conn.ExecPrepared(t.Context(), "", make([][]byte, len(described.ParamOIDs)), nil, nil).Read().Err
				require.NoError(t, err, sql)
			} else {
				_, err := conn.Exec(t.Context(), sql).ReadAll()
				require.NoError(t, err, sql)
			}
			_, err = conn.Exec(t.Context(), "ROLLBACK").ReadAll()
			require.NoError(t, err)
		}
		result := d.audit(t, d.auditor, livecheck.StatementOptions{})
		for _, skipped := range result.Skipped {
			t.Errorf("not judged: %s: %s", skipped.What, skipped.Reason)
		}
		var scopes, ways, judgedWays int
		for i, shape := range shapes {
			mark := fmt.Sprintf("shape%03d", i)
			scope, way := one, direct
			for _, u := range result.Undecided {
				if strings.Contains(u.Reason, mark) {
					scope = open
				}
			}
			for _, f := range result.Findings {
				if !strings.Contains(f.Message, mark) {
					continue
				}
				switch {
				case f.Rule == "statement-unscoped" && f.Severity == finding.Error:
					scope = all
				case f.Rule == "statement-unscoped" && scope != all:
					scope = key
				case f.Rule == "statement-multi-tenant-list" && scope == one:
					scope = many
				case f.Rule == "statement-skips-tenant-index" && f.Severity == finding.Warning:
					way = detour
				}
			}
			if shape.scope == all {
				assert.True(t, scope == all || scope == open, "%s: a leak is called %s", shape.sql, scope)
			}
			if scope == shape.scope {
				scopes++
			} else {
				t.Logf("scope: want %s, got %s: %s", shape.scope, scope, shape.sql)
			}
			if shape.access == either {
				continue
			}
			judgedWays++
			if way == shape.access {
				ways++
			} else {
				t.Logf("access: want %s, got %s: %s", shape.access, way, shape.sql)
			}
		}
		t.Logf("PostgreSQL %d: scope %d of %d right, access %d of %d", s.Major, scopes, len(shapes), ways, judgedWays)
		assert.GreaterOrEqual(t, scopes, len(shapes)*97/100)
		assert.GreaterOrEqual(t, ways, judgedWays*97/100)
		assert.True(t, slices.IsSortedFunc(sorted(result), func(a, b finding.Finding) int {
			switch {
			case a.Weight > b.Weight:
				return -1
			case a.Weight < b.Weight:
				return 1
			}
			return 0
		}))
	})
}

func sorted(r finding.Result) []finding.Finding {
	r.Sort()
	return r.Findings
}
