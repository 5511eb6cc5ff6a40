CREATE FUNCTION current_tenant() RETURNS uuid LANGUAGE sql IMMUTABLE AS $$ SELECT nullif(current_setting('app.tenant_id', true), '')::uuid $$; -- want policy-volatile-context "policy tenant of public.orders asks public.current_tenant\(\) for the tenant, which is IMMUTABLE"
CREATE TABLE orders (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
ALTER TABLE orders ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON orders USING (tenant_id = current_tenant());
GRANT SELECT ON orders TO app_user;

-- Two functions deep, either of the two being IMMUTABLE.
CREATE FUNCTION setting() RETURNS text LANGUAGE plpgsql STABLE AS $$ BEGIN RETURN nullif(current_setting('app.tenant_id', true), ''); END $$;
CREATE FUNCTION outer_tenant() RETURNS uuid LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN setting()::uuid; END $$; -- want policy-volatile-context "asks public.outer_tenant\(\) for the tenant"
CREATE TABLE refunds (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
ALTER TABLE refunds ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON refunds USING (tenant_id = outer_tenant());
CREATE FUNCTION inner_tenant() RETURNS uuid LANGUAGE sql IMMUTABLE AS $$ SELECT nullif(current_setting('app.tenant_id', true), '')::uuid $$; -- want policy-volatile-context "asks public.inner_tenant\(\) for the tenant"
CREATE FUNCTION tenant() RETURNS uuid LANGUAGE plpgsql STABLE AS $$ BEGIN RETURN inner_tenant(); END $$;
CREATE TABLE files (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
ALTER TABLE files ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON files USING (tenant_id = tenant());
GRANT SELECT ON refunds, files TO app_user;
