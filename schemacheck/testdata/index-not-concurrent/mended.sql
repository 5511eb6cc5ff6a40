DROP INDEX CONCURRENTLY orders_tenant_at;
CREATE INDEX CONCURRENTLY orders_tenant_at ON orders (tenant_id, at);
