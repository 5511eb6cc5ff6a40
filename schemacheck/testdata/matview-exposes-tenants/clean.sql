CREATE TABLE invoices (id uuid PRIMARY KEY, tenant_id uuid NOT NULL, memo text);
ALTER TABLE invoices ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON invoices USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT, INSERT, UPDATE, DELETE ON invoices TO app_user;
CREATE MATERIALIZED VIEW totals AS SELECT tenant_id, count(*) AS n FROM invoices GROUP BY tenant_id;
CREATE TABLE currencies (code text PRIMARY KEY);
CREATE MATERIALIZED VIEW codes AS SELECT code FROM currencies;
GRANT SELECT ON codes TO app_user;
