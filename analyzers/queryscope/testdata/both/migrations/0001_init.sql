CREATE TABLE invoice (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    status text NOT NULL
);
ALTER TABLE invoice ENABLE ROW LEVEL SECURITY;
ALTER TABLE invoice FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON invoice
    USING (tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid);
-- A tenant table that no policy protects.
CREATE TABLE draft (id uuid PRIMARY KEY, tenant_id uuid NOT NULL);
