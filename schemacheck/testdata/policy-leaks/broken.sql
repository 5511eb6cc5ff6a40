-- The restrictive policy covers SELECT alone.
CREATE TABLE tickets (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
ALTER TABLE tickets ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY everybody ON tickets USING (true); -- want policy-leaks "policy everybody of public.tickets lets role app_user create, change and delete rows of other tenants"
CREATE POLICY tenant ON tickets AS RESTRICTIVE FOR SELECT USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT, INSERT, UPDATE, DELETE ON tickets TO app_user;

CREATE TABLE tasks (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
ALTER TABLE tasks ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON tasks
    USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    WITH CHECK (tenant_id IS NOT NULL); -- want policy-leaks "create and turn its own into rows of other tenants"
GRANT SELECT, INSERT, UPDATE, DELETE ON tasks TO app_user;

CREATE TABLE articles (id uuid PRIMARY KEY, tenant_id uuid NOT NULL, status text);
ALTER TABLE articles ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON articles FOR SELECT
    USING (status = 'published' OR status = 'draft' AND tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid); -- want policy-leaks "lets role app_user see rows of other tenants"
GRANT SELECT ON articles TO app_user;

-- The subquery does not tie the parent to the row.
CREATE TABLE task_steps (id uuid PRIMARY KEY, task_id uuid NOT NULL REFERENCES tasks);
ALTER TABLE task_steps ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON task_steps USING (EXISTS (SELECT 1 FROM tasks t -- want policy-leaks "policy tenant of public.task_steps"
    WHERE t.tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid));
GRANT SELECT ON task_steps TO app_user;

-- Any client can SET a custom setting.
CREATE TABLE reports (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
ALTER TABLE reports ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON reports
    USING (current_setting('app.admin', true) = 'on' -- want policy-leaks "policy tenant of public.reports"
           OR tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT ON reports TO app_user;

-- The user of a membership may be anybody's, but who writes the row makes itself a member.
CREATE TABLE memberships (user_id uuid NOT NULL, tenant_id uuid NOT NULL, PRIMARY KEY (user_id, tenant_id));
ALTER TABLE memberships ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON memberships USING (user_id = nullif(current_setting('app.user_id', true), '')::uuid); -- want policy-leaks "lets role app_user create rows of other tenants"
GRANT SELECT, INSERT ON memberships TO app_user;
