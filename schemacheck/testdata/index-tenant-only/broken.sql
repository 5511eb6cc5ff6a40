CREATE TABLE orders (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
CREATE INDEX orders_tenant ON orders (tenant_id); -- want index-tenant-only "holds the tenant alone"
