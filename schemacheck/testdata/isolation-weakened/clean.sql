CREATE TABLE orders (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
ALTER TABLE orders ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON orders USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT, UPDATE ON orders TO app_user;

-- A backfill as the owner.
ALTER TABLE orders DISABLE ROW LEVEL SECURITY;
UPDATE orders SET id = id;
ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
ALTER TABLE orders NO FORCE ROW LEVEL SECURITY;
ALTER TABLE orders FORCE ROW LEVEL SECURITY;

-- Another policy that isolates as well.
DROP POLICY tenant ON orders;
CREATE POLICY tenant_rows ON orders USING (tenant_id = (SELECT nullif(current_setting('app.tenant_id', true), '')::uuid));
ALTER POLICY tenant_rows ON orders TO app_user;

-- The table is made anew.
CREATE TABLE files (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
ALTER TABLE files ENABLE ROW LEVEL SECURITY;
ALTER TABLE files DISABLE ROW LEVEL SECURITY;
DROP TABLE files;
CREATE TABLE files (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
GRANT SELECT ON files TO app_user;
