CREATE TABLE orders (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
ALTER TABLE orders ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON orders USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE TABLE refunds (id uuid PRIMARY KEY, tenant_id text NOT NULL);
ALTER TABLE refunds ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON refunds USING (tenant_id = current_setting('app.tenant_id', true)::text);
-- Meant to raise an error on every connection.
CREATE TABLE files (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
ALTER TABLE files ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON files USING (tenant_id = current_setting('app.tenant_id')::uuid);
CREATE FUNCTION tenant() RETURNS uuid LANGUAGE sql STABLE AS $$ SELECT nullif(trim(current_setting('app.tenant_id', true)), '')::uuid $$;
CREATE TABLE notes (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
ALTER TABLE notes ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON notes USING (tenant_id = tenant());
GRANT SELECT ON orders, refunds, files, notes TO app_user;
