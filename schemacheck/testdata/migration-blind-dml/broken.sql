CREATE TABLE orders (id uuid PRIMARY KEY, tenant_id uuid NOT NULL, state text NOT NULL);
ALTER TABLE orders ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON orders USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE TABLE old_orders (id uuid PRIMARY KEY, tenant_id uuid NOT NULL, state text NOT NULL);
ALTER TABLE old_orders ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON old_orders TO app_user USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT, INSERT, UPDATE, DELETE ON orders, old_orders TO app_user;

UPDATE orders SET state = 'open' WHERE state = 'new'; -- want migration-blind-dml "UPDATE of public.orders under row-level security without a tenant"
DELETE FROM old_orders; -- want migration-blind-dml "DELETE from public.old_orders"
INSERT INTO old_orders -- want migration-blind-dml "INSERT of rows selected from public.orders"
    SELECT o.id, o.tenant_id, s.state FROM (VALUES ('x')) AS s (state) JOIN orders o ON o.state = s.state;
MERGE INTO orders o USING (VALUES ('new', 'open')) AS s (before, after) ON o.state = s.before -- want migration-blind-dml "MERGE into public.orders"
    WHEN MATCHED THEN UPDATE SET state = s.after;
