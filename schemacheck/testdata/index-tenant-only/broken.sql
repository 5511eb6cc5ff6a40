CREATE TABLE invoices (id uuid PRIMARY KEY, tenant_id uuid NOT NULL, at date);
CREATE INDEX invoices_tenant ON invoices (tenant_id); -- want index-tenant-only "is superfluous: invoices_tenant_id_at_idx begins with tenant_id too"
CREATE INDEX ON invoices (tenant_id, at);
CREATE TABLE orders (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
CREATE INDEX orders_tenant ON orders (tenant_id); -- want index-tenant-only "holds the tenant alone"
