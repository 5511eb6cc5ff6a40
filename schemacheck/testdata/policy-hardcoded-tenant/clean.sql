-- model: superuser=yes
-- Rows of nobody, and a default that the session gives.
CREATE TABLE orders (
    id        bigint PRIMARY KEY,
    tenant_id bigint NOT NULL DEFAULT nullif(current_setting('app.tenant_id', true), '')::bigint,
    kind      text NOT NULL DEFAULT 'plain'
);
ALTER TABLE orders ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON orders USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::bigint AND kind = 'plain');
CREATE VIEW plain_orders WITH (security_invoker) AS SELECT id FROM orders WHERE kind = 'plain' AND tenant_id <> 0;
GRANT SELECT, INSERT ON orders, plain_orders TO app_user;

-- One tenant's rows for its own role only.
CREATE ROLE acme;
CREATE TABLE refunds (id uuid PRIMARY KEY, tenant_id text NOT NULL);
ALTER TABLE refunds ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY acme ON refunds TO acme USING (tenant_id = 'acme');
CREATE POLICY tenant ON refunds TO app_user USING (tenant_id = nullif(current_setting('app.tenant_id', true), ''));
GRANT SELECT ON refunds TO app_user, acme;
