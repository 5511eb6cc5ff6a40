CREATE TABLE orders (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
ALTER TABLE orders ENABLE ROW LEVEL SECURITY; -- want rls-no-policy "nobody but the owner sees a row"
CREATE TABLE refunds (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
ALTER TABLE refunds ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON refunds AS RESTRICTIVE -- want rls-no-policy "an outage, as nobody sees a row, the owner included"
    USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT ON orders, refunds TO app_user;
