-- model: superuser
CREATE TABLE orders (id uuid PRIMARY KEY, tenant_id uuid NOT NULL); -- want app-role-owns-table "role app_user has the rights of the owner app_user of public.orders"
ALTER TABLE orders ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON orders USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
ALTER TABLE orders OWNER TO app_user;
