package livecheck_test

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
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

// tenantA is the tenant that statements are executed and planned for.
const tenantA = "7e4a0c1e-0000-4000-8000-00000000a0d1"

// shop is a schema with tables that policies protect and tables that none does. A tenant has 1 of
// 400 rows of the large tables; the first tenant is tenantA, who alone never voids an order.
const shop = `
CREATE FUNCTION tenant(bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$ SELECT CASE WHEN $1 % 400 = 0 THEN '` + tenantA + `' ELSE md5($1 % 400 || '')::uuid END $$;
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
INSERT INTO tenants SELECT tenant(i), 'tenant' || i FROM generate_series(1, 400) i;
INSERT INTO currencies VALUES ('EUR'), ('USD'), ('void');
INSERT INTO orders SELECT tenant(i), i, i % 900, CASE WHEN i % 3 = 0 THEN 'open' WHEN i % 5 = 1 THEN 'void' ELSE 'paid' END FROM generate_series(1, 40000) i;
INSERT INTO tickets SELECT i, tenant(i) FROM generate_series(1, 40000) i;
INSERT INTO replies SELECT i, i FROM generate_series(1, 40000) i;
INSERT INTO docs SELECT tenant_id, id, status FROM orders;
INSERT INTO docs_cast SELECT tenant_id, id FROM orders;
INSERT INTO ledger SELECT tenant_id, id FROM orders;
INSERT INTO logs SELECT tenant_id, now() - id * interval '1 minute', 'x' FROM orders;
INSERT INTO little SELECT id, slug FROM tenants ORDER BY slug DESC LIMIT 20; INSERT INTO little VALUES ('` + tenantA + `', 'a');
INSERT INTO products SELECT 'r' || id % 50, tenant_id, id::text FROM orders;
INSERT INTO events SELECT tenant_id, id FROM orders;
CREATE TABLE issues (id bigint PRIMARY KEY, tenant_id uuid NOT NULL, kind kind NOT NULL, price numeric NOT NULL, tags text[] NOT NULL, title text NOT NULL);
CREATE INDEX ON issues (tenant_id, kind);
CREATE INDEX ON issues (price);
CREATE INDEX ON issues USING gin (tags);
ALTER TABLE issues ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON issues USING (tenant_id = current_tenant());
INSERT INTO issues SELECT i, tenant(i), 'bug', i % 500, ARRAY['t' || i % 700], 'x' FROM generate_series(1, 40000) i;
CREATE TABLE articles (id bigint PRIMARY KEY, tenant_id uuid NOT NULL, tags text[] NOT NULL);
CREATE INDEX ON articles USING gin (tags);
ALTER TABLE articles ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON articles USING (tenant_id = current_tenant());
INSERT INTO articles SELECT id, tenant_id, tags FROM issues;
CREATE TABLE files (tenant_id uuid NOT NULL, id bigint NOT NULL, PRIMARY KEY (tenant_id, id));
ALTER TABLE files ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON files USING (tenant_id = current_tenant() OR current_setting('app.admin', true) = 'on');
CREATE TABLE photos (tenant_id uuid NOT NULL, id bigint NOT NULL, PRIMARY KEY (tenant_id, id));
ALTER TABLE photos ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON photos USING (tenant_id = current_tenant() OR (id < 0 AND tenant_id = current_tenant()));
INSERT INTO photos SELECT tenant_id, id FROM orders;
INSERT INTO files SELECT tenant_id, id FROM orders;
CREATE TABLE invoices (tenant_id uuid NOT NULL, id bigint NOT NULL, due date NOT NULL, PRIMARY KEY (tenant_id, id, due)) PARTITION BY RANGE (due);
CREATE TABLE invoices_2025 PARTITION OF invoices FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE invoices_2026 PARTITION OF invoices FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
INSERT INTO invoices SELECT tenant_id, id, date '2025-06-01' + (id % 400)::int FROM orders;
CREATE TABLE metrics (tenant_id uuid NOT NULL, id bigint NOT NULL, PRIMARY KEY (tenant_id, id)) PARTITION BY HASH (tenant_id);
CREATE TABLE metrics_0 PARTITION OF metrics FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE metrics_1 PARTITION OF metrics FOR VALUES WITH (MODULUS 2, REMAINDER 1);
ALTER TABLE metrics ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON metrics USING (tenant_id = current_tenant());
INSERT INTO metrics SELECT tenant_id, id FROM orders;
CREATE TABLE jobs (id bigint PRIMARY KEY, tenant_id uuid NOT NULL, done bool NOT NULL);
CREATE INDEX ON jobs (tenant_id) WHERE NOT done;
INSERT INTO jobs SELECT id, tenant_id, id % 2 = 0 FROM orders;
CREATE TABLE hashed (id bigint PRIMARY KEY, tenant_id uuid NOT NULL);
CREATE INDEX ON hashed USING hash (tenant_id);
INSERT INTO hashed SELECT id, tenant_id FROM orders;
CREATE TABLE flags (tenant_id uuid NOT NULL, name text NOT NULL);
ALTER TABLE flags ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON flags USING (tenant_id = current_tenant());
INSERT INTO flags SELECT tenant_id, name FROM little;
CREATE VIEW my_docs WITH (security_invoker) AS SELECT * FROM docs;
CREATE VIEW all_docs AS SELECT * FROM docs;
CREATE VIEW open_orders AS SELECT * FROM orders WHERE status = 'open';
CREATE FUNCTION docs_of_all() RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN RETURN (SELECT count(*) FROM docs); END $$;
CREATE FUNCTION orders_of_all() RETURNS SETOF bigint LANGUAGE plpgsql AS $$ BEGIN RETURN QUERY SELECT id FROM orders; END $$;
CREATE FUNCTION my_docs_count() RETURNS bigint LANGUAGE plpgsql STABLE AS $$ BEGIN RETURN (SELECT count(*) FROM docs); END $$;
ANALYZE`

