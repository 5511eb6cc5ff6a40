CREATE TABLE invoices (id uuid PRIMARY KEY, tenant_id uuid NOT NULL, memo text);
ALTER TABLE invoices ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON invoices USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT, INSERT, UPDATE, DELETE ON invoices TO app_user;
CREATE TABLE invoice_log (tenant_id uuid NOT NULL, memo text);
CREATE RULE log AS ON UPDATE TO invoices DO ALSO INSERT INTO invoice_log VALUES (NEW.tenant_id, NEW.memo);
CREATE TABLE inbox (tenant_id uuid NOT NULL, memo text);
CREATE RULE purge AS ON INSERT TO inbox DO ALSO DELETE FROM invoices;
