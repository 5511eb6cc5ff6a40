CREATE TABLE orders (id uuid PRIMARY KEY, tenant_id uuid NOT NULL, state text NOT NULL);
UPDATE orders SET state = 'open';
ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON orders TO app_user USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT, UPDATE ON orders TO app_user;

-- The owner is not bound yet, or not any more.
UPDATE orders SET state = 'open';
ALTER TABLE orders FORCE ROW LEVEL SECURITY;
ALTER TABLE orders NO FORCE ROW LEVEL SECURITY;
DELETE FROM orders;
ALTER TABLE orders FORCE ROW LEVEL SECURITY;

-- A policy that lets the owner see all.
CREATE TABLE refunds (id uuid PRIMARY KEY, tenant_id uuid NOT NULL, state text NOT NULL);
ALTER TABLE refunds ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON refunds TO app_user USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY migrations ON refunds TO app_owner USING (true);
UPDATE refunds SET state = 'open';
INSERT INTO refunds SELECT gen_random_uuid(), gen_random_uuid(), 'open' WHERE false;

-- One tenant after the other.
SELECT set_config('app.tenant_id', 'aaaaaaaa-0000-4000-8000-000000000001', false);
UPDATE orders SET state = 'open';
