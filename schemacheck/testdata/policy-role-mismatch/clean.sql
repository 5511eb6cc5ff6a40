-- model: superuser
CREATE ROLE web NOLOGIN;
GRANT web TO app_user;
CREATE ROLE report LOGIN;
CREATE TABLE orders (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
ALTER TABLE orders ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON orders TO web USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE TABLE refunds (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
ALTER TABLE refunds ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON refunds USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT ON orders, refunds TO app_user;
-- The application has no business here.
CREATE TABLE totals (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
ALTER TABLE totals ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON totals TO report USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT ON totals TO report;
