CREATE TABLE orders (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
ALTER TABLE orders ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON orders USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);

-- The subquery sees only what the parent's own policies show.
CREATE TABLE order_lines (id uuid PRIMARY KEY, order_id uuid NOT NULL REFERENCES orders);
ALTER TABLE order_lines ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON order_lines USING (order_id IN (SELECT id FROM orders));
GRANT SELECT ON orders, order_lines TO app_user;

-- The parent has none either: rls-disabled.
CREATE TABLE jobs (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
CREATE TABLE job_steps (id uuid PRIMARY KEY, job_id uuid NOT NULL REFERENCES jobs);
GRANT SELECT ON jobs, job_steps TO app_user;

-- Nobody reaches it.
CREATE TABLE order_tags (id uuid PRIMARY KEY, order_id uuid NOT NULL REFERENCES orders);
