CREATE TABLE customers (id uuid PRIMARY KEY, tenant_id uuid NOT NULL, email text);
CREATE UNIQUE INDEX customers_email ON customers (email); -- want index-not-tenant-leading "leads with email instead of tenant_id"
CREATE TABLE invoices (
    tenant_id   uuid NOT NULL,
    id          uuid PRIMARY KEY,
    status      text,
    customer_id uuid REFERENCES customers,
    doc         jsonb
);
CREATE INDEX ON invoices (status, tenant_id); -- want index-not-tenant-leading "index invoices_status_tenant_id_idx of public.invoices leads with status"
CREATE INDEX ON invoices (customer_id); -- want index-not-tenant-leading "4 indexes of public.invoices lead with another column than tenant_id"
CREATE INDEX ON invoices (status) WHERE status = 'open';
CREATE INDEX ON invoices (lower(status));
CREATE INDEX ON invoices USING gin (doc);
CREATE TABLE payments (tenant_id uuid NOT NULL, id uuid PRIMARY KEY, paid_at date, amount int);
CREATE INDEX ON payments (tenant_id, paid_at) WHERE amount > 0;
CREATE INDEX ON payments (tenant_id, amount, paid_at);
CREATE TABLE jobs (tenant_id uuid NOT NULL, id uuid PRIMARY KEY, queued boolean NOT NULL, priority int);
CREATE INDEX ON jobs (queued, tenant_id, priority); -- want index-not-tenant-leading "for a reason that may well stand"
CREATE INDEX ON jobs (tenant_id, priority);
CREATE INDEX ON payments (paid_at); -- want index-not-tenant-leading "leads with paid_at"
