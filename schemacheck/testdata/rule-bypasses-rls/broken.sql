CREATE TABLE invoices (id uuid PRIMARY KEY, tenant_id uuid NOT NULL, memo text);
ALTER TABLE invoices ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON invoices USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT, INSERT, UPDATE, DELETE ON invoices TO app_user;
CREATE TABLE inbox (tenant_id uuid NOT NULL, memo text);
ALTER TABLE inbox ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON inbox USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE RULE purge AS ON INSERT TO inbox DO ALSO DELETE FROM invoices; -- want rule-bypasses-rls "rule purge of public.inbox works on public.invoices with the rights of the table's owner app_owner"
GRANT INSERT ON inbox TO app_user;