// onlyA leaves the rows of tenantA.
const onlyA = `DO $$ DECLARE t text; BEGIN
	DELETE FROM replies WHERE ticket_id IN (SELECT id FROM tickets WHERE tenant_id <> '` + tenantA + `');
	FOR t IN SELECT c.oid::regclass FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' WHERE c.relkind = 'r' LOOP
		EXECUTE 'DELETE FROM ' || t || ' WHERE tenant_id <> ''` + tenantA + `''';
	END LOOP;
	DELETE FROM tenants WHERE id <> '` + tenantA + `';
END $$`

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
	{"SELECT id, status FROM orders WHERE tenant_id IN ('7e4a0c1e-0000-4000-8000-00000000a0d1', '8f14e45f-ceea-167a-5a36-dedd4bea2543', '7e4a0c1e-0000-4000-8000-00000000a0d3')", many, direct},
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
	{"SELECT id FROM orders WHERE tenant_id = $1 EXCEPT SELECT id - 1 FROM tickets", all, either},
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
	{"SELECT id FROM tenants", all, either},
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
	{"SELECT d.id FROM docs d JOIN orders o ON o.id = d.id + 1", all, either},
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
	{"SELECT id FROM orders WHERE tenant_id = $1 AND (status = 'open' OR customer = 5)", one, direct},
	{"SELECT id FROM orders WHERE (tenant_id = $1 AND status = 'open') OR (tenant_id = $1 AND customer = 5)", one, direct},
	{"SELECT id FROM orders WHERE (tenant_id = $1 AND status = 'open') OR customer = $2", all, either},
	{"SELECT id FROM orders WHERE tenant_id = $1 AND NOT status = 'open'", one, direct},
	{"SELECT id FROM orders WHERE NOT tenant_id = $1", all, either},
	{"SELECT id FROM orders WHERE NOT (tenant_id = $1 AND status = 'open')", all, either},
	{"SELECT id FROM orders WHERE tenant_id IS NOT NULL", all, either},
	{"SELECT id FROM orders WHERE tenant_id::text LIKE $1", all, either},
	{"SELECT id FROM orders WHERE tenant_id = $1 OR $2", all, either},
	{"SELECT id FROM orders WHERE tenant_id = $1 INTERSECT SELECT id FROM tickets WHERE id < 50", all, either},
	{"SELECT id FROM orders WHERE tenant_id = $1 INTERSECT SELECT id FROM tickets WHERE tenant_id = $1", one, direct},
	{"(SELECT id FROM orders WHERE tenant_id = $1 LIMIT 1) UNION ALL (SELECT id FROM orders LIMIT 1)", all, either},
	{"SELECT o.id FROM orders o JOIN tickets t USING (tenant_id) WHERE o.tenant_id = $1 AND t.id < 1000", one, direct},
	{"SELECT o.id, t.id FROM orders o CROSS JOIN tickets t WHERE o.tenant_id = $1 AND t.id < 20", all, either},
	{"SELECT count(*) FROM orders o, docs d WHERE o.tenant_id = d.tenant_id", one, direct},
	{"SELECT count(*) FROM orders o LEFT JOIN docs d ON o.tenant_id = d.tenant_id AND o.id = d.id", all, either},
	{"SELECT count(*) FROM docs d LEFT JOIN orders o ON o.tenant_id = d.tenant_id AND o.id = d.id", one, direct},
	{"SELECT count(*) FROM docs d RIGHT JOIN orders o ON o.tenant_id = d.tenant_id AND o.id = d.id", all, either},
	{"SELECT a.id FROM orders a JOIN orders b ON a.customer = b.customer AND a.tenant_id <> b.tenant_id WHERE a.tenant_id = $1", all, either},
	{"SELECT a.id FROM orders a JOIN orders b ON a.tenant_id = b.tenant_id JOIN orders c ON b.tenant_id = c.tenant_id AND b.id = c.id WHERE c.tenant_id = $1", one, direct},
	{"WITH RECURSIVE w AS (SELECT id, customer FROM orders WHERE tenant_id = $1 AND id < 1000 UNION SELECT o.id, o.customer FROM orders o JOIN w ON o.id = w.customer) SELECT id FROM w", all, either},
	{"WITH d AS (DELETE FROM orders WHERE tenant_id = $1 RETURNING id) SELECT count(*) FROM d", one, direct},
	{"WITH u AS (UPDATE orders SET status = 'x' WHERE status = $1 RETURNING id) SELECT id FROM u", all, either},
	{"WITH w AS MATERIALIZED (SELECT * FROM orders) SELECT id FROM w WHERE tenant_id = $1 AND id < 1000", one, detour},
	{"WITH a AS (SELECT id FROM tickets WHERE tenant_id = $1), b AS (SELECT id FROM tickets) SELECT count(*) FROM a, b", all, either},
	{"SELECT rank() OVER (PARTITION BY tenant_id ORDER BY id) FROM orders WHERE tenant_id = $1", one, direct},
	{"SELECT id FROM (SELECT id, tenant_id, rank() OVER (PARTITION BY tenant_id ORDER BY id) AS r FROM orders) x WHERE tenant_id = $1 AND r < 5", one, direct},
	{"SELECT id, r FROM (SELECT id, tenant_id, rank() OVER (ORDER BY id) AS r FROM orders) x WHERE tenant_id = $1", all, either},
	{"SELECT DISTINCT ON (customer) id FROM orders WHERE tenant_id = $1 ORDER BY customer, id", one, direct},
	{"SELECT id, (SELECT max(id) FROM orders) FROM tickets WHERE tenant_id = $1", all, either},
	{"SELECT id FROM orders WHERE tenant_id = $1 AND id > (SELECT avg(id) FROM tickets)", all, either},
	{"SELECT id FROM orders WHERE tenant_id = $1 AND customer > (SELECT avg(customer) FROM orders b WHERE b.tenant_id = $1)", one, direct},
	{"SELECT EXISTS (SELECT FROM orders WHERE tenant_id = $1)", one, direct},
	{"SELECT EXISTS (SELECT FROM orders WHERE status = 'void')", all, either},
	{"SELECT id FROM orders WHERE tenant_id = (SELECT id FROM tenants WHERE slug = $1)", key, either},
	{"UPDATE docs SET status = 'x' FROM orders o WHERE o.tenant_id = docs.tenant_id AND o.id = docs.id", one, direct},
	{"DELETE FROM docs USING tickets t WHERE t.id = docs.id + 1", key, either},
	{"MERGE INTO little l USING (SELECT $1::uuid AS tenant) s ON l.tenant_id = s.tenant WHEN MATCHED THEN UPDATE SET name = 'x'", one, direct},
	{"MERGE INTO orders o USING currencies c ON o.status = c.code WHEN MATCHED THEN DELETE", all, either},
	{"INSERT INTO docs (tenant_id, id, status) VALUES ('7e4a0c1e-0000-4000-8000-00000000a0d1', 1, 'x') ON CONFLICT (tenant_id, id) DO UPDATE SET status = excluded.status", one, either},
	{"INSERT INTO logs SELECT tenant_id, now(), status FROM docs", one, direct},
	{"SELECT count(*) FROM invoices WHERE tenant_id = $1", one, direct},
	{"SELECT count(*) FROM invoices WHERE tenant_id = $1 AND due > date '2026-01-01'", one, direct},
	{"SELECT count(*) FROM invoices WHERE due > $1", all, either},
	{"SELECT count(*) FROM invoices_2026 WHERE tenant_id = $1", one, direct},
	{"SELECT count(*) FROM invoices_2026", all, either},
	{"SELECT count(*) FROM metrics", one, direct},
	{"SELECT count(*) FROM metrics WHERE id = $1", one, direct},
	{"SELECT count(*) FROM metrics_1", all, either},
	{"SELECT id FROM issues WHERE kind = $1", one, direct},
	{"SELECT id FROM issues WHERE price = $1", one, direct},
	{"SELECT id FROM issues WHERE tags @> $1", one, direct},
	{"SELECT id FROM issues WHERE title ILIKE $1", one, direct},
	{"SELECT id FROM articles WHERE tags @> $1", one, detour},
	{"SELECT id FROM articles WHERE id = $1", one, direct},
	{"SELECT count(*) FROM files", open, either},
	{"SELECT count(*) FROM photos", one, either},
	{"SELECT count(*) FROM jobs WHERE tenant_id = $1 AND NOT done", one, direct},
	{"SELECT count(*) FROM jobs WHERE tenant_id = $1 AND done", one, detour},
	{"SELECT count(*) FROM hashed WHERE tenant_id = $1", one, direct},
	{"SELECT name FROM flags", one, direct},
	{"SELECT name FROM flags WHERE name = $1", one, direct},
	{"SELECT count(*) FROM my_docs", one, direct},
	{"SELECT count(*) FROM all_docs", all, either},
	{"SELECT count(*) FROM all_docs WHERE tenant_id = $1", one, direct},
	{"SELECT count(*) FROM open_orders", all, either},
	{"SELECT count(*) FROM open_orders WHERE tenant_id = $1", one, direct},
	{"SELECT docs_of_all()", open, either},
	{"SELECT * FROM orders_of_all()", open, either},
	{"SELECT my_docs_count()", one, either},
	{"SELECT date_trunc('week', created), count(*) FROM orders WHERE tenant_id = '7e4a0c1e-0000-4000-8000-00000000a0d1' GROUP BY date_trunc('week', created)", one, direct},
	{"SELECT date_trunc('week', created), count(*) FROM orders GROUP BY date_trunc('week', created)", all, either},
	{"SELECT status || '-', count(*) FROM orders WHERE tenant_id = '7e4a0c1e-0000-4000-8000-00000000a0d1' GROUP BY status || '-' ORDER BY status || '-'", one, direct},
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

