-- The restrictive policy covers SELECT alone.
CREATE TABLE tickets (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
ALTER TABLE tickets ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY everybody ON tickets USING (true); -- want policy-write-gap "policy everybody of public.tickets lets role app_user create, change and delete rows of other tenants, though it can read its own tenant's only"
CREATE POLICY tenant ON tickets AS RESTRICTIVE FOR SELECT USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT, INSERT, UPDATE, DELETE ON tickets TO app_user;

-- WITH CHECK is weaker than USING.
CREATE TABLE tasks (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
ALTER TABLE tasks ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON tasks
    USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    WITH CHECK (tenant_id IS NOT NULL); -- want policy-write-gap "create and turn its own into rows of other tenants"
GRANT SELECT, INSERT, UPDATE, DELETE ON tasks TO app_user;

-- Rows can be moved, and DELETE without WHERE is not held to the SELECT policy.
CREATE TABLE notes (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
ALTER TABLE notes ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY readers ON notes FOR SELECT USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY editors ON notes FOR UPDATE
    USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) WITH CHECK (true); -- want policy-write-gap "turn its own into rows of other tenants"
CREATE POLICY cleaners ON notes FOR DELETE USING (true); -- want policy-write-gap "delete rows of other tenants"
GRANT SELECT, UPDATE, DELETE ON notes TO app_user;

-- The user of a membership may be anybody's, but who writes the row makes itself a member.
CREATE TABLE memberships (user_id uuid NOT NULL, tenant_id uuid NOT NULL, PRIMARY KEY (user_id, tenant_id));
ALTER TABLE memberships ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON memberships USING (user_id = nullif(current_setting('app.user_id', true), '')::uuid); -- want policy-write-gap "lets role app_user create rows of other tenants"
GRANT SELECT, INSERT ON memberships TO app_user;

-- Granted, and silently refused.
CREATE TABLE labels (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
ALTER TABLE labels ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY readers ON labels FOR SELECT USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid); -- want policy-write-gap "may UPDATE and DELETE rows of public.labels, but no policy is for that: it changes no row and reports success"
GRANT SELECT, UPDATE, DELETE ON labels TO app_user;

-- Every privilege was granted, so perhaps only reading was meant: a hint.
CREATE TABLE plans (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
ALTER TABLE plans ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY readers ON plans FOR SELECT USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid); -- want policy-write-gap "may INSERT, UPDATE and DELETE rows of public.plans, but no policy is for that: each INSERT fails, and the others change no row"
GRANT ALL ON plans TO app_user;
