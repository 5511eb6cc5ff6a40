DROP INDEX orders_tenant;
CREATE INDEX ON orders (tenant_id, id);