// TestStatementShapes judges the shapes on each version, and measures on the server whether the truth about
// them is one: what a statement of tenantA returns, or how many rows it changes, depends on the rows of
// other tenants exactly when it is not confined to one. SQL means the same on each version, so that one
// of them measures unless TENANTVET_TRUTH=all.
func TestStatementShapes(t *testing.T) {
	require.GreaterOrEqual(t, len(shapes), 120)
	pgtest.EachMajor(t, func(t *testing.T, s *pgtest.Server) {
		d := newAudited(t, s, shop)
		measured := os.Getenv("TENANTVET_TRUTH") == "all" || s.Major == pgtest.Majors()[0]
		var alone *pgx.Conn
		if measured {
			alone = d.aloneOf(t)
		}
		conn := d.Connect(t, d.app)
		for i, shape := range shapes {
			sql := strings.Replace(shape.sql, " ", fmt.Sprintf(" /* shape%03d */ ", i), 1)
			values := bindings(t, conn, sql, shape.scope == one)
			if !measured {
				outcome(t, conn, sql, values[0])
				continue
			}
			depends := slices.ContainsFunc(values, func(v []*string) bool { return outcome(t, conn, sql, v) != outcome(t, alone, sql, v) })
			if shape.scope != open {
				assert.Equal(t, shape.scope != one, depends, "does it depend on other tenants' rows? %s", shape.sql)
			}
		}
		conn = d.Connect(t, d.auditor)
		workload, err := livecheck.ReadWorkload(t.Context(), conn)
		require.NoError(t, err)
		judged, _, err := livecheck.Statements(t.Context(), conn, d.read(t), workload, livecheck.StatementOptions{})
		require.NoError(t, err)
		assert.True(t, slices.IsSortedFunc(judged, func(a, b livecheck.Statement) int { return cmp.Compare(b.Total, a.Total) }))

		var scopes, ways, ofWays int
		for i, shape := range shapes {
			at := slices.IndexFunc(judged, func(s livecheck.Statement) bool { return strings.Contains(s.Text, fmt.Sprintf("shape%03d", i)) })
			if !assert.GreaterOrEqual(t, at, 0, "not judged: %s", shape.sql) {
				continue
			}
			statement := judged[at]
			assert.Empty(t, statement.Unjudged, shape.sql)
			scope, way := said[statement.Scope], direct
			if statement.Access == livecheck.PastTenant {
				way = detour
			}
			if shape.scope != one {
				assert.NotEqual(t, one, scope, "a leak is called pinned: %s", shape.sql)
			}
			if scope == shape.scope {
				scopes++
			} else {
				t.Logf("scope: want %s, got %s (%s): %s", shape.scope, scope, statement.Reason, shape.sql)
			}
			if shape.access == either {
				continue
			}
			if ofWays++; way == shape.access {
				ways++
			} else {
				t.Logf("access: want %s, got %s (%s): %s", shape.access, way, statement.Reason, shape.sql)
			}
		}
		t.Logf("| PostgreSQL %d | scope %d of %d, %.1f %% | access %d of %d, %.1f %% |", s.Major,
			scopes, len(shapes), 100*float64(scopes)/float64(len(shapes)), ways, ofWays, 100*float64(ways)/float64(ofWays))
		assert.GreaterOrEqual(t, scopes*100, len(shapes)*97)
		assert.GreaterOrEqual(t, ways*100, ofWays*97)
	})
}

