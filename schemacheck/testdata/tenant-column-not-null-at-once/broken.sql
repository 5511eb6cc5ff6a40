CREATE TABLE orders (id uuid PRIMARY KEY);
CREATE TABLE refunds (id uuid PRIMARY KEY);
CREATE TABLE drafts (id uuid PRIMARY KEY);
CREATE TABLE notes (id uuid PRIMARY KEY);
-- next migration
ALTER TABLE orders ADD COLUMN tenant_id uuid NOT NULL; -- want tenant-column-not-null-at-once "tenant_id is added to public.orders NOT NULL"
ALTER TABLE refunds ADD COLUMN tenant_id uuid;
ALTER TABLE drafts ADD COLUMN tenant_id uuid;
ALTER TABLE notes ADD COLUMN tenant_id uuid;
-- next migration
UPDATE refunds SET tenant_id = 'aaaaaaaa-0000-4000-8000-000000000001';
ALTER TABLE refunds ALTER COLUMN tenant_id SET NOT NULL; -- want tenant-column-not-null-at-once "tenant_id of public.refunds is set NOT NULL at once"
ALTER TABLE drafts ADD CONSTRAINT drafts_tenant CHECK (tenant_id IS NOT NULL); -- want tenant-column-not-null-at-once "tenant_id of public.drafts is checked for NULL at once"
ALTER TABLE notes ADD CONSTRAINT notes_tenant CHECK (tenant_id IS NOT NULL) NOT VALID;
-- next migration
ALTER TABLE drafts ALTER COLUMN tenant_id SET NOT NULL;
ALTER TABLE notes ALTER COLUMN tenant_id SET NOT NULL; -- want tenant-column-not-null-at-once "tenant_id of public.notes is set NOT NULL at once"
