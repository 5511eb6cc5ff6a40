-- A shop as a service: forty tenants in shared tables. Most of it is as it should be.
CREATE ROLE shop_owner NOLOGIN;
CREATE ROLE shop_app LOGIN;
GRANT CREATE, USAGE ON SCHEMA public TO shop_owner;
SET ROLE shop_owner;

CREATE TABLE tenants (
    id   uuid PRIMARY KEY,
    name text NOT NULL
);

CREATE TABLE customers (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id        bigint NOT NULL,
    email     text NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, email)
);

CREATE TABLE orders (
    tenant_id   uuid NOT NULL REFERENCES tenants (id),
    id          bigint NOT NULL,
    customer_id bigint NOT NULL,
    total       bigint NOT NULL,
    status      text NOT NULL,
    created_at  timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, customer_id) REFERENCES customers (tenant_id, id)
);
CREATE INDEX orders_customer ON orders (tenant_id, customer_id);
-- Made for a dashboard in a hurry: it does not lead with the tenant.
CREATE INDEX orders_created ON orders (created_at);

CREATE TABLE order_lines (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    order_id  bigint NOT NULL,
    position  int NOT NULL,
    sku       text NOT NULL,
    amount    bigint NOT NULL,
    PRIMARY KEY (tenant_id, order_id, position),
    FOREIGN KEY (tenant_id, order_id) REFERENCES orders (tenant_id, id) ON DELETE CASCADE
);

-- Row-level security isolates it, but every query walks the payments of all tenants.
CREATE TABLE payments (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id        uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    order_id  bigint NOT NULL,
    amount    bigint NOT NULL,
    paid_at   timestamptz NOT NULL,
    FOREIGN KEY (tenant_id, order_id) REFERENCES orders (tenant_id, id)
);

CREATE TABLE events (
    tenant_id uuid NOT NULL,
    id        bigint NOT NULL,
    at        timestamptz NOT NULL,
    payload   jsonb NOT NULL,
    PRIMARY KEY (tenant_id, id, at)
) PARTITION BY RANGE (at);
CREATE TABLE events_2026_10 PARTITION OF events FOR VALUES FROM ('2026-10-01') TO ('2026-11-01');
CREATE TABLE events_2026_11 PARTITION OF events FOR VALUES FROM ('2026-11-01') TO ('2026-12-01');

-- Added last week, without a policy.
CREATE TABLE notes (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id        bigint NOT NULL,
    order_id  bigint NOT NULL,
    body      text NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, order_id) REFERENCES orders (tenant_id, id) ON DELETE CASCADE
);

-- Runs with the rights of its owner, whom no policy binds.
CREATE VIEW order_totals AS
    SELECT tenant_id, customer_id, count(*) AS orders, sum(total) AS total FROM orders GROUP BY tenant_id, customer_id;

ALTER TABLE tenants ENABLE ROW LEVEL SECURITY;
ALTER TABLE tenants FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON tenants USING (id = nullif(current_setting('app.tenant_id', true), '')::uuid);
ALTER TABLE customers ENABLE ROW LEVEL SECURITY;
ALTER TABLE customers FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON customers USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON orders USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
ALTER TABLE order_lines ENABLE ROW LEVEL SECURITY;
ALTER TABLE order_lines FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON order_lines USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
ALTER TABLE events ENABLE ROW LEVEL SECURITY;
ALTER TABLE events FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON events USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
ALTER TABLE payments ENABLE ROW LEVEL SECURITY;
ALTER TABLE payments FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON payments USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);

GRANT SELECT ON tenants, order_totals TO shop_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON customers, orders, order_lines, notes TO shop_app;
GRANT SELECT, INSERT ON payments, events, events_2026_11 TO shop_app;
RESET ROLE;
