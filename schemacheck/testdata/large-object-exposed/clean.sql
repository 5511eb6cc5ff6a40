CREATE TABLE attachments (id uuid PRIMARY KEY, tenant_id uuid NOT NULL, body bytea);
ALTER TABLE attachments ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON attachments USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT, INSERT ON attachments TO app_user;
