-- model: superuser
CREATE TABLE orders (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
ALTER TABLE orders ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON orders USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
GRANT ALL ON orders TO app_user; -- want grant-truncate "role app_user may TRUNCATE public.orders"
CREATE TABLE refunds (id uuid PRIMARY KEY, tenant_id uuid NOT NULL); -- want grant-truncate "role app_user may TRUNCATE public.refunds"
ALTER TABLE refunds ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON refunds USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
ALTER TABLE refunds OWNER TO app_user;
