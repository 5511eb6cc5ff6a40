DROP INDEX invoices_tenant;
DROP INDEX orders_tenant;
CREATE INDEX ON orders (tenant_id, id);
