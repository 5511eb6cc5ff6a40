CREATE FUNCTION tenant() RETURNS uuid LANGUAGE plpgsql AS $$ BEGIN RETURN nullif(current_setting('app.tenant_id', true), '')::uuid; END $$;
CREATE TABLE orders (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
ALTER TABLE orders ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON orders USING (tenant_id::text = nullif(current_setting('app.tenant_id', true), '')); -- want policy-slow "casts column tenant_id, which has an index as uuid only"
CREATE TABLE refunds (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
ALTER TABLE refunds ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON refunds USING (tenant_id = tenant()); -- want policy-slow "calls public.tenant\(\), which is VOLATILE, for each row"
CREATE TABLE files (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
ALTER TABLE files ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON files USING (tenant_id IN (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid)); -- want policy-slow "compares tenant_id with the rows of a subquery"
GRANT SELECT ON orders, refunds, files TO app_user;
