CREATE TABLE orders (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
ALTER TABLE orders ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON orders USING (tenant_id = current_setting('app.tenant_id', true)::uuid); -- want policy-unsafe-cast "policy tenant of public.orders casts setting app.tenant_id to uuid"
CREATE TABLE refunds (id uuid PRIMARY KEY, tenant_id bigint NOT NULL);
ALTER TABLE refunds ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON refunds
    USING (tenant_id = (SELECT current_setting('app.tenant_id', true)::bigint)); -- want policy-unsafe-cast "casts setting app.tenant_id to int8"
GRANT SELECT ON orders, refunds TO app_user;
