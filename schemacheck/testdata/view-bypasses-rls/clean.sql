CREATE TABLE invoices (id uuid PRIMARY KEY, tenant_id uuid NOT NULL, memo text);
ALTER TABLE invoices ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON invoices USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT, INSERT, UPDATE, DELETE ON invoices TO app_user;
CREATE VIEW as_caller WITH (security_invoker) AS SELECT id, memo FROM invoices;
CREATE VIEW over_invoker AS SELECT id FROM as_caller;
CREATE VIEW filtered WITH (security_barrier) AS
    SELECT id, tenant_id, memo FROM invoices WHERE tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid
    WITH CASCADED CHECK OPTION;
CREATE VIEW internal AS SELECT id FROM invoices;
GRANT SELECT ON as_caller, over_invoker TO app_user;
GRANT SELECT, INSERT, UPDATE ON filtered TO app_user;

CREATE TABLE orders (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
ALTER TABLE orders ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON orders USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE VIEW order_ids AS SELECT id FROM orders;
GRANT SELECT ON order_ids TO app_user;
