CREATE TABLE orders (id uuid PRIMARY KEY, tenant_id uuid NOT NULL, at date NOT NULL);
-- next migration
CREATE INDEX orders_tenant_at ON orders (tenant_id, at); -- want index-not-concurrent "index orders_tenant_at is built on public.orders"
