CREATE TABLE orders (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
GRANT SELECT ON orders TO app_user;
CREATE TABLE currencies (code text PRIMARY KEY);
GRANT SELECT ON currencies TO PUBLIC;
