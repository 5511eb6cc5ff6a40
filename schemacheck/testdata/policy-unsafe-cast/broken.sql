CREATE TABLE orders (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
ALTER TABLE orders ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON orders USING (tenant_id = current_setting('app.tenant_id', true)::uuid); -- want policy-unsafe-cast "policy tenant of public.orders casts setting app.tenant_id to uuid"
CREATE TABLE refunds (id uuid PRIMARY KEY, tenant_id bigint NOT NULL);
ALTER TABLE refunds ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON refunds
    USING (tenant_id = (SELECT current_setting('app.tenant_id', true)::bigint)); -- want policy-unsafe-cast "casts setting app.tenant_id to int8"
CREATE TABLE files (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
ALTER TABLE files ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON files USING (tenant_id = coalesce(trim(current_setting('app.tenant_id', true)), '')::text::uuid); -- want policy-unsafe-cast "casts setting app.tenant_id to uuid"
CREATE FUNCTION tenant() RETURNS uuid LANGUAGE sql STABLE AS $$ SELECT current_setting('app.tenant_id', true)::uuid $$;
CREATE TABLE notes (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
ALTER TABLE notes ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON notes USING (tenant_id = tenant()); -- want policy-unsafe-cast "casts setting app.tenant_id to uuid in public.tenant\(\)"
GRANT SELECT ON orders, refunds, files, notes TO app_user;
