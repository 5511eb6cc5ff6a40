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
GRANT SELECT ON orders, refunds, files TO app_user;
