-- model: superuser app=app_user,worker,importer
CREATE ROLE reporting BYPASSRLS;
GRANT reporting TO app_user; -- want role-bypasses-rls "role app_user may become reporting, which is BYPASSRLS"
CREATE ROLE worker LOGIN BYPASSRLS; -- want role-bypasses-rls "role worker is BYPASSRLS"
CREATE ROLE importer LOGIN;
GRANT pg_read_server_files TO importer; -- want role-bypasses-rls "role importer may become pg_read_server_files"
CREATE TABLE orders (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
ALTER TABLE orders ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON orders USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT ON orders TO app_user, worker, importer;
