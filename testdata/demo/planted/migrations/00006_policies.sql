-- +goose Up
CREATE TABLE statements (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id        uuid NOT NULL UNIQUE,
    PRIMARY KEY (tenant_id, id)
);
ALTER TABLE statements ENABLE ROW LEVEL SECURITY;
ALTER TABLE statements FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON statements
    USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY support ON statements FOR SELECT
    USING (current_setting('app.role', true) = 'support'); -- planted: policy-bypass-setting

CREATE TABLE statement_lines ( -- planted: child-table-unpinned
    id           uuid PRIMARY KEY,
    statement_id uuid NOT NULL REFERENCES statements (id) ON DELETE CASCADE,
    amount       bigint NOT NULL
);
CREATE INDEX statement_lines_statement ON statement_lines (statement_id);

CREATE TABLE templates (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    name      text NOT NULL,
    PRIMARY KEY (tenant_id, name)
);
ALTER TABLE templates ENABLE ROW LEVEL SECURITY;
ALTER TABLE templates FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON templates
    USING (tenant_id = '6f1c2f4e-0000-4000-8000-000000000001' -- planted: policy-hardcoded-tenant
        OR tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);

CREATE TABLE credit_notes (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id        uuid NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
ALTER TABLE credit_notes ENABLE ROW LEVEL SECURITY;
ALTER TABLE credit_notes FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON credit_notes
    USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    WITH CHECK (true); -- planted: policy-write-gap

GRANT SELECT, INSERT, UPDATE, DELETE ON statements, statement_lines, templates, credit_notes TO invoicing_app;

-- +goose Down
DROP TABLE credit_notes, templates, statement_lines, statements;
