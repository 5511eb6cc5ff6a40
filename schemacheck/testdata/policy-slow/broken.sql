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
CREATE TABLE tickets (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
ALTER TABLE tickets ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON tickets USING ( -- want policy-slow "has the tenant's condition inside CASE"
    CASE WHEN nullif(current_setting('app.tenant_id', true), '') IS NULL THEN false
         ELSE tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid END);
CREATE FUNCTION is_own(tenant uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog
    AS $$ SELECT tenant = nullif(current_setting('app.tenant_id', true), '')::uuid $$;
CREATE TABLE labels (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
ALTER TABLE labels ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON labels USING (is_own(tenant_id)); -- want policy-slow "calls public.is_own\(uuid\) for each row"
CREATE TABLE notes (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
ALTER TABLE notes ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON notes USING (coalesce(tenant_id = tenant(), false)); -- want policy-slow "wraps the tenant's condition in IS TRUE or COALESCE"
CREATE TABLE members (user_id int NOT NULL, tenant_id uuid NOT NULL, PRIMARY KEY (user_id, tenant_id));
CREATE TABLE plans (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
ALTER TABLE plans ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON plans USING (EXISTS (SELECT 1 FROM members m -- want policy-slow "looks tenant_id up in a subquery for each row"
    WHERE m.tenant_id = plans.tenant_id AND m.user_id = nullif(current_setting('app.user_id', true), '')::int));
GRANT SELECT ON orders, refunds, files, tickets, labels, notes, plans TO app_user;
