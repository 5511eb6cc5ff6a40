CREATE TABLE invoices (id uuid PRIMARY KEY, tenant_id uuid NOT NULL, memo text);
ALTER TABLE invoices ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON invoices USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT, INSERT, UPDATE, DELETE ON invoices TO app_user;
CREATE VIEW invoice_list WITH (security_invoker) AS SELECT id, memo FROM invoices;
CREATE OR REPLACE VIEW invoice_list AS SELECT id, memo, length(memo) AS size FROM invoices; -- want view-bypasses-rls "view public.invoice_list reads public.invoices with the rights of its owner app_owner"
GRANT SELECT ON invoice_list TO app_user;

CREATE TABLE orders (id uuid PRIMARY KEY, tenant_id uuid NOT NULL, note text);
CREATE VIEW my_orders WITH (security_barrier) AS -- want view-bypasses-rls "lets role app_user write rows of other tenants"
    SELECT id, tenant_id, note FROM orders WHERE tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid;
GRANT SELECT, INSERT ON my_orders TO app_user;
