-- Any client can SET a custom setting.
CREATE TABLE reports (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
ALTER TABLE reports ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON reports
    USING (current_setting('app.bypass_rls', true) = 'on' -- want policy-bypass-setting "policy tenant of public.reports lets role app_user see and create rows of other tenants as soon as it chooses app.bypass_rls"
           OR tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT, INSERT ON reports TO app_user;

-- In a policy of its own.
CREATE TABLE orders (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
ALTER TABLE orders ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON orders USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY admins ON orders FOR SELECT USING (current_setting('app.role', true) IN ('admin', 'support')); -- want policy-bypass-setting "as soon as it chooses app.role"
GRANT SELECT, INSERT ON orders TO app_user;

-- As a truth value, and in a CASE.
CREATE TABLE refunds (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
ALTER TABLE refunds ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON refunds USING (
    CASE WHEN coalesce(nullif(current_setting('app.is_admin', true), '')::boolean, false) THEN true -- want policy-bypass-setting "as soon as it chooses app.is_admin"
         ELSE tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid END);
GRANT SELECT ON refunds TO app_user;

-- By a function.
CREATE FUNCTION is_admin() RETURNS boolean LANGUAGE sql STABLE AS $$ SELECT current_setting('app.admin', true) = 'yes' $$;
CREATE TABLE files (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
ALTER TABLE files ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON files USING (is_admin() OR tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid); -- want policy-bypass-setting "as soon as it chooses app.admin"
GRANT SELECT ON files TO app_user;

-- A special tenant.
CREATE TABLE visits (id uuid PRIMARY KEY, tenant_id text NOT NULL);
ALTER TABLE visits ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON visits USING (current_setting('app.tenant_id', true) = '*' OR tenant_id = nullif(current_setting('app.tenant_id', true), '')); -- want policy-bypass-setting "as soon as it chooses app.tenant_id"
GRANT SELECT ON visits TO app_user;

-- Inside the function that decides.
CREATE FUNCTION may_see(tenant text) RETURNS boolean LANGUAGE sql STABLE
    AS $$ SELECT is_admin() OR tenant = nullif(current_setting('app.tenant_id', true), '') $$;
CREATE TABLE logins (id uuid PRIMARY KEY, tenant_id text NOT NULL);
ALTER TABLE logins ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON logins USING (may_see(tenant_id)); -- want policy-bypass-setting "as soon as it chooses app.admin"
GRANT SELECT ON logins TO app_user;
