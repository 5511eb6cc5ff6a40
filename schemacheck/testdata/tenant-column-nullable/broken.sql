CREATE TABLE invoices (
    id        uuid PRIMARY KEY,
    tenant_id uuid -- want tenant-column-nullable "tenant column tenant_id of public.invoices accepts NULL"
);
CREATE TABLE events (id uuid, tenant_id uuid, at date) PARTITION BY RANGE (at); -- want tenant-column-nullable "tenant column tenant_id of public.events"
CREATE TABLE events_2031 PARTITION OF events FOR VALUES FROM ('2031-01-01') TO ('2032-01-01');
CREATE TABLE orders (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
ALTER TABLE orders ALTER COLUMN tenant_id DROP NOT NULL; -- want tenant-column-nullable "tenant column tenant_id of public.orders"