// said are the names of the scopes in the table of shapes.
var said = map[livecheck.Scope]string{
	livecheck.NoTenant: one, livecheck.OneTenant: one, livecheck.TenantList: many,
	livecheck.ByKey: key, livecheck.UndecidedScope: open, livecheck.EveryTenant: all,
}

// aloneOf connects the service to a copy of the database in which tenantA is the only tenant.
func (d *audited) aloneOf(t *testing.T) *pgx.Conn {
	t.Helper()
	alone := d.Server.Database(t)
	d.Server.Exec(t, "postgres", "DROP DATABASE "+alone.Name)
	d.Server.Exec(t, "postgres", fmt.Sprintf("CREATE DATABASE %s TEMPLATE %s", alone.Name, d.Name))
	alone.Exec(t, onlyA)
	return alone.Connect(t, d.app)
}

// bindings are the parameters that a statement is tried with: values of tenantA, of others, and NULL.
// Where the statement names one tenant, that is tenantA.
func bindings(t *testing.T, conn *pgx.Conn, sql string, oneTenant bool) [][]*string {
	t.Helper()
	described, err := conn.PgConn().Prepare(t.Context(), "", sql, nil)
	require.NoError(t, err, sql)
	tenants := []string{tenantA, "NULL"}
	if !oneTenant {
		tenants = append(tenants, other)
	}
	candidates := map[uint32][]string{
		pgtype.UUIDOID: tenants, pgtype.UUIDArrayOID: {"{" + tenantA + "," + other + "}"}, pgtype.BoolOID: {"false", "true"},
		pgtype.TextOID: {"void", "open", tenantA, "8f14", "tenant7", "%", "x"}, pgtype.TextArrayOID: {"{t7}", "{t400}"},
		pgtype.Int8OID: {"7", "16", "400"}, pgtype.NumericOID: {"7", "400"}, pgtype.DateOID: {"2026-01-01"}, pgtype.TimestamptzOID: {"2000-01-01", "2100-01-01"},
	}
	all := [][]*string{nil}
	for _, oid := range described.ParamOIDs {
		values := candidates[oid]
		if values == nil {
			values = []string{"bug"}
		}
		var longer [][]*string
		for _, before := range all {
			for _, v := range values {
				value := &v
				if v == "NULL" {
					value = nil
				}
				longer = append(longer, append(before[:len(before):len(before)], value))
			}
		}
		all = longer
	}
	return all
}

