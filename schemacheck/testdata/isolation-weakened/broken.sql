CREATE TABLE orders (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
ALTER TABLE orders ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON orders USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT, UPDATE ON orders TO app_user;
CREATE TABLE refunds (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
ALTER TABLE refunds ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON refunds USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT ON refunds TO app_user;
CREATE TABLE notes (id uuid PRIMARY KEY, tenant_id uuid NOT NULL, shown boolean NOT NULL);
ALTER TABLE notes ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON notes USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT ON notes TO app_user;
CREATE TABLE files (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
ALTER TABLE files ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY everyone ON files USING (true);
CREATE POLICY tenant ON files AS RESTRICTIVE USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT ON files TO app_user;
CREATE TABLE drafts (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
ALTER TABLE drafts ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON drafts USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT ON drafts TO app_user;
ALTER TABLE drafts RENAME TO sketches;
CREATE TABLE visits (id uuid PRIMARY KEY, tenant_id uuid NOT NULL, note text);
GRANT SELECT ON visits TO app_user;
CREATE TABLE customers (id uuid NOT NULL, tenant_id uuid NOT NULL, PRIMARY KEY (tenant_id, id));
ALTER TABLE customers ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON customers USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT ON customers TO app_user;
CREATE TABLE contracts (
	id uuid PRIMARY KEY, tenant_id uuid NOT NULL, customer_id uuid NOT NULL,
	FOREIGN KEY (tenant_id, customer_id) REFERENCES customers (tenant_id, id) ON DELETE CASCADE
);
ALTER TABLE contracts ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON contracts USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT, INSERT ON contracts TO app_user;
CREATE TABLE letters (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
ALTER TABLE letters ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON letters USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT ON letters TO app_user;

ALTER TABLE orders DISABLE ROW LEVEL SECURITY; -- want isolation-weakened "row-level security of public.orders is switched off"
ALTER TABLE refunds NO FORCE ROW LEVEL SECURITY; -- want isolation-weakened "row-level security of public.refunds no longer binds its owner"
ALTER POLICY tenant ON notes USING (shown OR tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid); -- want isolation-weakened "policy tenant of public.notes is widened: .* can see rows of others"
DROP POLICY tenant ON files; -- want isolation-weakened "restrictive policy tenant of public.files is dropped: what the policy everyone admits"
DROP POLICY tenant ON sketches;
CREATE POLICY tenant ON sketches USING (true); -- want isolation-weakened "policy tenant of public.sketches is widened"
DROP POLICY tenant ON letters; -- want isolation-weakened "policy tenant of public.letters, which confined rows to the tenant, is dropped, and by reading in its place"
CREATE POLICY reading ON letters USING (true);
ALTER TABLE visits DROP COLUMN tenant_id; -- want isolation-weakened "tenant column tenant_id of public.visits is dropped"
ALTER TABLE contracts DROP CONSTRAINT contracts_tenant_id_customer_id_fkey; -- want isolation-weakened "foreign key contracts_tenant_id_customer_id_fkey of public.contracts, which kept references to public.customers within one tenant, is dropped"
