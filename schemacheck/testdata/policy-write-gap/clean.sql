-- A restrictive policy fences a permissive one that admits all.
CREATE TABLE tickets (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
ALTER TABLE tickets ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY everybody ON tickets USING (true) WITH CHECK (true);
CREATE POLICY tenant ON tickets AS RESTRICTIVE USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT, INSERT, UPDATE, DELETE ON tickets TO app_user;

-- USING judges new rows too, of UPDATE as of INSERT.
CREATE TABLE tasks (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
ALTER TABLE tasks ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON tasks USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT, INSERT, UPDATE, DELETE ON tasks TO app_user;

-- A policy for each command that is granted.
CREATE TABLE notes (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
ALTER TABLE notes ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY readers ON notes FOR SELECT USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY writers ON notes FOR INSERT WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY editors ON notes FOR UPDATE USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT, INSERT, UPDATE ON notes TO app_user;

-- The application cannot write the tenant column.
CREATE TABLE drafts (
    id        uuid PRIMARY KEY,
    tenant_id uuid NOT NULL DEFAULT nullif(current_setting('app.tenant_id', true), '')::uuid,
    body      text
);
ALTER TABLE drafts ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON drafts USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) WITH CHECK (true);
GRANT SELECT, DELETE, INSERT (id, body), UPDATE (body) ON drafts TO app_user;

-- A log that is written and never read by the application.
CREATE TABLE log (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
ALTER TABLE log ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY writers ON log FOR INSERT WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
GRANT INSERT ON log TO app_user;
