-- A role is not the client's to choose.
CREATE TABLE reports (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
ALTER TABLE reports ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON reports
    USING (pg_has_role(session_user, 'app_owner', 'member') OR tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT ON reports TO app_user;

-- The setting only takes rows away.
CREATE TABLE orders (id uuid PRIMARY KEY, tenant_id uuid NOT NULL, archived boolean NOT NULL);
ALTER TABLE orders ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON orders
    USING ((current_setting('app.archive', true) = 'on' OR NOT archived) AND tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT ON orders TO app_user;

-- Open by something else: policy-leaks.
CREATE TABLE articles (id uuid PRIMARY KEY, tenant_id uuid NOT NULL, public boolean NOT NULL);
ALTER TABLE articles ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON articles USING (public OR current_setting('app.admin', true) = 'on'
    OR tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE TABLE files (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
ALTER TABLE files ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON files USING (nullif(current_setting('app.tenant_id', true), '') IS NOT NULL);
GRANT SELECT ON articles, files TO app_user;
