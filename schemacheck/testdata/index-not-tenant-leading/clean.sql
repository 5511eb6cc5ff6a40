CREATE TABLE invoices (tenant_id uuid NOT NULL, id uuid PRIMARY KEY, status text);
CREATE INDEX ON invoices (tenant_id, status);
CREATE TABLE currencies (code text PRIMARY KEY, name text);
CREATE INDEX ON currencies (name);
CREATE TABLE events (id uuid NOT NULL, tenant_id uuid NOT NULL, at date) PARTITION BY LIST (tenant_id);
CREATE INDEX ON events (at);
CREATE TABLE payments (tenant_id uuid NOT NULL, id uuid PRIMARY KEY, paid_at date, amount int);
CREATE INDEX ON payments (paid_at); -- the sweep over all tenants has an index of its own
CREATE INDEX ON payments (paid_at, tenant_id);
CREATE INDEX ON payments (tenant_id, paid_at, amount);
