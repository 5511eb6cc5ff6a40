CREATE TABLE invoices (id uuid PRIMARY KEY, tenant_id uuid NOT NULL, at date);
CREATE INDEX ON invoices (tenant_id, at);
CREATE TABLE counters (tenant_id uuid PRIMARY KEY, last bigint NOT NULL);
-- Beside a composite index it is superfluous instead.
CREATE TABLE visits (id uuid PRIMARY KEY, tenant_id uuid NOT NULL, at date);
CREATE INDEX ON visits (tenant_id);
CREATE INDEX ON visits (tenant_id, at);
