CREATE TABLE orders (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
GRANT SELECT, INSERT ON orders TO PUBLIC; -- want grant-public "is granted to PUBLIC"
