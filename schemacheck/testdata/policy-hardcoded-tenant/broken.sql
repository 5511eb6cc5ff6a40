CREATE TABLE reports (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
ALTER TABLE reports ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON reports
    USING (tenant_id = '6f1c2f4e-0000-4000-8000-000000000001' -- want policy-hardcoded-tenant "policy tenant of public.reports lets role app_user see the rows of one tenant, whose id it names"
           OR tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT ON reports TO app_user;

CREATE TABLE orders (id bigint PRIMARY KEY, tenant_id bigint NOT NULL DEFAULT 1); -- want policy-hardcoded-tenant "tenant column tenant_id of public.orders is 1 by default"
ALTER TABLE orders ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON orders USING (tenant_id IN (7, nullif(current_setting('app.tenant_id', true), '')::bigint)); -- want policy-hardcoded-tenant "see and create the rows of one tenant"
GRANT SELECT, INSERT ON orders TO app_user;

-- These two show nobody else's rows, and are of use to one tenant only.
CREATE TABLE refunds (id uuid PRIMARY KEY, tenant_id text NOT NULL);
ALTER TABLE refunds ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON refunds USING (tenant_id = nullif(current_setting('app.tenant_id', true), ''));
CREATE VIEW acme_refunds WITH (security_invoker) AS SELECT id FROM refunds WHERE tenant_id = 'acme'; -- want policy-hardcoded-tenant "view public.acme_refunds shows role app_user the rows of one tenant"
CREATE FUNCTION acme_count() RETURNS bigint LANGUAGE sql STABLE AS $$ SELECT count(*) FROM refunds WHERE tenant_id = 'acme' $$; -- want policy-hardcoded-tenant "function public.acme_count\(\) names one tenant by its id"
GRANT SELECT ON refunds, acme_refunds TO app_user;