// other is a tenant beside tenantA, the owner of the rows with the number 7.
const other = "8f14e45f-ceea-167a-5a36-dedd4bea2543"

// outcome executes a statement as tenantA, takes it back, and returns what it says: its rows in any
// order, how many rows it changed, or the error.
func outcome(t *testing.T, conn *pgx.Conn, sql string, values []*string) string {
	t.Helper()
	pg := conn.PgConn()
	_, err := pg.Exec(t.Context(), "BEGIN; SET LOCAL statement_timeout = '20s'; SET LOCAL app.tenant_id = '"+tenantA+"'").ReadAll()
	require.NoError(t, err)
	var lines []string
	var result *pgconn.Result
	if len(values) == 0 { // so that the server normalizes it
		results, err := pg.Exec(t.Context(), sql).ReadAll()
		require.NoError(t, err, sql)
		result = results[0]
	} else {
		encoded := make([][]byte, len(values))
		for i, v := range values {
			if v != nil {
				encoded[i] = []byte(*v)
			}
		}
		result = pg.ExecParams(t.Context(), sql, encoded, nil, nil, nil).Read()
		if result.Err != nil {
			lines = append(lines, result.Err.Error())
		}
	}
	for _, row := range result.Rows {
		lines = append(lines, fmt.Sprintf("%q", row))
	}
	slices.Sort(lines)
	_, err = pg.Exec(t.Context(), "ROLLBACK").ReadAll()
	require.NoError(t, err)
	return result.CommandTag.String() + "\n" + strings.Join(lines, "\n")
}
