-- +goose Up
CREATE TABLE visits (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id        uuid NOT NULL,
    at        timestamptz NOT NULL,
    doc       jsonb NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
ALTER TABLE visits ENABLE ROW LEVEL SECURITY;
ALTER TABLE visits FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON visits
    USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT, INSERT ON visits TO invoicing_app;
CREATE INDEX visits_at ON visits (tenant_id, at);
CREATE INDEX visits_at_id ON visits (tenant_id, at, id);
CREATE INDEX visits_doc ON visits USING gin (tenant_id, doc); -- planted: index-unusable-under-rls
CREATE INDEX visits_large ON visits (tenant_id, id, at) -- planted: per-tenant-ddl
    WHERE tenant_id = '6f1c2f4e-0000-4000-8000-000000000001';
DROP INDEX CONCURRENTLY visits_at; -- planted: concurrently-in-transaction
CREATE INDEX visits_at ON visits (tenant_id, at); -- planted: index-redundant-prefix

CREATE TABLE orders (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id        uuid NOT NULL,
    PRIMARY KEY (tenant_id, id)
) PARTITION BY LIST (tenant_id);
ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
ALTER TABLE orders FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON orders
    USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT, INSERT ON orders TO invoicing_app;
CREATE TABLE order_lines ( -- planted: table-not-partitioned-by-tenant
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    order_id  uuid NOT NULL,
    position  integer NOT NULL,
    PRIMARY KEY (tenant_id, order_id, position),
    FOREIGN KEY (tenant_id, order_id) REFERENCES orders (tenant_id, id)
);
ALTER TABLE order_lines ENABLE ROW LEVEL SECURITY;
ALTER TABLE order_lines FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON order_lines
    USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT, INSERT ON order_lines TO invoicing_app;
