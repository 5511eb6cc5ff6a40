-- model: superuser
CREATE ROLE web LOGIN;
CREATE TABLE orders (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
ALTER TABLE orders ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON orders TO web -- want policy-role-mismatch "role app_user may use public.orders, but no policy of the table is for it"
    USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT ON orders TO app_user;
