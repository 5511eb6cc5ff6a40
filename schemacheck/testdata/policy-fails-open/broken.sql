-- Open on a fresh connection.
CREATE TABLE invoices (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
ALTER TABLE invoices ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON invoices USING (current_setting('app.tenant_id', true) IS NULL -- want policy-fails-open "lets role app_user see rows of other tenants: .* while no tenant is set"
    OR tenant_id = current_setting('app.tenant_id', true)::uuid);
GRANT SELECT ON invoices TO app_user;

-- Open on a connection that another transaction has used.
CREATE TABLE orders (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
ALTER TABLE orders ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON orders USING (current_setting('app.tenant_id', true) = '' -- want policy-fails-open "while no tenant is set"
    OR tenant_id::text = current_setting('app.tenant_id', true));
GRANT SELECT ON orders TO app_user;

-- The column is compared with itself.
CREATE TABLE refunds (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
ALTER TABLE refunds ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON refunds
    USING (tenant_id = coalesce(nullif(current_setting('app.tenant_id', true), ''), tenant_id::text)::uuid); -- want policy-fails-open "while no tenant is set"
GRANT SELECT ON refunds TO app_user;

-- The function gives the first customer's id.
CREATE FUNCTION current_tenant() RETURNS uuid LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN current_setting('app.tenant_id')::uuid;
EXCEPTION WHEN others THEN
    RETURN 'bbbbbbbb-0000-4000-8000-000000000002'::uuid;
END $$;
CREATE TABLE notes (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
ALTER TABLE notes ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON notes USING (tenant_id = current_tenant()); -- want policy-fails-open "the rows of the fixed tenant"
GRANT SELECT ON notes TO app_user;

-- The restrictive policy is no fence while no tenant is set.
CREATE TABLE jobs (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
ALTER TABLE jobs ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY everybody ON jobs USING (true);
CREATE POLICY tenant ON jobs AS RESTRICTIVE
    USING (current_setting('app.tenant_id', true) IS NULL OR tenant_id = current_setting('app.tenant_id', true)::uuid); -- want policy-fails-open "policy tenant of public.jobs"
GRANT SELECT ON jobs TO app_user;

-- Rows without a tenant have '', and so has the setting on a used connection.
CREATE TABLE drafts (id uuid PRIMARY KEY, tenant_id text NOT NULL DEFAULT '');
ALTER TABLE drafts ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON drafts USING (tenant_id = current_setting('app.tenant_id', true)); -- want policy-fails-open "tenant_id is '' by default"
GRANT SELECT ON drafts TO app_user;

-- NULL, not false, is what the comparison gives.
CREATE TABLE visits (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
ALTER TABLE visits ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON visits USING (coalesce(tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid, true)); -- want policy-fails-open "every row passes, while no tenant is set"
GRANT SELECT ON visits TO app_user;

CREATE TABLE labels (id uuid PRIMARY KEY, tenant_id text NOT NULL);
ALTER TABLE labels ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON labels USING (
    length(coalesce(current_setting('app.tenant_id', true), '')) = 0 -- want policy-fails-open "while no tenant is set"
    OR tenant_id = current_setting('app.tenant_id', true));
GRANT SELECT ON labels TO app_user;

CREATE TABLE plans (id uuid PRIMARY KEY, tenant_id text NOT NULL);
ALTER TABLE plans ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON plans USING (CASE WHEN current_setting('app.tenant_id', true) <> ''
    THEN tenant_id = current_setting('app.tenant_id', true) ELSE true END); -- want policy-fails-open "every row passes, while no tenant is set"
GRANT SELECT ON plans TO app_user;
