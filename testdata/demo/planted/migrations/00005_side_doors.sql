-- +goose Up
-- Roles and grants.
CREATE ROLE reporting NOLOGIN BYPASSRLS;
GRANT reporting TO invoicing_app; -- planted: role-bypasses-rls, planted: isolation-weakened
ALTER ROLE invoicing_app SET app.tenant_id = '6f1c2f4e-0000-4000-8000-000000000001'; -- planted: setting-default-tenant
GRANT TRUNCATE ON customers TO invoicing_app; -- planted: grant-truncate
GRANT REFERENCES ON customers TO invoicing_app; -- planted: grant-references
GRANT CREATE ON SCHEMA public TO invoicing_app;
GRANT SELECT ON reminders TO PUBLIC; -- planted: grant-public

-- Policies.
CREATE FUNCTION current_tenant() RETURNS uuid LANGUAGE sql IMMUTABLE -- planted: policy-volatile-context
AS $$ SELECT nullif(current_setting('app.tenant_id', true), '')::uuid $$;

CREATE TABLE discounts (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    code      text NOT NULL,
    percent   integer NOT NULL,
    PRIMARY KEY (tenant_id, code)
);
ALTER TABLE discounts ENABLE ROW LEVEL SECURITY;
ALTER TABLE discounts FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON discounts USING (tenant_id = current_tenant());

CREATE TABLE sessions (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id        uuid NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
ALTER TABLE sessions ENABLE ROW LEVEL SECURITY;
ALTER TABLE sessions FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON sessions
    USING (current_setting('app.tenant_id', true) IS NULL -- planted: policy-fails-open
        OR tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);

CREATE TABLE drafts (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id        uuid NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE POLICY tenant ON drafts -- planted: policy-without-rls
    USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);

CREATE TABLE holidays (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id        uuid NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
ALTER TABLE holidays ENABLE ROW LEVEL SECURITY;
ALTER TABLE holidays FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON holidays
    USING (tenant_id = current_setting('app.tenant_id', true)::uuid); -- planted: policy-unsafe-cast

CREATE TABLE webhooks (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id        uuid NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
ALTER TABLE webhooks ENABLE ROW LEVEL SECURITY;
ALTER TABLE webhooks FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON webhooks -- planted: policy-slow
    USING (tenant_id::text = nullif(current_setting('app.tenant_id', true), ''));

CREATE TABLE invitations (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id        uuid NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
ALTER TABLE invitations ENABLE ROW LEVEL SECURITY;
ALTER TABLE invitations FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON invitations TO invoicing_owner -- planted: policy-role-mismatch
    USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT, INSERT, UPDATE, DELETE ON invitations TO invoicing_app;

-- Keys.
CREATE TABLE contacts (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id        uuid NOT NULL UNIQUE,
    email     text NOT NULL UNIQUE, -- planted: unique-crosses-tenant, planted: index-not-tenant-leading
    PRIMARY KEY (tenant_id, id)
);
ALTER TABLE contacts ENABLE ROW LEVEL SECURITY;
ALTER TABLE contacts FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON contacts
    USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);

CREATE TABLE calls (
    tenant_id  uuid NOT NULL REFERENCES tenants (id),
    id         uuid NOT NULL,
    contact_id uuid NOT NULL REFERENCES contacts (id) ON DELETE CASCADE, -- planted: foreign-key-crosses-tenant
    recording  oid, -- planted: large-object-exposed
    PRIMARY KEY (tenant_id, id)
);
ALTER TABLE calls ENABLE ROW LEVEL SECURITY;
ALTER TABLE calls FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON calls
    USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);

-- Partitions.
CREATE TABLE events (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    at        date NOT NULL,
    kind      text NOT NULL,
    PRIMARY KEY (tenant_id, at, kind)
) PARTITION BY RANGE (at);
ALTER TABLE events ENABLE ROW LEVEL SECURITY;
ALTER TABLE events FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON events
    USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE TABLE events_2027 PARTITION OF events FOR VALUES FROM ('2027-01-01') TO ('2028-01-01'); -- planted: partition-exposed

GRANT SELECT, INSERT, UPDATE, DELETE ON discounts, sessions, drafts, contacts, calls, events, events_2027
    TO invoicing_app;

-- Views, functions and rules.
CREATE VIEW invoice_totals AS -- planted: view-bypasses-rls
    SELECT currency, sum(total) AS total FROM reminders JOIN invoices USING (tenant_id) GROUP BY currency;
CREATE MATERIALIZED VIEW busy_customers AS -- planted: matview-exposes-tenants
    SELECT customer_id, count(*) AS invoices FROM invoices GROUP BY customer_id;
CREATE TABLE ledger (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id        uuid NOT NULL,
    amount    bigint NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE VIEW my_ledger AS -- planted: security-barrier-missing
    SELECT id, amount FROM ledger WHERE tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid;
GRANT SELECT ON invoice_totals, busy_customers, my_ledger TO invoicing_app;

CREATE FUNCTION count_reminders(since uuid) RETURNS bigint LANGUAGE sql -- planted: function-bypasses-rls
    SECURITY DEFINER SET search_path = public, pg_temp
AS $$ SELECT count(*) FROM reminders WHERE id > since $$;
CREATE FUNCTION my_reminders() RETURNS bigint LANGUAGE sql SECURITY DEFINER -- planted: function-search-path
AS $$ SELECT count(*) FROM reminders WHERE tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid $$;
CREATE FUNCTION enter(tenant uuid) RETURNS void LANGUAGE sql -- planted: function-set-not-local
AS $$ SELECT set_config('app.tenant_id', tenant::text, false) $$;
CREATE FUNCTION mail_domain(address text) RETURNS text LANGUAGE plpgsql IMMUTABLE LEAKPROOF COST 1 -- planted: leakproof-function
AS $$ BEGIN RETURN split_part(address, '@', 2); END $$;
-- +goose StatementBegin
CREATE FUNCTION announce() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('ledger', row_to_json(NEW)::text);
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER announce AFTER INSERT ON ledger FOR EACH ROW EXECUTE FUNCTION announce(); -- planted: notify-exposes-rows
CREATE RULE forget AS ON INSERT TO contacts DO ALSO DELETE FROM reminders; -- planted: rule-bypasses-rls

ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO invoicing_app; -- planted: default-privileges-open
CREATE TABLE uploads ( -- planted: grant-truncate, planted: app-role-owns-table
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id        uuid NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
ALTER TABLE uploads ENABLE ROW LEVEL SECURITY;
ALTER TABLE uploads FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON uploads
    USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
ALTER TABLE uploads OWNER TO invoicing_app;

-- Operations.
ALTER TABLE invoice_lines NO FORCE ROW LEVEL SECURITY; -- planted: isolation-weakened, planted: rls-not-forced
UPDATE customers SET email = lower(email); -- planted: migration-blind-dml
ALTER TABLE tags ALTER COLUMN tenant_id SET NOT NULL; -- planted: tenant-column-not-null-at-once

-- +goose Down
DROP TABLE discounts;
