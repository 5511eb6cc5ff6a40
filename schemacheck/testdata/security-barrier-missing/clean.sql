CREATE TABLE orders (id uuid PRIMARY KEY, tenant_id uuid NOT NULL, note text);
CREATE VIEW my_orders WITH (security_barrier) AS
    SELECT id, note FROM orders WHERE tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid;
GRANT SELECT ON my_orders TO app_user;
