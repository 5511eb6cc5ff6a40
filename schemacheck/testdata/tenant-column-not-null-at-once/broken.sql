CREATE TABLE orders (id uuid PRIMARY KEY);
CREATE TABLE refunds (id uuid PRIMARY KEY);
-- next migration
ALTER TABLE orders ADD COLUMN tenant_id uuid NOT NULL; -- want tenant-column-not-null-at-once "tenant_id is added to public.orders NOT NULL"
ALTER TABLE refunds ADD COLUMN tenant_id uuid;
-- next migration
ALTER TABLE refunds ALTER COLUMN tenant_id SET NOT NULL; -- want tenant-column-not-null-at-once "tenant_id of public.refunds is set NOT NULL at once"
