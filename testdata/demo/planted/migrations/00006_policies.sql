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

CREATE TABLE members (
    user_id   uuid NOT NULL,
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    PRIMARY KEY (user_id, tenant_id)
);
CREATE INDEX members_tenant_user ON members (tenant_id, user_id);
ALTER TABLE members ENABLE ROW LEVEL SECURITY;
ALTER TABLE members FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON members FOR SELECT
    USING (user_id = nullif(current_setting('app.user_id', true), '')::uuid);
GRANT SELECT ON members TO invoicing_app;

CREATE TABLE folders (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id        uuid NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
ALTER TABLE folders ENABLE ROW LEVEL SECURITY;
ALTER TABLE folders FORCE ROW LEVEL SECURITY;
CREATE POLICY members ON folders -- planted: tenant-column-mutable
    USING (tenant_id = ANY (ARRAY(SELECT m.tenant_id FROM members m
                                  WHERE m.user_id = nullif(current_setting('app.user_id', true), '')::uuid)));

CREATE TABLE bank_accounts (
    tenant_id text NOT NULL, -- planted: tenant-column-type-drift
    id        uuid NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
ALTER TABLE bank_accounts ENABLE ROW LEVEL SECURITY;
ALTER TABLE bank_accounts FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON bank_accounts
    USING (tenant_id = nullif(current_setting('app.tenant_id', true), ''));

CREATE TABLE users (
    tenant_id     uuid NOT NULL REFERENCES tenants (id),
    id            uuid NOT NULL,
    password_hash text NOT NULL, -- planted: secret-column-exposed
    PRIMARY KEY (tenant_id, id)
);
ALTER TABLE users ENABLE ROW LEVEL SECURITY;
ALTER TABLE users FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON users
    USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);

GRANT SELECT, INSERT, UPDATE, DELETE ON folders, users TO invoicing_app;

-- +goose Down
DROP TABLE users, bank_accounts, folders, members;
DROP TABLE credit_notes, templates, statement_lines, statements;
