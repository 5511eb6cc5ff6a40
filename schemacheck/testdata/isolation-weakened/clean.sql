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

-- A key in the place of another, and a reference that goes with its column.
CREATE TABLE customers (id uuid NOT NULL, tenant_id uuid NOT NULL, PRIMARY KEY (tenant_id, id));
CREATE TABLE contracts (
	id uuid PRIMARY KEY, tenant_id uuid NOT NULL, customer_id uuid NOT NULL, payer_id uuid,
	CONSTRAINT customer FOREIGN KEY (tenant_id, customer_id) REFERENCES customers (tenant_id, id),
	CONSTRAINT payer FOREIGN KEY (tenant_id, payer_id) REFERENCES customers (tenant_id, id)
);
GRANT SELECT, INSERT ON customers, contracts TO app_user;
ALTER TABLE contracts DROP CONSTRAINT customer;
ALTER TABLE contracts ADD FOREIGN KEY (tenant_id, customer_id) REFERENCES customers (tenant_id, id) ON DELETE CASCADE;
ALTER TABLE contracts DROP CONSTRAINT payer, DROP COLUMN payer_id;

-- Another type for the tenant column.
ALTER TABLE customers ADD COLUMN tenant bigint;
ALTER TABLE customers DROP COLUMN tenant;

-- Another policy stood beside it all the time.
CREATE TABLE letters (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
ALTER TABLE letters ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY everyone ON letters USING (true);
CREATE POLICY tenant ON letters USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT ON letters TO app_user;
DROP POLICY tenant ON letters;
