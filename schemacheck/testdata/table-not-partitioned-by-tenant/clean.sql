CREATE TABLE orders (tenant_id uuid NOT NULL, id uuid NOT NULL, PRIMARY KEY (tenant_id, id)) PARTITION BY HASH (tenant_id);
CREATE TABLE orders_0 PARTITION OF orders FOR VALUES WITH (MODULUS 1, REMAINDER 0);
CREATE TABLE lines (
	tenant_id uuid NOT NULL, order_id uuid NOT NULL, FOREIGN KEY (tenant_id, order_id) REFERENCES orders (tenant_id, id)
) PARTITION BY HASH (tenant_id);
CREATE TABLE lines_0 PARTITION OF lines FOR VALUES WITH (MODULUS 1, REMAINDER 0);
-- By time, and by time and then by tenant.
CREATE TABLE events (tenant_id uuid NOT NULL, at date NOT NULL) PARTITION BY RANGE (at);
CREATE TABLE events_old PARTITION OF events FOR VALUES FROM (MINVALUE) TO ('2030-01-01');
CREATE TABLE calls (tenant_id uuid NOT NULL, at date NOT NULL) PARTITION BY RANGE (at);
CREATE TABLE calls_old PARTITION OF calls FOR VALUES FROM (MINVALUE) TO ('2030-01-01') PARTITION BY HASH (tenant_id);
CREATE TABLE calls_old_0 PARTITION OF calls_old FOR VALUES WITH (MODULUS 1, REMAINDER 0);
-- Small, and by itself.
CREATE TABLE settings (tenant_id uuid PRIMARY KEY, theme text);
CREATE TABLE colours (name text PRIMARY KEY);
