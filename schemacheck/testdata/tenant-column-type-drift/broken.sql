-- model: registry=tenants
CREATE TABLE tenants (id uuid PRIMARY KEY);
CREATE TABLE invoices (id uuid PRIMARY KEY, tenant_id uuid NOT NULL REFERENCES tenants);
CREATE TABLE payments (id uuid PRIMARY KEY, tenant_id text NOT NULL); -- want tenant-column-type-drift "tenant column tenant_id of public.payments is text, but public.tenants.id is uuid"
CREATE TABLE orders (id uuid PRIMARY KEY, tenant_id bigint NOT NULL); -- want tenant-column-type-drift "tenant_id of public.orders is bigint"
-- A policy uses the column, so that its type cannot change by itself.
CREATE TABLE refunds (id uuid PRIMARY KEY, tenant_id varchar(36) NOT NULL); -- want tenant-column-type-drift "tenant_id of public.refunds is character varying\(36\)"
ALTER TABLE refunds ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON refunds USING (tenant_id = nullif(current_setting('app.tenant_id', true), ''));
