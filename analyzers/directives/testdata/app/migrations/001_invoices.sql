CREATE TABLE invoices (id uuid, tenant_id uuid NOT NULL, PRIMARY KEY (tenant_id, id));
