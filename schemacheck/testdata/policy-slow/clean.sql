CREATE FUNCTION tenant() RETURNS uuid LANGUAGE plpgsql STABLE AS $$ BEGIN RETURN nullif(current_setting('app.tenant_id', true), '')::uuid; END $$;
CREATE TABLE orders (id uuid PRIMARY KEY, tenant_id uuid NOT NULL, hidden boolean NOT NULL);
ALTER TABLE orders ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON orders USING (tenant_id = tenant() AND (NOT hidden OR id IS NOT NULL));
CREATE TABLE refunds (id uuid PRIMARY KEY, tenant_id varchar(40) NOT NULL);
ALTER TABLE refunds ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON refunds USING (tenant_id::text = nullif(current_setting('app.tenant_id', true), ''));
-- This one leaks, which matters more.
CREATE TABLE files (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
ALTER TABLE files ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON files USING (true OR tenant_id = tenant());
-- PostgreSQL puts the body in the place of the call.
CREATE FUNCTION is_own(tenant uuid) RETURNS boolean LANGUAGE sql
    AS $$ SELECT tenant = nullif(current_setting('app.tenant_id', true), '')::uuid $$;
CREATE TABLE labels (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
ALTER TABLE labels ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON labels USING (is_own(tenant_id));
GRANT SELECT ON orders, refunds, files, labels TO app_user;
