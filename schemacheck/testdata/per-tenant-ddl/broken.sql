-- model: superuser inferred=pattern
CREATE SCHEMA tenant_acme;
CREATE SCHEMA tenant_best;
CREATE SCHEMA tenant_core;
CREATE TABLE tenant_acme.orders (id int PRIMARY KEY, note text);
CREATE TABLE tenant_best.orders (id int PRIMARY KEY, note text);
CREATE TABLE tenant_core.orders (id int PRIMARY KEY, note text);
CREATE TABLE invoices (
	id uuid PRIMARY KEY, tenant_id uuid NOT NULL, number bigint,
	CONSTRAINT numbered CHECK (tenant_id <> 'aaaaaaaa-0000-0000-0000-000000000001' OR number IS NOT NULL)
);
-- next migration
CREATE TABLE tenant_acme.custom_fields (key text PRIMARY KEY, value text); -- want per-tenant-ddl "table tenant_acme.custom_fields is there for one tenant"
ALTER TABLE tenant_best.orders ADD COLUMN cost_centre text; -- want per-tenant-ddl "column cost_centre of tenant_best.orders is there for one tenant"
CREATE INDEX invoices_acme ON invoices (tenant_id, number) WHERE tenant_id = 'aaaaaaaa-0000-0000-0000-000000000001'; -- want per-tenant-ddl "index invoices_acme of public.invoices is there for one tenant"
CREATE TABLE invoices_core (id uuid PRIMARY KEY, number bigint); -- want per-tenant-ddl "table public.invoices_core bears the name of the tenant core and stands beside invoices"
