-- +goose Up
CREATE TABLE payments ( -- planted: rls-disabled
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id        uuid NOT NULL,
    amount    bigint NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

CREATE TABLE reminders (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id        uuid NOT NULL,
    text      text NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
ALTER TABLE reminders ENABLE ROW LEVEL SECURITY; -- planted: rls-not-forced
CREATE POLICY tenant ON reminders
    USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);

CREATE TABLE exports (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id        uuid NOT NULL,
    path      text NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
ALTER TABLE exports ENABLE ROW LEVEL SECURITY;
ALTER TABLE exports FORCE ROW LEVEL SECURITY; -- planted: rls-no-policy

CREATE TABLE notes (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id        uuid NOT NULL,
    text      text NOT NULL,
    public    boolean NOT NULL DEFAULT false,
    PRIMARY KEY (tenant_id, id)
);
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
ALTER TABLE notes FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON notes
    USING (public OR -- planted: policy-leaks
           tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);

CREATE TABLE attachments ( -- planted: tenant-column-missing
    id   uuid PRIMARY KEY,
    path text NOT NULL
);

CREATE TABLE audit_entries (
    tenant_id uuid REFERENCES tenants (id), -- planted: tenant-column-nullable
    at        timestamptz NOT NULL,
    actor     text NOT NULL
);
CREATE INDEX audit_entries_tenant ON audit_entries (tenant_id); -- planted: index-tenant-only
ALTER TABLE audit_entries ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_entries FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON audit_entries
    USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);

CREATE TABLE counters ( -- planted: tenant-index-missing
    name      text NOT NULL,
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    value     bigint NOT NULL,
    PRIMARY KEY (name, tenant_id)
);
ALTER TABLE counters ENABLE ROW LEVEL SECURITY;
ALTER TABLE counters FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON counters
    USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);

CREATE INDEX invoices_created ON invoices (created_at); -- planted: index-not-concurrent

CREATE TABLE api_keys (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id        uuid NOT NULL UNIQUE,
    name      text NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
ALTER TABLE api_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE api_keys FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON api_keys
    USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);

CREATE TABLE tags (
    tenant_id uuid REFERENCES tenants (id),
    name      text NOT NULL,
    UNIQUE (tenant_id, name)
);
ALTER TABLE tags ENABLE ROW LEVEL SECURITY;
ALTER TABLE tags FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON tags
    USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);

GRANT SELECT, INSERT, UPDATE, DELETE ON payments, reminders, exports, notes, audit_entries, counters, api_keys
    TO invoicing_app;

-- +goose Down
DROP TABLE tags, api_keys, counters, audit_entries, attachments, notes, exports, reminders, payments;
