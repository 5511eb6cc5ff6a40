DROP TABLE tenant_acme.custom_fields, invoices_core;
ALTER TABLE tenant_best.orders DROP COLUMN cost_centre;
DROP INDEX invoices_acme;
ALTER TABLE invoices ADD COLUMN custom jsonb;
