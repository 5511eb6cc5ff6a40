CREATE TABLE orders (id uuid PRIMARY KEY);
CREATE TABLE refunds (id uuid PRIMARY KEY);
CREATE TABLE drafts (id uuid PRIMARY KEY);
CREATE TABLE notes (id uuid PRIMARY KEY);
ALTER TABLE notes ADD COLUMN tenant_id uuid NOT NULL;
-- next migration
ALTER TABLE orders ADD COLUMN tenant_id uuid;
ALTER TABLE refunds ADD COLUMN tenant_id uuid NOT NULL DEFAULT 'aaaaaaaa-0000-4000-8000-000000000001';
TRUNCATE drafts;
ALTER TABLE drafts ADD COLUMN tenant_id uuid NOT NULL;
-- next migration
ALTER TABLE orders ADD CONSTRAINT orders_tenant CHECK (tenant_id IS NOT NULL) NOT VALID;
-- next migration
ALTER TABLE orders VALIDATE CONSTRAINT orders_tenant;
ALTER TABLE orders ALTER COLUMN tenant_id SET NOT NULL;
ALTER TABLE orders DROP CONSTRAINT orders_tenant;
