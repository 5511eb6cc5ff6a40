-- The application reads invoices under a policy, and has no privilege on the archive.
CREATE TABLE invoices (id uuid PRIMARY KEY, tenant_id uuid NOT NULL, memo text);
ALTER TABLE invoices ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON invoices USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT, INSERT ON invoices TO app_user;

CREATE TABLE archive (id uuid PRIMARY KEY, tenant_id uuid NOT NULL, memo text);

CREATE TABLE currencies (code text PRIMARY KEY);
GRANT SELECT ON currencies TO app_user;
