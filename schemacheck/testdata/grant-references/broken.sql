-- model: superuser
CREATE TABLE customers (id int PRIMARY KEY, tenant_id uuid NOT NULL);
ALTER TABLE customers ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON customers USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT, REFERENCES ON customers TO app_user; -- want grant-references "role app_user has REFERENCES on public.customers"
CREATE SCHEMA scratch;
GRANT USAGE, CREATE ON SCHEMA scratch TO app_user;
