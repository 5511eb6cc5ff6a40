CREATE TABLE invoices (tenant_id uuid NOT NULL, id uuid NOT NULL, PRIMARY KEY (tenant_id, id));
CREATE TABLE orders (id uuid PRIMARY KEY, tenant_id uuid NOT NULL, number int NOT NULL, UNIQUE (tenant_id, number));
CREATE TABLE events (id uuid NOT NULL, tenant_id uuid NOT NULL) PARTITION BY LIST (tenant_id);
CREATE TABLE refunds (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
CREATE INDEX ON refunds (tenant_id, id);
