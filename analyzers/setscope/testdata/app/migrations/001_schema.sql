CREATE TABLE invoice (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    total bigint NOT NULL
);
CREATE INDEX ON invoice (tenant_id);
ALTER TABLE invoice ENABLE ROW LEVEL SECURITY;
ALTER TABLE invoice FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON invoice USING (tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid);
CREATE TABLE currency (code text PRIMARY KEY);
