CREATE TABLE orders (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
CREATE POLICY tenant ON orders -- want policy-without-rls "policy tenant of public.orders has no effect"
    USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE TABLE refunds (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
CREATE POLICY tenant ON refunds USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
ALTER TABLE refunds FORCE ROW LEVEL SECURITY; -- want policy-without-rls "policy tenant of public.refunds has no effect"
GRANT SELECT ON orders, refunds TO app_user;
