-- Open on a fresh connection.
CREATE TABLE invoices (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
ALTER TABLE invoices ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON invoices USING (current_setting('app.tenant_id', true) IS NULL -- want policy-fails-open "lets role app_user see rows of other tenants while no tenant is set"
    OR tenant_id = current_setting('app.tenant_id', true)::uuid);
GRANT SELECT ON invoices TO app_user;

-- Open on a connection that another transaction has used.
CREATE TABLE orders (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
ALTER TABLE orders ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON orders USING (current_setting('app.tenant_id', true) = '' -- want policy-fails-open "while no tenant is set"
    OR tenant_id::text = current_setting('app.tenant_id', true));
GRANT SELECT ON orders TO app_user;

-- The column is compared with itself.
CREATE TABLE refunds (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
ALTER TABLE refunds ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON refunds
    USING (tenant_id = coalesce(nullif(current_setting('app.tenant_id', true), ''), tenant_id::text)::uuid); -- want policy-fails-open "while no tenant is set"
GRANT SELECT ON refunds TO app_user;
