-- A restrictive policy fences a permissive one that admits all.
CREATE TABLE tickets (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
ALTER TABLE tickets ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY everybody ON tickets USING (true) WITH CHECK (true);
CREATE POLICY tenant ON tickets AS RESTRICTIVE USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT, INSERT, UPDATE, DELETE ON tickets TO app_user;

-- USING judges new rows too, and a policy for a role that the application has not.
CREATE TABLE tasks (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
ALTER TABLE tasks ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON tasks USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY backfill ON tasks TO app_owner USING (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON tasks TO app_user;

-- The application cannot write the tenant column.
CREATE TABLE notes (
    id        uuid PRIMARY KEY,
    tenant_id uuid NOT NULL DEFAULT nullif(current_setting('app.tenant_id', true), '')::uuid,
    body      text
);
ALTER TABLE notes ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON notes USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) WITH CHECK (true);
GRANT SELECT, DELETE, INSERT (id, body), UPDATE (body) ON notes TO app_user;

-- A child through its parent.
CREATE TABLE task_steps (id uuid PRIMARY KEY, task_id uuid NOT NULL REFERENCES tasks);
ALTER TABLE task_steps ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON task_steps USING (EXISTS (SELECT 1 FROM tasks t
    WHERE t.id = task_steps.task_id AND t.tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid));
GRANT SELECT, INSERT ON task_steps TO app_user;
