CREATE TABLE invoices (id uuid PRIMARY KEY, tenant_id uuid NOT NULL); -- want tenant-index-missing "no index of public.invoices leads with tenant_id"
CREATE TABLE orders (id uuid, tenant_id uuid NOT NULL, PRIMARY KEY (id, tenant_id)); -- want tenant-index-missing "no index of public.orders"
CREATE TABLE refunds (id uuid PRIMARY KEY, tenant_id uuid NOT NULL, open boolean NOT NULL); -- want tenant-index-missing "only partial indexes of public.refunds"
CREATE INDEX ON refunds (tenant_id) WHERE open;
CREATE TABLE events (id uuid NOT NULL, tenant_id uuid NOT NULL, at date) PARTITION BY RANGE (at); -- want tenant-index-missing "no index of public.events"
CREATE TABLE events_2031 PARTITION OF events FOR VALUES FROM ('2031-01-01') TO ('2032-01-01');
