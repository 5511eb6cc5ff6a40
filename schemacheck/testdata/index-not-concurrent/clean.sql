CREATE TABLE orders (id uuid PRIMARY KEY, tenant_id uuid NOT NULL, at date NOT NULL);
CREATE INDEX ON orders (tenant_id);
CREATE TABLE events (tenant_id uuid NOT NULL, at date NOT NULL) PARTITION BY RANGE (at);
CREATE TABLE currencies (code text PRIMARY KEY, name text);
-- next migration
CREATE INDEX CONCURRENTLY orders_tenant_at ON orders (tenant_id, at);
CREATE INDEX ON events (tenant_id, at);
CREATE INDEX ON currencies (name);
CREATE TABLE refunds (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
CREATE INDEX ON refunds (tenant_id);
