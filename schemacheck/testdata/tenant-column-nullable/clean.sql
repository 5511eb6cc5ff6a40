CREATE TABLE invoices (tenant_id uuid, id uuid, PRIMARY KEY (tenant_id, id));
CREATE TABLE orders (id uuid PRIMARY KEY, tenant_id uuid);
ALTER TABLE orders ALTER COLUMN tenant_id SET NOT NULL;
