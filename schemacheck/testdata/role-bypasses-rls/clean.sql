-- model: superuser needs=16
CREATE ROLE reporting BYPASSRLS;
GRANT reporting TO app_user WITH INHERIT TRUE, SET FALSE;
ALTER ROLE app_user CREATEROLE;
CREATE TABLE orders (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
ALTER TABLE orders ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON orders USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT ON orders TO app_user;
